"""Measurements: `python -m kernels.bench` times every kernel beside the device's own copy bandwidth."""

from kernels.bench.command import KERNELS, main

__all__ = ["KERNELS", "main"]
