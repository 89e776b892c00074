"""The hand on a running flood: pause, go on, stop with what there is; and who watches it grow."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any


class Control:
    """Shared by the thread that computes and the one that watches.

    watch : called in the computing thread with the name of the state ("base", "scenario"), its frames and the
    seconds they reach, after each frame; None for nobody
    said : what the run says of itself, written before each call of `watch`: the balance in m³ by the names of the
    written file ("volume_in", "volume_out", …), "steps", "duration" in seconds
    """

    def __init__(self, watch: Callable[[str, Any, float], None] | None = None) -> None:
        self.watch = watch
        self._go = threading.Event()
        self._go.set()
        self.stopped = False
        self.said: Mapping[str, float] = {}

    def pause(self) -> None:
        """Hold the water where it is."""
        self._go.clear()

    def resume(self) -> None:
        """Go on."""
        self._go.set()

    @property
    def paused(self) -> bool:
        return not self._go.is_set()

    def stop(self) -> None:
        """End the run at its next step and keep what was computed so far."""
        self.stopped = True
        self._go.set()

    def wait(self, seconds: float) -> bool:
        """Wait while paused, at most so long; whether it goes on."""
        return self._go.wait(seconds)
