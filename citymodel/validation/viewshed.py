"""Chapter: viewsheds against closed forms, an exact reference, other programs' masks, and upright walls."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from citymodel.validation.page import Chapter, Check, Place, table
from kernels import viewshed
from kernels.viewshed import EARTH_RADIUS, VISIBLE, Eye, Sight

TITLE = "What is seen"
FLAT = Sight(curvature=False)
_FOLDER = ("viewshed", "synthetic_urban")
_OTHERS = (
    ("GDAL 3.13 (Edge)", "gdal3133_edge"),
    ("GDAL 3.6 (Edge)", "gdal362_edge"),
    ("GRASS 8.2 r.viewshed", "grass82"),
)
_DEFINITION = (
    "A sight line runs from the eye to the centre of a cell; the surface is linear between neighbouring centres, along "
    "rows and along columns. The line is blocked when the surface lies above it at any crossing with the grid of "
    "centres; a tie is visible. Curvature and refraction enter at each crossing's own distance."
)

Z = NDArray[np.float32]
Mask = NDArray[np.bool_]


def chapter(place: Place) -> Chapter:
    """Closed forms, symmetries, the reference masks, and what the choice of the surface does."""
    cases = [*_plane(), *_wall(), *_symmetries()]
    text = [
        _DEFINITION,
        table(("closed form", "right", "kernel"), [(one.name, one.right, one.found) for one in cases]),
    ]
    checks = [one.check for one in cases]
    more, found = _reference(place)
    text += more
    checks += found
    said, found = _surfaces(place)
    return Chapter(TITLE, [*text, *said], [*checks, *found])


class Case(NamedTuple):
    """One line of the table of closed forms, and its check."""

    name: str
    right: str
    found: str
    check: Check


def visible(z: Z, eye: Eye, sight: Sight = FLAT, cell: float = 1.0) -> Mask:
    """Cells that the eye sees."""
    return np.asarray(viewshed.prepare_view(np.ascontiguousarray(z, np.float32), cell).visible(eye, sight) == VISIBLE)


def _plane() -> Iterator[Case]:
    """On a level plane the horizon is √(2 R h / (1 − k)) away."""
    cell = 50.0
    z = np.zeros((1, 600), np.float32)
    for height, k in ((1.7, 1 / 7), (10.0, 1 / 7), (10.0, 0.13), (10.0, 0.0)):
        right = math.sqrt(2 * EARTH_RADIUS * height / (1 - k))
        seen = visible(z, Eye(0.0, 0.0, height), Sight(refraction=k), cell)[0]
        found = (int(np.flatnonzero(~seen)[0]) - 0.5) * cell
        name = f"horizon of a plane, eye {height:g} m, k {k:.3g}"
        check = Check(f"{name}, off by", found - right, cell, "m", 1, True)
        yield Case(name, f"{right:,.0f} m", f"{found:,.0f} m", check)


def _wall() -> Iterator[Case]:
    """A wall of height H at a distance a hides a·H / (h − H) behind it from an eye at h, and less the higher one is."""
    for high, away, eye in ((12.0, 20, 30.0), (3.0, 15, 4.7), (25.0, 80, 60.0)):
        z = np.zeros((3, 2000), np.float32)
        z[:, away] = high
        right = away * high / (eye - high)
        behind = visible(z, Eye(1.0, 0.0, eye))[1, away + 1 :]
        found = int((~behind).sum())
        name = f"hidden behind a wall of {high:g} m, {away} m away, eye {eye:g} m"
        yield Case(name, f"{right:.1f} m", f"{found} m", Check(f"{name}, off by", found - right, 1.0, "m", 2, True))
    high, away, eye = 12.0, 25, 1.7
    z = np.zeros((3, 400), np.float32)
    z[:, away] = high
    least = viewshed.prepare_view(z, 1.0).height(Eye(1.0, 0.0, eye), FLAT)[1]
    distance = np.arange(away + 1, 400)
    right_of = eye + (high - eye) * distance / away
    worst = float(np.abs(least[away + 1 :] / right_of - 1).max()) * 100
    check = Check("least height seen behind a wall, largest error", worst, 0.001, "%", 5)
    name = "least height seen 100 m behind a wall of 12 m"
    yield Case(name, f"{right_of[99]:.3f} m", f"{least[away + 100]:.3f} m", check)


def _symmetries() -> Iterator[Case]:
    """Who sees me, I see; and a turned town gives a turned picture, to the bit."""
    rng = np.random.default_rng(11)
    z = np.kron(rng.uniform(0, 20, (12, 12)), np.ones((5, 5))).astype(np.float32)
    cells = [(int(r), int(c)) for r, c in rng.integers(0, 60, (40, 2))]
    view = viewshed.prepare_view(z, 1.0)
    sees = np.array([
        [view.visible(Eye(*one, float(z[one]) + 1.5), Sight(1.5))[other] == VISIBLE for other in cells] for one in cells
    ])  # fmt: skip
    ways = int((sees != sees.T).sum()) // 2
    name = "pairs of eyes at equal heights of which one alone sees the other"
    yield Case(f"{name}, of {len(cells) * (len(cells) - 1) // 2}", "0", str(ways), Check(name, ways, 0, "", 0))
    at = (23, 31)
    right = visible(z, Eye(*at, float(z[at]) + 1.7))
    marked = np.zeros(z.shape, dtype=bool)
    marked[at] = True
    wrong = 0
    for turn in _TURNS:
        row, col = map(int, np.argwhere(turn(marked))[0])
        wrong += int((turn(right) != visible(turn(z), Eye(row, col, float(z[at]) + 1.7))).sum())
    name = "cells that differ after seven turns and mirrors of the surface"
    yield Case(name, "0", str(wrong), Check(name, wrong, 0, "", 0))


_TURNS: tuple[Callable[[Any], Any], ...] = (
    *(lambda a, k=k: np.rot90(a, k) for k in (1, 2, 3)),
    np.fliplr, np.flipud, np.transpose, lambda a: np.rot90(a, 2).T,
)  # fmt: skip


def _reference(place: Place) -> tuple[list[str], list[Check]]:
    """The synthetic town of the data: brute force in float64, GDAL's and GRASS's masks beside."""
    folder = place.files(*_FOLDER)
    if folder is None:
        return ["The reference masks are not on this machine: not made in this run."], []
    z, meta, masks = _town(folder)
    rows, checks, text = [], [], []
    for name, (row, col) in meta["observers_rowcol"].items():
        eye = Eye(row, col, float(z[row, col]) + meta["observer_height"])
        right = masks[f"r3_exact_{name}"]
        found = visible(z, eye)
        different = int((found != right).sum())
        checks.append(Check(f"cells that differ from brute force, {name} eye", different, 0, "", 0))
        view = viewshed.prepare_view(z, 1.0)
        others = [("ours, exact", found), ("ours, preview", np.asarray(view.preview(eye, FLAT) == VISIBLE))]
        others += [(words, masks[f"{key}_{name}"]) for words, key in _OTHERS]
        rows += [
            [words, name, f"{int(mask.sum()):,}", f"{int((mask != right).sum()):,}", f"{_overlap(mask, right):.4f}"]
            for words, mask in others
        ]
    side = f"{z.shape[0]} × {z.shape[1]}"
    text.append(
        f"A town of {side} cells of 1 m, whose exact answer was found by brute force in float64, and what GDAL and "
        "GRASS make of it. IoU is the overlap of the visible cells: those that both see, of those that either sees."
    )
    text.append(table(("program", "eye", "visible cells", "differ from exact", "IoU"), rows, 2))
    checks += _far(place)
    return text, checks


def _town(folder: Path) -> tuple[Z, dict[str, Any], dict[str, Mask]]:
    import rasterio

    with rasterio.open(folder / "dsm_1000.tif") as file:
        z = file.read(1)
    meta: dict[str, Any] = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    with np.load(folder / "expected_1000.npz") as packed:
        masks = {name: np.unpackbits(packed[name])[: z.size].reshape(z.shape).astype(bool) for name in packed}
    return np.ascontiguousarray(z, np.float32), meta, masks


def _far(place: Place) -> list[Check]:
    """What the Earth's curvature changes of a town of 4 × 4 km, cells of 1 m, from a street and from a roof."""
    from kernels.bench.towns import town

    size = 1000 if place.small else 4000
    z = town(size)
    found = []
    for name, (row, col) in (("street", (size // 2, size // 2)), ("roof", np.unravel_index(int(z.argmax()), z.shape))):
        eye = Eye(int(row), int(col), float(z[row, col]) + 1.7)
        share = 100 * float((visible(z, eye, Sight()) != visible(z, eye)).mean())
        words = f"curvature within {size / 1000:g} km, {name} eye: cells that differ"
        found.append(Check(words, share, 0.03, "%", 4))
    return found


def _surfaces(place: Place) -> tuple[list[str], list[Check]]:
    """The same eyes over the surface raster and past upright walls: what the choice does, at street level and above."""
    from citymodel.analysis.viewshed.parameters import ViewshedParameters
    from citymodel.analysis.viewshed.study import run
    from citymodel.validation.view_city import BLOCK, HIGH, ORIGIN, STREET, blocks
    from citymodel.validation.view_city import seen as exact

    document, boxes = blocks(240.0 if place.small else 480.0)
    rows: list[list[str]] = []
    checks: list[Check] = []
    for name, height in (("street, 1.7 m", 1.7), ("above the roofs, 40 m", 40.0)):
        for cell in (2.0, 1.0) if place.small else (2.0, 1.0, 0.5):
            at = ((ORIGIN[0] + 0.3, ORIGIN[1] + 0.4, height),)
            seen = {}
            for surface in ("raster", "walls"):
                asked = ViewshedParameters.checked(places=at, surface=surface, cell=cell, curvature=False, least=False)
                seen[surface] = run(document, asked).fields["visible"].data
            right = exact(seen["walls"], (0.3, 0.4, height), boxes)
            values = {one: np.asarray(raster) == VISIBLE for one, raster in seen.items()}
            shares = {one: 100 * float((mask != right).mean()) for one, mask in values.items()}
            both = _overlap(values["raster"], values["walls"])
            rows.append([name, f"{cell:g} m", *(f"{shares[one]:.2f} %" for one in ("raster", "walls")), f"{both:.3f}"])
            wrong = shares["walls"]
            checks.append(Check(f"upright walls, {name}, cells of {cell:g} m: wrong cells", wrong, 0.05, "%", 3))
    text = (
        f"Blocks of {BLOCK:g} m and {HIGH:g} m high with streets of {STREET:g} m between them, for which each sight "
        "line can be cut with each box. The surface raster makes slopes of the walls, so less is seen from a street; "
        "the study's other surface asks rays past the model's own walls."
    )
    head = ("eye", "cells", "raster: wrong", "upright walls: wrong", "IoU of the two")
    return [text, table(head, rows, 2)], checks


def _overlap(one: Mask, other: Mask) -> float:
    either = int((one | other).sum())
    return int((one & other).sum()) / either if either else 1.0
