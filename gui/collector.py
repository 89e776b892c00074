"""Python's cycle collector runs in the window's thread alone.

Left to itself it starts in whichever thread made the last object, a worker that reads a city as well as the window.
What it frees there may be a widget or an actor, and Qt and VTK end the process when theirs are destroyed outside the
window's thread.
"""

from __future__ import annotations

import gc
from threading import current_thread, main_thread

from PySide6.QtCore import QObject, QTimer

EVERY = 1000
"""Milliseconds between looks; a look at a quiet heap costs nothing."""

_WHOLE = 20
"""Middle generations before all objects are looked through, which takes longest."""


class Collector(QObject):
    """Switches the automatic collector off and collects by a timer in the thread that made it."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self, interval=EVERY)
        self._timer.timeout.connect(collect_if_due)
        self._timer.start()


def collect_if_due() -> int | None:
    """Collect the oldest generation that is due by Python's own thresholds; returns it, None when none is.

    Raises
    ------
    RuntimeError
        Outside the main thread.
    """
    if current_thread() is not main_thread():
        raise RuntimeError("objects of the window may be freed in its own thread only")
    young, middle, _ = gc.get_threshold()
    counts = gc.get_count()
    if counts[0] <= young:
        return None
    generation = 0 if counts[1] <= middle else 1 if counts[2] <= _WHOLE else 2
    gc.collect(generation)
    return generation
