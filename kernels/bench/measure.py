"""Seconds of a call, the copy bandwidth of a device, and the row that a measurement becomes."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from kernels.device import array_module, is_on_gpu, synchronize, to_device

Row = dict[str, Any]


def timed(call: Callable[[], Any], device: str, runs: int) -> float:
    """Median seconds of `runs` calls after one to warm up."""

    def once() -> float:
        begin = time.perf_counter()
        call()
        if device != "cpu":
            synchronize()
        return time.perf_counter() - begin

    once()
    return statistics.median(once() for _ in range(runs))


def copy_rate(device: str, runs: int) -> float:
    """Bytes read and written a second by a plain copy of 256 MiB on the device."""
    here = to_device(np.ones(2**25, np.float64), device)
    if is_on_gpu(here):
        there = array_module(here).empty_like(here)

        def call() -> Any:
            there[...] = here
            return there
    else:
        from kernels.cpu.copy import copy

        there = np.zeros_like(here)

        def call() -> Any:
            copy(here, there)
            return there

    return 2 * int(here.nbytes) / timed(call, device, runs)


def row(kernel: str, variant: str, size: tuple[int, int], seconds: float, updates: int, width: int) -> Row:
    """One measurement; `width` is the bytes that an update must move at the least."""
    return {
        "kernel": kernel,
        "variant": variant,
        "size": list(size),
        "seconds": seconds,
        "updates": updates,
        "updates_per_second": updates / seconds,
        "bytes_per_update": width,
    }
