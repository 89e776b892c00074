"""The one registry of actions as data: menus, toolbar, shortcuts and the palette are made from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu, QToolBar

from gui import theme
from gui.words import tr


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a person can do.

    title : already translated; shortcut : as "Ctrl+O"; menu : id of the menu it stands in, "" for none;
    toolbar : whether it has a button; checked : None for a plain action, else its first state
    """

    id: str
    title: str
    callback: Callable[..., None]
    shortcut: str = ""
    menu: str = ""
    icon: str = ""
    toolbar: bool = False
    tip: str = ""
    checked: bool | None = None
    gap: bool = False  # a separator stands before it


class Registry:
    """The actions of one window, by id."""

    def __init__(self, window: QMainWindow) -> None:
        self._window = window
        self.actions: dict[str, Action] = {}
        self.qt: dict[str, QAction] = {}
        self.menus: dict[str, QMenu] = {}

    def add(self, actions: Iterable[Action]) -> None:
        """Register actions and give them to the window, so that their shortcuts work everywhere."""
        for one in actions:
            qt = QAction(one.title, self._window)
            if one.shortcut:
                qt.setShortcuts([QKeySequence(key) for key in one.shortcut.split(" or ")])
            tip = one.tip or one.title.replace("…", "")
            qt.setToolTip(f"{tip} ({one.shortcut.split(' or ')[0]})" if one.shortcut else tip)
            qt.setObjectName(one.id)
            if one.checked is not None:
                qt.setCheckable(True)
                qt.setChecked(one.checked)
            qt.triggered.connect(self._runner(one))
            self._window.addAction(qt)
            self.actions[one.id], self.qt[one.id] = one, qt
        self.dress()

    @staticmethod
    def _runner(action: Action) -> Callable[[bool], None]:
        if action.checked is not None:
            return lambda state: action.callback(state)
        return lambda _state=False: action.callback()

    def dress(self) -> None:
        """Draw the icons anew, after the theme changed."""
        for key, qt in self.qt.items():
            if self.actions[key].icon:
                qt.setIcon(theme.icon(self.actions[key].icon))

    def run(self, action_id: str) -> None:
        """Do it, as if chosen."""
        self.qt[action_id].trigger()

    def enable(self, **states: bool) -> None:
        """Allow or forbid actions by id (dots written as underscores)."""
        for key, state in states.items():
            self.qt[key.replace("_", ".")].setEnabled(state)

    def fill_menus(self, titles: dict[str, str]) -> None:
        """Build the menu bar: ``titles`` by menu id, in order."""
        bar = self._window.menuBar()
        for key, title in titles.items():
            menu = self.menus[key] = bar.addMenu(title)
            menu.setToolTipsVisible(True)
            for one in self.actions.values():
                if one.menu == key:
                    if one.gap:
                        menu.addSeparator()
                    menu.addAction(self.qt[one.id])

    def fill_toolbar(self, toolbar: QToolBar) -> None:
        """Build the toolbar, with a gap where the menu changes."""
        last = ""
        for one in self.actions.values():
            if one.toolbar:
                if last and (one.menu != last or one.gap):
                    toolbar.addSeparator()
                toolbar.addAction(self.qt[one.id])
                last = one.menu

    def palette(self) -> list[tuple[str, str, str]]:
        """(id, title, shortcut) of all that can be done now, for the command palette."""
        found = []
        for key, one in self.actions.items():
            if self.qt[key].isEnabled() and key != "palette":
                found.append((key, one.title.replace("&", "").replace("…", ""), self.qt[key].shortcut().toString()))
        return found


def menu_titles() -> dict[str, str]:
    """The menus, in order."""
    return {
        "file": tr("&File"),
        "edit": tr("&Edit"),
        "view": tr("&View"),
        "design": tr("&Design"),
        "study": tr("&Study"),
        "water": tr("&Water"),
        "help": tr("&Help"),
    }
