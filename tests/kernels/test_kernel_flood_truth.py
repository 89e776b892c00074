"""Floods against exact solutions: dam breaks, bowls, steady flows, rain on a plane."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest

from kernels.bench.flood_truth import Bowl, bump, dam_break, macdonald, over_the_bump, rain_on_a_plane
from kernels.flood import Edges, Flood
from kernels.flood_sources import Inflow, Rain

BOTH = ["first-order", "second-order"]


def off(found: np.ndarray, exact: np.ndarray) -> float:
    """Relative L1 error."""
    return float(np.abs(found - exact).sum() / exact.sum())


@cache
def dam_break_error(cells: int, scheme: str, right: float) -> float:
    x = (np.arange(cells) + 0.5) * 10 / cells
    flood = Flood(np.zeros((2, cells)), 10 / cells, manning=0.0, scheme=scheme, wet=None)
    flood.set_depth(np.where(x < 5, 0.005, right))
    flood.advance(6.0)
    return off(flood.depth()[0].astype(float), dam_break(x, 6.0, right))


@cache
def bowl_error(cells: int, scheme: str, radial: bool) -> float:
    bowl = Bowl(cells, radial)
    flood = Flood(bowl.ground, bowl.cell, manning=0.0, scheme=scheme, wet=None)
    flood.set_depth(bowl.depth(0))
    if not radial:
        flood.set_velocity(0.0, np.where(bowl.depth(0) > 0, 0.5 * bowl.omega, 0.0))
    flood.advance(3 * bowl.period)
    assert flood.balance().error == 0
    return off(flood.depth().astype(float), bowl.depth(3 * bowl.period))


@pytest.mark.parametrize(("scheme", "most"), [("first-order", 9e-3), ("second-order", 4e-3)])
def test_a_dam_break_on_dry_ground_is_ritters(scheme: str, most: float) -> None:
    assert dam_break_error(400, scheme, 0.0) < most


@pytest.mark.parametrize(("scheme", "most"), [("first-order", 7e-3), ("second-order", 3e-3)])
def test_a_dam_break_on_wet_ground_is_stokers(scheme: str, most: float) -> None:
    assert dam_break_error(400, scheme, 0.001) < most


@pytest.mark.parametrize(("scheme", "least"), [("first-order", 0.75), ("second-order", 1.2)])
def test_errors_fall_with_the_cell_in_the_order_of_the_scheme(scheme: str, least: float) -> None:
    coarse, fine = bowl_error(100, scheme, True), bowl_error(200, scheme, True)
    assert math.log2(coarse / fine) > least


@pytest.mark.parametrize(("scheme", "radial", "most"), [
    ("first-order", True, 0.14), ("second-order", True, 0.03),
    ("first-order", False, 0.3), ("second-order", False, 0.03),
])  # fmt: skip
def test_water_swings_in_a_bowl_as_thacker_found(scheme: str, radial: bool, most: float) -> None:
    assert bowl_error(200, scheme, radial) < most


@pytest.mark.parametrize("scheme", BOTH)
@pytest.mark.parametrize(("q", "below", "start"), [(4.42, 2.0, 2.0), (1.53, None, 0.66), (0.18, 0.33, 0.33)])
def test_water_runs_over_a_bump_as_bernoulli_says(q: float, below: float | None, start: float, scheme: str) -> None:
    x = (np.arange(250) + 0.5) * 0.1
    edges = Edges(east="open" if below is None else below)
    flood = Flood(
        bump(x)[None], 0.1, manning=0.0, scheme=scheme, edges=edges, wet=None,
        sources=[Inflow([[0, 0]], [0, 1e6], [q * 0.1, q * 0.1])],
    )  # fmt: skip
    flood.set_level(start)
    flood.advance(100.0)
    inside = slice(20, 240 if below else 230)
    exact = over_the_bump(x, q, below)[inside]
    assert off(flood.depth()[0, inside].astype(float), exact) < {"first-order": 0.02, "second-order": 0.01}[scheme]


@pytest.mark.parametrize(("scheme", "most"), [("first-order", 7e-3), ("second-order", 1e-3)])
def test_a_river_with_friction_stands_as_macdonald_found(scheme: str, most: float) -> None:
    x = (np.arange(100) + 0.5) * 10
    bed, depth = macdonald(x)
    end = float(macdonald(np.array([1000.0]))[1][0])
    flood = Flood(
        bed[None], 10.0, manning=0.033, scheme=scheme, edges=Edges(east=end), wet=None,
        sources=[Inflow([[0, 0]], [0, 1e6], [20.0, 20.0])],
    )  # fmt: skip
    flood.set_depth(depth)
    flood.advance(4000.0)
    assert off(flood.depth()[0, 3:-3].astype(float), depth[3:-3]) < most


@pytest.mark.parametrize("scheme", BOTH)
@pytest.mark.parametrize(("slope", "n"), [(0.01, 0.03), (0.5, 0.03)])
def test_rain_runs_off_a_plane_and_a_roof_as_the_kinematic_wave_does(slope: float, n: float, scheme: str) -> None:
    cells, cell, rain = 50, 1.0, 100.0
    ground = -slope * (np.arange(cells) + 0.5) * cell
    flood = Flood(
        ground[None], cell, manning=n, scheme=scheme, edges=Edges(east="open"), wet=None,
        sources=[Rain([0.0, 1e5], [rain, 0.0])],
    )  # fmt: skip
    times, left = np.arange(30.0, 901.0, 30.0), [0.0]
    for time in times:
        flood.advance(time)
        left.append(-flood.balance().sides["east"])
    found = np.diff(left) / 30.0 / cell
    exact = rain_on_a_plane(slope, n, rain / 3.6e6, cells * cell, times - 15.0)
    assert found[-1] == pytest.approx(exact[-1], rel=0.01)
    assert off(found, exact) < 0.05
    # Depth along the plane of a steady flow: q = rain · x = h^(5/3) √S / n.
    x = (np.arange(cells) + 0.5) * cell
    depth = (rain / 3.6e6 * x * n / math.sqrt(slope)) ** 0.6
    assert off(flood.depth()[0, 5:-5].astype(float), depth[5:-5]) < 0.06


def test_the_preview_agrees_with_the_river_but_says_what_it_leaves_out() -> None:
    x = (np.arange(100) + 0.5) * 10
    bed, depth = macdonald(x)
    end = float(macdonald(np.array([1000.0]))[1][0])
    flood = Flood(
        bed[None], 10.0, manning=0.033, scheme="preview", edges=Edges(east=end), wet=None,
        sources=[Inflow([[0, 0]], [0, 1e6], [20.0, 20.0])],
    )  # fmt: skip
    flood.set_depth(depth)
    flood.advance(4000.0)
    assert off(flood.depth()[0, 3:-3].astype(float), depth[3:-3]) < 0.1
    assert dam_break_error(400, "preview", 0.0) > 9e-3
