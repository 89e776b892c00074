"""CUDA sources built as C++ for the tests, and launched on NumPy arrays as if they lay on a GPU."""

from __future__ import annotations

import ctypes
import re
import subprocess
from pathlib import Path
from typing import Any

import numpy as np

from kernels.device import source

HERE = Path(__file__).resolve().parent
_KERNEL = re.compile(r'extern "C" __global__ void (\w+)\(([^)]*)\)')
_SCALARS = {
    np.int32: ctypes.c_int,
    np.int64: ctypes.c_longlong,
    np.float64: ctypes.c_double,
    np.float32: ctypes.c_float,
}


def build(name: str, folder: Path) -> ctypes.CDLL:
    """Compile the kernel file `name` with a launcher `run_KERNEL` for each of its kernels."""
    text = source(name)
    runs = []
    for kernel, parameters in _KERNEL.findall(text):
        names = [p.split()[-1].lstrip("*") for p in parameters.split(",")]
        call = f"{kernel}({', '.join(names)})"
        runs.append(
            f'extern "C" void run_{kernel}(int gx, int gy, int bx, {parameters}) {{ LAUNCH(gx, gy, bx, {call}) }}'
        )
    unit, library = folder / f"{name}.cpp", folder / f"{name}.so"
    unit.write_text("\n".join(['#include "shim.h"', text, *runs]), encoding="utf-8")
    command = ["g++", "-std=c++14", "-O2", "-ffp-contract=off", "-fwrapv", "-Wall", "-Werror", "-fPIC", "-shared"]
    command += ["-Wl,-Bsymbolic", f"-I{HERE}", str(unit), "-o", str(library)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return ctypes.CDLL(str(library))


class Shim:
    """Stands in for `kernels.device.launch`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._built: dict[str, ctypes.CDLL] = {}

    def launch(self, name: str, kernel: str, grid: tuple[int, ...], block: tuple[int, ...], arguments: Any) -> None:
        """Run every block and thread, one after the other."""
        if name not in self._built:
            self._built[name] = build(name, self._folder)
        given = []
        for value in arguments:
            if isinstance(value, np.ndarray):
                assert value.flags.c_contiguous
                given.append(ctypes.c_void_p(value.ctypes.data))
            else:
                given.append(_SCALARS[type(value)](value.item()))
        rows = grid[1] if len(grid) > 1 else 1
        getattr(self._built[name], f"run_{kernel}")(grid[0], rows, block[0], *given)
