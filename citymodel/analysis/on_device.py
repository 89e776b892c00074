"""Where kernels run: the device a study asks for, arrays brought onto it and back."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.errors import MissingPart


def placed(array: NDArray[Any], device: str) -> tuple[Any, str]:
    """The array on the device asked for, and that device's name: "auto" is the GPU where there is one."""
    from kernels.device import devices, to_device

    gpu = next((one for one in devices() if one.name.startswith("gpu")), None)
    if device == "gpu" and gpu is None:
        raise MissingPart("no GPU to compute on; install the extra cuda12 or cuda13 and a driver, or use --device cpu")
    used = "gpu" if gpu is not None and device in ("auto", "gpu") else "cpu"
    return to_device(array, used), used


def fetched(array: object) -> NDArray[np.generic]:
    """The array in main memory."""
    from kernels.device import to_device

    found: NDArray[np.generic] = to_device(array, "cpu")
    return found
