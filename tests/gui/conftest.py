"""A window on a display, with settings of its own and a small city in it."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("QT_API", "pyside6")

_SCREENS: list[subprocess.Popen[bytes]] = []  # kept, for one that is forgotten while it runs is warned of


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    bare = sys.platform.startswith("linux") and not os.environ.get("DISPLAY")
    for item in items:
        if here in Path(item.path).parents:
            item.add_marker(pytest.mark.window)
            if bare:
                item.add_marker(pytest.mark.skip(reason="no display: run under xvfb-run, as ./dev test does"))


def screen_of_its_own() -> None:
    """A display for this worker alone: on a shared one a window loses the keys to whichever came last."""
    if not (sys.platform.startswith("linux") and "PYTEST_XDIST_WORKER" in os.environ and shutil.which("Xvfb")):
        return
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", "1600x1000x24", "-nolisten", "tcp"]
    screen = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, preexec_fn=_end_with_us)
    _SCREENS.append(screen)
    assert screen.stdout is not None
    number = screen.stdout.readline().strip().decode()
    if number:
        os.environ["DISPLAY"] = f":{number}"


def _end_with_us() -> None:
    """Asked of the kernel: end when the worker does, not before, for Qt ends the process that loses its screen."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


@pytest.fixture(scope="session")
def qapp() -> Any:
    screen_of_its_own()
    from gui import theme
    from gui.app import application

    found = application()
    theme.apply(found, False)
    return found


@pytest.fixture
def window(qtbot: Any, tmp_path: Path) -> Iterator[Any]:
    """An empty window; it is closed and all its jobs are gone at the end."""
    from PySide6.QtCore import QSettings

    from gui.memory import Memory
    from gui.window import Window

    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(tmp_path / "settings"))
    made = Window(datetime(2026, 3, 21, 12, 0, tzinfo=UTC), Memory())
    made.view.navigation.animated = False
    made.resize(1200, 800)
    made.show()
    qtbot.waitExposed(made)
    yield made
    from citymodel.project import Project

    made.desk.project._saved = made.desk.document
    made.desk.use(Project())
    made.close()
    made.deleteLater()


PATIENCE = 300_000
"""Milliseconds for work to end: the first study on a machine compiles its kernels, on a busy one for minutes."""


SOON = 1000
"""Milliseconds within which a timer of the window still belongs to what a hand has just done."""


class Hand:
    """Waits and clicks."""

    def __init__(self, qtbot: Any, window: Any) -> None:
        self.bot, self.window = qtbot, window

    def settle(self, limit: int = PATIENCE) -> None:
        """Until nothing runs, nothing waits for its time, and the picture is drawn."""
        from PySide6.QtCore import QTimer

        desk, calm = self.window.desk, 0

        def is_soon(timer: QTimer) -> bool:
            return timer.isActive() and timer.isSingleShot() and timer.interval() <= SOON

        def is_calm() -> bool:
            nonlocal calm
            busy = desk.bridge.running or desk._waiting or desk._resolving
            busy = busy or any(map(is_soon, self.window.findChildren(QTimer)))
            calm = 0 if busy else calm + 1
            return calm > 2  # an event may post the next one

        self.bot.waitUntil(is_calm, timeout=limit)

    def open(self, *paths: Path) -> None:
        self.window.desk.open_paths(list(paths))
        self.settle()

    def picture(self) -> Any:
        return self.window.view.picture()

    def place_of(self, object_id: str) -> Any:
        """Where in the view that object is, by trying."""
        from PySide6.QtCore import QPoint

        view = self.window.view.interactor
        for y in range(5, view.height(), 12):
            for x in range(5, view.width(), 12):
                hit = self.window.view.hit(x, y)
                if hit is not None and hit.object_id == object_id:
                    return QPoint(x, y)
        raise AssertionError(f"{object_id} is not in the picture")

    def click(self, place: Any) -> None:
        from PySide6.QtCore import Qt

        self.bot.mouseClick(self.window.view.interactor, Qt.MouseButton.LeftButton, pos=place)
        self.settle()


@pytest.fixture
def hand(qtbot: Any, window: Any) -> Hand:
    return Hand(qtbot, window)
