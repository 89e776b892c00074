"""The command of the measurements: which kernels, which size and device, and a row for each."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator

from kernels.bench.flood import flood
from kernels.bench.measure import Row, copy_rate
from kernels.bench.rasters import binning, rasterize
from kernels.bench.rays import rays
from kernels.bench.shadow import shadow
from kernels.bench.skyview import skyview
from kernels.bench.viewshed import viewshed

KERNELS: dict[str, Callable[[int, str, int], Iterator[Row]]] = {
    "shadow": shadow,
    "skyview": skyview,
    "viewshed": viewshed,
    "rasterize": rasterize,
    "binning": binning,
    "rays": rays,
    "flood": flood,
}


def main(words: list[str] | None = None) -> int:
    """Run the measurements and print a row for each."""
    parser = argparse.ArgumentParser(
        prog="python -m kernels.bench", description="Times every kernel beside the device's own copy bandwidth."
    )
    parser.add_argument("kernel", nargs="?", choices=sorted(KERNELS), help="all when left out")
    parser.add_argument("--size", type=int, default=2000, help="rows and columns")
    parser.add_argument("--device", default="cpu", help="cpu or gpu")
    parser.add_argument("--runs", type=int, default=5, help="the median of so many")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    chosen = parser.parse_args(words)
    if chosen.size < 10 or chosen.runs < 1:
        parser.error("size of at least 10 and at least one run")
    try:
        rate = copy_rate(chosen.device, chosen.runs)
    except (RuntimeError, ValueError) as wrong:
        parser.exit(1, f"{wrong}\n")
    if not chosen.json:
        print(f"copy: {rate / 1e9:.1f} GB/s on {chosen.device}, {chosen.size}², median of {chosen.runs}")
    for name in [chosen.kernel] if chosen.kernel else KERNELS:
        for one in KERNELS[name](chosen.size, chosen.device, chosen.runs):
            one |= {"device": chosen.device, "runs": chosen.runs, "copy_bytes_per_second": rate}
            share = one["updates_per_second"] * one["bytes_per_update"] / rate
            print(
                json.dumps(one, ensure_ascii=False)
                if chosen.json
                else f"{name:10} {one['variant']:28} {one['seconds'] * 1e3:9.1f} ms "
                f"{one['updates_per_second'] / 1e6:9.0f} M/s  {share:6.1%} of copy",
                flush=True,
            )
    return 0
