"""The CUDA twins: CUDA C sources beside the host code that readies arrays and launches them."""
