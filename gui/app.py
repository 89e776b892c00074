"""The application: one QApplication, one window, and no error that goes unseen."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from types import TracebackType

os.environ.setdefault("QT_API", "pyside6")

from PySide6.QtCore import QLocale, QTimer
from PySide6.QtGui import QSurfaceFormat
from PySide6.QtWidgets import QApplication

from gui import theme
from gui.collector import Collector
from gui.memory import Memory
from gui.window import Window


def application() -> QApplication:
    """The one QApplication, made when first asked for."""
    found = QApplication.instance()
    if isinstance(found, QApplication):
        return found
    surface = QSurfaceFormat()
    surface.setVersion(3, 2)
    surface.setProfile(QSurfaceFormat.OpenGLContextProfile.CoreProfile)
    surface.setDepthBufferSize(24)
    surface.setStencilBufferSize(8)
    QSurfaceFormat.setDefaultFormat(surface)
    if QLocale().language() == QLocale.Language.C:  # it would not group thousands
        QLocale.setDefault(QLocale(QLocale.Language.English))
    made = QApplication(sys.argv[:1])
    made.setApplicationName("citymodel")
    made.setOrganizationName("citymodel")
    Collector(made)
    return made


def open_window(paths: Sequence[str] = (), crs: str | None = None, sample: bool = False) -> int:
    """Open the window with these files and stay until it is closed; returns the exit status."""
    app = application()
    chosen = Memory().text("look", "system")
    theme.apply(app, theme.system_prefers_dark() if chosen == "system" else chosen == "dark")
    window = Window()
    sys.excepthook = _shower(window)
    window.show()
    if sample:
        QTimer.singleShot(0, window.files.open_sample)
    elif paths:
        QTimer.singleShot(0, lambda: window.desk.open_paths(paths, crs))
    else:
        QTimer.singleShot(0, window.files.wait)
    return int(app.exec())


def _shower(window: Window):  # type: ignore[no-untyped-def]
    """An excepthook that says the fault in the window, and the whole of it on the console."""

    def show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        from citymodel.cli import plain

        if issubclass(kind, KeyboardInterrupt):
            window.close()
            return
        traceback.print_exception(kind, error, trace)
        window.desk.noticed.emit(plain(error), True)

    return show
