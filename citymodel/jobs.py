"""Long work: progress that can be cancelled, a thread pool, and one lane for the GPU."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from citymodel.errors import Cancelled

T = TypeVar("T")


class Progress(Protocol):
    """Called by long work with the share done (0–1) and what is being done; raises Cancelled."""

    def __call__(self, fraction: float, text: str = "") -> None: ...


def silent(fraction: float, text: str = "") -> None:
    """A progress that nobody watches and that is never cancelled."""


def part_of(progress: Progress, start: float, share: float) -> Progress:
    """A progress that fills ``share`` of another's from ``start`` on."""
    return lambda fraction, text="": progress(start + share * fraction, text)


@dataclass(slots=True, eq=False)
class Job:
    """One piece of long work: its name in the user's words, its progress and how it ended.

    ``listener`` is called from the worker's thread after every change; a window posts it on.
    """

    name: str
    listener: Callable[[Job], None] | None = None
    fraction: float = 0.0
    text: str = ""
    state: str = "waiting"  # waiting, running, done, failed, cancelled
    error: BaseException | None = None
    _stop: threading.Event = field(default_factory=threading.Event)

    def __call__(self, fraction: float, text: str = "") -> None:
        """Report progress; raise Cancelled when the job was cancelled."""
        if self._stop.is_set():
            raise Cancelled(f"{self.name} was cancelled")
        self.fraction = round(min(max(float(fraction), 0.0), 1.0), 6)  # so that sums of parts never go back
        self.text = text or self.text
        self._changed()

    def cancel(self) -> None:
        """Ask the work to stop at its next progress call."""
        self._stop.set()

    @property
    def cancelled(self) -> bool:
        return self._stop.is_set()

    def _changed(self) -> None:
        if self.listener is not None:
            self.listener(self)

    def run(self, work: Callable[[Job], T]) -> T:
        """Run ``work(self)`` in this thread and keep its state; errors pass through."""
        self.state = "running"
        self._changed()
        try:
            self(0.0)
            result = work(self)
        except Cancelled:
            self.state = "cancelled"
            raise
        except BaseException as error:
            self.state, self.error = "failed", error
            raise
        else:
            self.state, self.fraction = "done", 1.0
            return result
        finally:
            self._changed()


class Lanes:
    """A small thread pool for loads and CPU work, and one lane that has the GPU to itself."""

    def __init__(self, workers: int = 2) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="citymodel")
        self._gpu = ThreadPoolExecutor(1, thread_name_prefix="citymodel-gpu")

    def submit(self, job: Job, work: Callable[[Job], T], *, gpu: bool = False) -> Future[T]:
        """Run ``work(job)`` off this thread."""
        return (self._gpu if gpu else self._pool).submit(job.run, work)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._gpu.shutdown(wait=False, cancel_futures=True)
