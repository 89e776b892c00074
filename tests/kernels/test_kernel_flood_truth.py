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


@pytest.mark.parametrize(("scheme", "most"), [("first-order", 0.005), ("second-order", 0.005), ("preview", 0.02)])
@pytest.mark.parametrize(("crest", "back"), [(1, 0.0), (4, 0.0), (4, -1.0)], ids=["thin", "broad", "into a pit"])
def test_a_wall_passes_what_critical_flow_on_its_crest_does(scheme: str, most: float, crest: int, back: float) -> None:
    """(2/3)^1.5 √g H^1.5 with the head H before it, whatever is behind as long as it is low."""
    head = 0.3
    ground = np.zeros((1, 40))
    ground[0, 20 : 20 + crest], ground[0, 20 + crest :] = 1.0, back
    poured = float((2 / 3) ** 1.5 * np.sqrt(9.81) * head**1.5)
    inflow = Inflow([[0, k] for k in range(4)], [0, 1e6], [poured, poured])
    flood = Flood(ground, 1.0, manning=0.0, scheme=scheme, edges=Edges(east="open"), sources=[inflow], wet=None)
    flood.set_depth(np.where(np.arange(40) < 20, 1.0 + head, 0.0)[None])
    flood.advance(150.0)
    before = float(flood.depth()[0, 8])
    assert abs(before + (poured / before) ** 2 / (2 * 9.81) - 1.0 - head) < most


@pytest.mark.parametrize("scheme", BOTH)
def test_before_a_drowned_wall_water_stands_as_momentum_behind_it_asks(scheme: str) -> None:
    """1.302 m: over the lee momentum is kept and head lost, over the crest head is kept."""
    ground = np.zeros((1, 40))
    ground[0, 20:24] = 1.0
    inflow = Inflow([[0, k] for k in range(4)], [0, 1e6], [0.28, 0.28])
    flood = Flood(ground, 1.0, manning=0.0, scheme=scheme, edges=Edges(east=1.25), sources=[inflow], wet=None)
    flood.set_level(1.25)
    flood.advance(200.0)
    level = flood.level()[0]
    assert level[30] == pytest.approx(1.25, abs=0.01)
    assert level[10] == pytest.approx(1.302, abs=0.006)


@pytest.mark.parametrize("scheme", BOTH)
def test_quick_water_shoots_up_a_step(scheme: str) -> None:
    """Faster than its waves it slows by the step's height and is no jump: head and discharge stay."""
    ground = np.zeros((1, 60))
    ground[0, 30:] = 0.1
    speed, deep = 6.0, 0.5
    inflow = Inflow([[0, 0]], [0, 1e6], [speed * deep, speed * deep])
    flood = Flood(ground, 1.0, manning=0.0, scheme=scheme, edges=Edges(east="open"), sources=[inflow], wet=None)
    flood.set_depth(deep)
    flood.set_velocity(speed, 0.0)
    flood.advance(1.5)
    assert flood.depth()[0, 30:34].max() < 0.62
