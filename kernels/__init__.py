"""Kernels: arrays in, arrays out; NumPy runs on the CPU (Numba), CuPy on the GPU (CUDA)."""
