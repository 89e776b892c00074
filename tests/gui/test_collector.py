"""The cycle collector never runs in a worker's thread while there is a window."""

from __future__ import annotations

import gc
import threading
import weakref
from typing import Any


class Ring:
    """Refers to itself, so only the cycle collector frees it; notes the thread it was freed in."""

    freed_in: list[threading.Thread]

    def __init__(self, freed_in: list[threading.Thread]) -> None:
        self.me, self.freed_in = self, freed_in

    def __del__(self) -> None:
        self.freed_in.append(threading.current_thread())


def busy() -> None:
    """Makes far more containers than Python's thresholds for all its generations."""
    kept = [[number] for number in range(200_000)]
    del kept


def test_a_worker_frees_no_cycle_and_the_windows_timer_does(qapp: Any, qtbot: Any) -> None:
    where: list[threading.Thread] = []
    rings = [weakref.ref(Ring(where)) for _ in range(3)]
    worker = threading.Thread(target=busy)
    worker.start()
    worker.join()
    assert not where
    assert all(ring() is not None for ring in rings)
    objects = [[number] for number in range(2000)]  # what the timer waits for
    qtbot.waitUntil(lambda: len(where) == 3, timeout=60_000)
    assert set(where) == {threading.main_thread()}
    del objects


def test_it_is_due_by_pythons_thresholds(qapp: Any) -> None:
    from gui.collector import collect_if_due

    gc.collect()
    assert collect_if_due() is None
    kept = [[number] for number in range(2000)]
    assert collect_if_due() == 0
    del kept


def test_it_refuses_to_run_in_a_worker(qapp: Any) -> None:
    from gui.collector import collect_if_due

    faults: list[BaseException] = []

    def there() -> None:
        try:
            collect_if_due()
        except RuntimeError as error:
            faults.append(error)

    worker = threading.Thread(target=there)
    worker.start()
    worker.join()
    assert len(faults) == 1


def test_in_the_end_all_generations_are_looked_through(qapp: Any) -> None:
    from gui.collector import collect_if_due

    seen = set()
    for _ in range(400):
        kept = [[number] for number in range(1000)]
        seen.add(collect_if_due())
        del kept
    assert {0, 1, 2} <= seen
