"""The window's looks: colours for light and dark, the style sheet, and icons drawn in the text's colour."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

import gui


@dataclass(frozen=True, slots=True)
class Colours:
    """One look; text on ``window`` and on ``base`` has a contrast of at least 4.5 : 1."""

    window: str
    base: str
    raised: str
    line: str
    text: str
    quiet: str
    accent: str
    on_accent: str
    hover: str
    warning: str


LIGHT = Colours(
    "#f4f3f0", "#ffffff", "#fbfaf8", "#d9d6d0", "#22262b", "#5b6169", "#1f6f8b", "#ffffff", "#e6eef1", "#9a3412"
)
DARK = Colours(
    "#24272b", "#1c1f22", "#2b2f34", "#3d4248", "#e8e6e3", "#a9afb6", "#5fb4d1", "#10181c", "#343b42", "#f0a070"
)

SHEET = """
* {{ outline: 0; }}
QMainWindow, QDialog {{ background: {window}; }}
QMainWindow::separator {{ background: {line}; width: 1px; height: 1px; }}
QDockWidget {{ color: {quiet}; }}
QDockWidget::title {{ background: {window}; padding: 8px 12px 6px 12px; text-align: left; }}
QMenuBar {{ background: {window}; padding: 2px 6px; }}
QMenuBar::item {{ padding: 4px 9px; border-radius: 4px; background: transparent; }}
QMenuBar::item:selected {{ background: {hover}; }}
QMenu {{ background: {base}; border: 1px solid {line}; padding: 5px; }}
QMenu::item {{ padding: 5px 26px 5px 12px; border-radius: 4px; }}
QMenu::item:selected {{ background: {hover}; color: {text}; }}
QMenu::item:disabled {{ color: {quiet}; }}
QMenu::separator {{ height: 1px; background: {line}; margin: 5px 8px; }}
QToolBar {{ background: {window}; border: 0; border-bottom: 1px solid {line}; padding: 4px 8px; spacing: 2px; }}
QToolBar::separator {{ background: {line}; width: 1px; margin: 5px 7px; }}
QToolButton {{ border: 1px solid transparent; border-radius: 5px; padding: 4px 7px; color: {text}; }}
QToolButton:hover {{ background: {hover}; }}
QToolButton:checked {{ background: {hover}; border-color: {accent}; }}
QToolButton:focus {{ border-color: {accent}; }}
QToolButton:disabled {{ color: {quiet}; }}
QStatusBar {{ background: {window}; border-top: 1px solid {line}; color: {quiet}; }}
QStatusBar::item {{ border: 0; }}
QStatusBar QLabel {{ padding: 2px 8px; color: {quiet}; }}
QStatusBar QLabel[role="hand"] {{ color: {accent}; font-weight: 600; }}
QTreeView, QListView, QTableView {{ background: {base}; border: 0; color: {text};
    selection-background-color: {hover}; selection-color: {text}; alternate-background-color: {raised}; }}
QTreeView::item, QListView::item {{ padding: 3px 2px; }}
QTreeView:focus, QListView:focus {{ border: 1px solid {accent}; }}
QHeaderView::section {{ background: {window}; color: {quiet}; border: 0; padding: 4px 6px; }}
QScrollArea {{ border: 0; background: {base}; }}
QPushButton {{ background: {raised}; border: 1px solid {line}; border-radius: 5px; padding: 5px 13px; color: {text}; }}
QPushButton:hover {{ background: {hover}; }}
QPushButton:focus {{ border-color: {accent}; }}
QPushButton:checked {{ background: {hover}; border-color: {accent}; color: {accent}; }}
QPushButton:disabled {{ color: {quiet}; background: {window}; }}
QPushButton[primary="true"] {{ background: {accent}; color: {on_accent}; border-color: {accent}; font-weight: 600; }}
QPushButton[primary="true"]:disabled {{ background: {line}; color: {quiet}; border-color: {line}; }}
QPushButton[quiet="true"] {{ background: transparent; border: 1px solid transparent; padding: 3px 7px; }}
QPushButton[quiet="true"]:hover {{ background: {hover}; }}
QPushButton[quiet="true"]:focus {{ border-color: {accent}; }}
QLineEdit {{ background: {base}; color: {text}; border: 1px solid {line}; border-radius: 5px; padding: 4px 7px;
    min-height: 18px; selection-background-color: {accent}; selection-color: {on_accent}; }}
QLineEdit:focus {{ border-color: {accent}; }}
QAbstractSpinBox QLineEdit {{ border: 0; padding: 0 4px; min-height: 0; border-radius: 0; }}
QComboBox, QAbstractSpinBox {{ min-height: 24px; }}
QComboBox QAbstractItemView {{ background: {base}; border: 1px solid {line}; selection-background-color: {hover};
    selection-color: {text}; }}
QProgressBar {{ background: {line}; border: 0; border-radius: 3px; max-height: 6px; min-height: 6px; }}
QProgressBar::chunk {{ background: {accent}; border-radius: 3px; }}
QSlider::groove:horizontal {{ height: 4px; background: {line}; border-radius: 2px; }}
QSlider::sub-page:horizontal {{ background: {accent}; border-radius: 2px; }}
QSlider::sub-page:horizontal:disabled, QSlider::handle:horizontal:disabled {{ background: {line}; }}
QSlider::handle:horizontal {{ width: 14px; height: 14px; margin: -5px 0; border-radius: 7px; background: {accent};
    border: 2px solid {base}; }}
QSlider::handle:horizontal:focus {{ border-color: {text}; }}
QDialogButtonBox, QMessageBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QToolTip {{ background: {base}; color: {text}; border: 1px solid {line}; padding: 4px; }}
QLabel[role="title"] {{ font-size: 12pt; font-weight: 600; color: {text}; }}
QLabel[role="head"] {{ font-weight: 600; color: {text}; padding-top: 6px; }}
QLabel[role="quiet"] {{ color: {quiet}; }}
QLabel[role="warning"] {{ color: {warning}; }}
QFrame[role="panel"], QWidget[role="panel"] {{ background: {base}; }}
QFrame[role="card"] {{ background: {base}; border: 1px solid {line}; border-radius: 8px; }}
QFrame[role="card"] QLabel {{ background: transparent; border: 0; }}
QFrame[role="bar"] {{ background: {window}; border-top: 1px solid {line}; }}
QFrame[role="strip"] {{ background: {hover}; border-bottom: 1px solid {line}; }}
QScrollBar:vertical {{ width: 10px; background: transparent; margin: 0; }}
QScrollBar:horizontal {{ height: 10px; background: transparent; margin: 0; }}
QScrollBar::handle {{ background: {line}; border-radius: 4px; min-height: 24px; min-width: 24px; margin: 1px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
"""


FRAMED = ("QCheckBox", "QAbstractSpinBox", "QComboBox")
"""Widgets whose frame is all that shows where they are, unchecked or empty."""


class Look:
    """Which colours are on; one for the program."""

    colours = LIGHT


def is_dark() -> bool:
    """Whether the dark look is on."""
    return Look.colours is DARK


def system_prefers_dark() -> bool:
    """What the desktop asks for."""
    return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark


def rain() -> str:
    """The colour of rain in plots, apart from the accent and from water's depths, in both looks."""
    return "#7f9fe0" if is_dark() else "#4b6cb7"


def apply(application: QApplication, dark: bool) -> None:
    """Dress the whole application."""
    Look.colours = DARK if dark else LIGHT
    icon.cache_clear()
    colours = Look.colours
    application.setStyle("Fusion")
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: colours.window,
        QPalette.ColorRole.Base: colours.base,
        QPalette.ColorRole.AlternateBase: colours.raised,
        QPalette.ColorRole.Button: colours.raised,
        QPalette.ColorRole.Text: colours.text,
        QPalette.ColorRole.WindowText: colours.text,
        QPalette.ColorRole.ButtonText: colours.text,
        QPalette.ColorRole.ToolTipBase: colours.base,
        QPalette.ColorRole.ToolTipText: colours.text,
        QPalette.ColorRole.PlaceholderText: colours.quiet,
        QPalette.ColorRole.Highlight: colours.accent,
        QPalette.ColorRole.HighlightedText: colours.on_accent,
        QPalette.ColorRole.Link: colours.accent,
        QPalette.ColorRole.Mid: colours.line,
    }
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
        if role in (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(colours.quiet))
    application.setPalette(palette)
    framed = QPalette(palette)  # Fusion draws frames as the window's colour darker still: in the dark look unseen
    framed.setColor(QPalette.ColorRole.Window, QColor(colours.quiet if dark else colours.window))
    for kind in FRAMED:
        application.setPalette(framed, kind)
    application.setStyleSheet(SHEET.format(**{name: getattr(colours, name) for name in Colours.__slots__}))


def _icon_folder() -> Path:
    beside = Path(gui.__file__).resolve().parent.parent
    for folder in (beside / "assets" / "icons", beside / "citymodel" / "assets" / "icons"):
        if folder.is_dir():
            return folder
    return beside


@cache
def icon(name: str) -> QIcon:
    """The icon of that name in the text's colour, sharp at every scale; empty where there is none."""
    path = _icon_folder() / f"{name}.svg"
    found = QIcon()
    if not path.is_file():
        return found
    text = path.read_text(encoding="utf-8")
    for mode, colour in (
        (QIcon.Mode.Normal, Look.colours.text),
        (QIcon.Mode.Disabled, Look.colours.line if not is_dark() else "#5a6169"),
    ):
        drawing = QSvgRenderer(QByteArray(text.replace("currentColor", colour).encode()))
        for size in (16, 20, 24, 32, 48, 64):
            picture = QPixmap(QSize(size, size))
            picture.fill(Qt.GlobalColor.transparent)
            painter = QPainter(picture)
            drawing.render(painter)
            painter.end()
            found.addPixmap(picture, mode)
    return found
