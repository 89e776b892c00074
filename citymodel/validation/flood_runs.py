"""What the flood's chapters share: the schemes by name, norms of errors, and orders from cell to cell."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.validation.page import Check, table
from kernels.flood import Flood

F8 = NDArray[np.float64]
NAMES = {"second-order": "second order", "first-order": "first order", "preview": "preview"}
FULL = ("second-order", "first-order")
"""The schemes that solve the whole equations."""
PREVIEW = "preview"


def depth(flood: Flood) -> F8:
    """(rows, cols) metres on the host, NaN on walls."""
    return np.asarray(flood.depth(), np.float64)


def middles(cells: int, length: float, start: float = 0.0) -> F8:
    """Middles of equal cells along a line, metres."""
    return start + (np.arange(cells) + 0.5) * length / cells


def relative(found: F8, exact: F8) -> float:
    """L1 norm of the error as a share of the solution's."""
    return float(np.abs(found - exact).sum() / np.abs(exact).sum())


def furthest(found: F8, exact: F8) -> float:
    """The largest error."""
    return float(np.nanmax(np.abs(found - exact)))


def order(errors: Mapping[int, float]) -> float:
    """The power of the cell's size with which the error fell over the last refinement."""
    (coarse, before), (fine, now) = sorted(errors.items())[-2:]
    return math.log(before / now) / math.log(fine / coarse)


def refinement(errors: Mapping[str, Mapping[int, float]], cells: str) -> str:
    """A table of relative errors by the number of cells, with the order from one line to the next.

    errors : by scheme, then by number of cells
    """
    head: list[str] = [cells]
    for scheme in errors:
        head += [f"{NAMES[scheme]}, error", "order"]
    rows = []
    sizes = sorted(next(iter(errors.values())))
    for k, size in enumerate(sizes):
        row = [f"{size:,}"]
        for found in errors.values():
            row.append(small(found[size]))
            row.append(f"{order({n: found[n] for n in sizes[k - 1 : k + 1]}):.2f}".replace("-", "−") if k else "")
        rows.append(row)
    return table(head, rows)


def small(number: float) -> str:
    """A number of which only two digits matter."""
    return "0" if number == 0 else f"{number:.1e}".replace("e-0", "e−").replace("e-", "e−").replace("e+0", "e+")


def bounded(what: str, errors: Mapping[str, Mapping[int, float]], cells: int, most: Mapping[str, float]) -> list[Check]:
    """A check a scheme of the relative error at a number of cells, in per cent."""
    return [
        Check(f"{what}, {cells} cells, {NAMES[scheme]}: error of depth", 100 * errors[scheme][cells],
              100 * most[scheme], "%", 3)
        for scheme in errors if scheme in most
    ]  # fmt: skip


def balanced(floods: Sequence[Any], what: str) -> Check:
    """A check that no cubic metre is missing: of initial and inflow, what was counted nowhere."""
    worst = max(abs(one.balance().error) / max(one.balance().came, 1e-30) for one in floods)
    owed = max(abs(one.balance().owed) / max(one.balance().came, 1e-30) for one in floods)
    return Check(f"{what}: volume error, share of all that came", max(worst, owed), 1e-9, "", 9)
