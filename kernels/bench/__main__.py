"""``python -m kernels.bench``."""

from kernels.bench.command import main

if __name__ == "__main__":
    raise SystemExit(main())
