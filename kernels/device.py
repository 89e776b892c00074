"""Devices: which there are, how much memory is free, which one an array lies on, and how CUDA source is launched."""

from __future__ import annotations

import functools
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

CUDA_FOLDER = Path(__file__).resolve().parent / "cuda"
#: No fused multiply-add: the CPU twin has none either, and the two are compared to the bit.
CUDA_OPTIONS = ("--std=c++14", "--fmad=false")
_HEADER = re.compile(r'^#include "(\w+\.cuh)"\n', re.MULTILINE)


@dataclass(frozen=True)
class Device:
    """A place where kernels run: `name` is "cpu" or "gpu:N", memory in bytes."""

    name: str
    text: str
    memory: int


def cupy() -> ModuleType | None:
    """CuPy when it is installed and sees a device, else None."""
    try:
        import cupy as module

        return module if module.cuda.runtime.getDeviceCount() > 0 else None
    except Exception:  # CuPy raises errors of its own and of the driver's making; each means "no GPU here"
        return None


def is_on_gpu(array: Any) -> bool:
    """True for a CuPy array, whether or not CuPy is loaded."""
    return type(array).__module__.partition(".")[0] == "cupy"


def array_module(array: Any) -> Any:
    """NumPy or CuPy, whichever made the array."""
    return sys.modules["cupy"] if is_on_gpu(array) else np


def devices() -> list[Device]:
    """The CPU, then each CUDA device."""
    found = [Device("cpu", f"{os.cpu_count() or 1} cores", _host_memory())]
    cp = cupy()
    for i in range(cp.cuda.runtime.getDeviceCount() if cp else 0):
        known = cp.cuda.runtime.getDeviceProperties(i)  # type: ignore[union-attr]
        found.append(Device(f"gpu:{i}", known["name"].decode(), int(known["totalGlobalMem"])))
    return found


def free_memory(device: str = "cpu") -> int:
    """Bytes that can still be allocated on "cpu", "gpu" or "gpu:N"."""
    if device == "cpu":
        return _host_memory(free=True)
    cp = _need_cupy()
    with cp.cuda.Device(_index(device)):
        return int(cp.cuda.runtime.memGetInfo()[0]) + int(cp.get_default_memory_pool().free_bytes())


def to_device(array: Any, device: str = "cpu") -> Any:
    """The array on "cpu", "gpu" or "gpu:N"; the same object when it is there already."""
    if device == "cpu":
        return sys.modules["cupy"].asnumpy(array) if is_on_gpu(array) else np.asarray(array)
    cp = _need_cupy()
    with cp.cuda.Device(_index(device)):
        return cp.asarray(array)


def source(name: str) -> str:
    """The CUDA C text of the kernel file `name`, with its headers' in their places: NVRTC is told of no folder."""
    text = (CUDA_FOLDER / f"{name}.cu").read_text(encoding="utf-8")
    return _HEADER.sub(lambda found: (CUDA_FOLDER / found[1]).read_text(encoding="utf-8"), text)


@functools.cache
def module(name: str, device: int = 0) -> Any:
    """The compiled kernel file `name`, once for each device; CuPy keeps the binary on disk."""
    cp = _need_cupy()
    with cp.cuda.Device(device):
        return cp.RawModule(code=source(name), options=CUDA_OPTIONS)


def launch(name: str, kernel: str, grid: tuple[int, ...], block: tuple[int, ...], arguments: tuple[Any, ...]) -> None:
    """Start `kernel` of the file `name` on the current device and return at once.

    Parameters
    ----------
    grid, block : blocks in the grid and threads in a block, up to three numbers each
    arguments : CuPy arrays, and NumPy scalars of the kernel's own widths
    """
    if min(grid) > 0:
        module(name, _need_cupy().cuda.Device().id).get_function(kernel)(grid, block, arguments)


def synchronize() -> None:
    """Wait until the current device has finished."""
    _need_cupy().cuda.Device().synchronize()


def _index(device: str) -> int:
    """The number in "gpu:N", 0 for "gpu"."""
    kind, _, number = device.partition(":")
    if kind != "gpu" or (number and not number.isdigit()):
        raise ValueError(f"device {device!r}: give cpu, gpu or gpu:N")
    return int(number or 0)


def _need_cupy() -> Any:
    """CuPy, or one plain line on what is missing."""
    found = cupy()
    if found is None:
        raise RuntimeError("no GPU to compute on: install CuPy for your CUDA (extra cuda12 or cuda13) and a driver")
    return found


def _host_memory(free: bool = False) -> int:
    """Bytes of main memory, all of it or what is free; 0 where the system does not say."""
    try:
        if free and sys.platform == "linux":
            for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) * 1024
        return int(os.sysconf("SC_PAGE_SIZE")) * int(os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, OSError, ValueError):
        return 0
