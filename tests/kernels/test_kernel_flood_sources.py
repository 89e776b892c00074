"""What brings water and takes it: rain, roofs, inflow, infiltration, sewers and culverts against their formulas."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq

from kernels.flood import Edges, Flood
from kernels.flood_sources import Culverts, GreenAmpt, Horton, Inflow, Link, Rain, Sewer, excess


def plate(*sources: Any, depth: float = 0.0, shape: tuple[int, int] = (4, 5), **more: Any) -> Flood:
    """A level plate with walls around it."""
    flood = Flood(np.zeros(shape), 2.0, sources=sources, **more)
    flood.set_depth(depth)
    return flood


def test_rain_of_36_mm_an_hour_for_an_hour_stands_36_mm_deep() -> None:
    flood = plate(Rain([0, 1800, 3600], [12, 60, 0]))
    flood.advance(1800)
    assert flood.depth() == pytest.approx(0.006, abs=1e-7)
    flood.advance(7200)
    assert flood.depth() == pytest.approx(0.036, abs=1e-7)
    assert flood.balance().sources["rain"] == pytest.approx(0.036 * 80, rel=1e-5)
    assert flood.balance().error == 0


def test_rain_falls_by_zone() -> None:
    zones = np.array([[0, 0, 1, 1, 2]] * 4)
    block = np.zeros((4, 5), np.bool_)
    flood = plate(Rain([0, 3600], [[10, 20, 0], [0, 0, 0]], zones=zones), manning=1e6, blocked=block)
    flood.advance(3600)
    given = flood.balance().sources["rain"]
    assert given == pytest.approx((0.01 * 8 + 0.02 * 8) * 4, rel=1e-5)


def test_rain_on_roofs_runs_to_the_ground_beside_them() -> None:
    block = np.zeros((10, 10), np.bool_)
    block[3:6, 3:6] = True
    for roofs, cells in ((True, 100), (False, 91)):
        flood = Flood(np.zeros((10, 10)), 1.0, blocked=block, sources=[Rain([0, 600], [60, 0], roofs=roofs)])
        flood.advance(600)
        assert flood.balance().sources["rain"] == pytest.approx(0.01 * cells, rel=1e-5)
        assert np.nansum(flood.depth()) == pytest.approx(0.01 * cells, rel=1e-5)


def test_inflow_is_linear_between_rows_and_none_after_the_last() -> None:
    flood = plate(Inflow([[1, 1], [2, 1], [1, 3]], [0, 100, 200], [0, 0.6, 0]))
    flood.advance(50)
    assert flood.balance().stored == pytest.approx(0.5 * 50 * 0.3, rel=1e-6)
    flood.advance(500)
    assert flood.balance().stored == pytest.approx(0.5 * 200 * 0.6, rel=1e-6)


def test_water_that_is_pumped_away_is_no_more_than_there_was() -> None:
    flood = plate(Inflow([[1, 1]], [0, 1000], [-0.5, -0.5]), depth=0.5)
    flood.advance(1000)
    assert flood.balance().sources["inflow"] == -flood.balance().start + flood.balance().stored
    assert flood.balance().stored < 0.02 * 40
    assert flood.balance().error == 0


def test_a_sewer_takes_its_millimetres_an_hour_and_no_more_than_there_is() -> None:
    zones, block = np.array([[0, 0, 1]] * 4), np.array([[False, True, False]] * 4)
    flood = Flood(np.zeros((4, 3)), 1.0, blocked=block, sources=[Sewer([10, 200], zones)])
    flood.set_depth(0.1)
    flood.advance(3601)
    assert flood.depth()[:, 0] == pytest.approx(0.09, abs=1e-5)
    assert not flood.depth()[:, 2].any()
    assert flood.balance().sources["sewer"] == pytest.approx(-4 * 0.11, rel=1e-4)
    dry = plate(Sewer(50), depth=0.01)
    dry.advance(3600)
    assert dry.balance().stored == 0
    assert dry.balance().sources["sewer"] == -dry.balance().start


def test_hortons_capacity_falls_from_the_first_to_the_last() -> None:
    flood = plate(Horton(76, 13, 4.14), depth=0.2)
    for hours in (0.5, 2.0):
        flood.advance(3600 * hours)
        exact = (13 * hours + (76 - 13) / 4.14 * (1 - math.exp(-4.14 * hours))) / 1000
        assert 0.2 - flood.depth().max() == pytest.approx(exact, rel=2e-3)


def test_ponded_water_soaks_away_as_green_and_ampt_say() -> None:
    conductivity, suction, deficit = 10.0, 0.11, 0.3
    flood = plate(GreenAmpt(conductivity, suction, deficit), depth=1.0)
    flood.advance(7200)
    soaked = 1.0 - float(flood.depth().max())

    def wanted(depth: float) -> float:  # F − S ln(1 + F/S) = K t with the mean depth of the pond
        s = (suction + 1.0 - soaked / 2) * deficit
        return depth - s * math.log(1 + depth / s) - conductivity / 1000 * 2

    assert soaked == pytest.approx(brentq(wanted, 1e-6, 1.0), rel=0.01)
    assert flood.balance().error == 0


def test_light_rain_soaks_away_whole() -> None:
    flood = plate(Rain([0, 3600], [2, 0]), GreenAmpt(10, 0.1, 0.3))
    flood.advance(3700)
    assert flood.balance().stored == 0


def test_the_curve_number_lets_run_off_what_the_handbook_says() -> None:
    times, rates = excess([0, 3600, 7200], [50, 30, 0], [70, 98, 100])
    fallen = (rates[:-1] * np.diff(times)[:, None]).sum(axis=0) / 3600
    for number, found in zip((70, 98, 100), fallen, strict=True):
        store = 25400 / number - 254
        exact = max(80 - 0.2 * store, 0) ** 2 / (80 + 0.8 * store)
        assert found == pytest.approx(exact, rel=1e-9)
    zones = np.array([[0, 1, 2, 2, 0]] * 4)
    flood = plate(Rain(times, rates, zones=zones))
    flood.advance(7300)
    assert flood.balance().stored == pytest.approx(4 * (fallen[zones] / 1000).sum(), rel=1e-4)


def basins(link: Link, high: float, low: float) -> Flood:
    """Two basins of 200 m² that only a link joins."""
    block = np.zeros((10, 41), np.bool_)
    block[:, 20] = True
    flood = Flood(np.zeros((10, 41)), 1.0, blocked=block, sources=[Culverts([link])])
    flood.set_depth(np.where(np.arange(41) < 20, high, low))
    return flood


def test_a_culvert_makes_two_basins_even() -> None:
    flood = basins(Link((5, 19), (5, 21), width=1.0, invert=0.0), 1.0, 0.0)
    flood.advance(3600)
    assert flood.depth()[5, [2, 38]] == pytest.approx(0.5, abs=0.01)
    assert flood.balance().error == 0


def test_no_water_runs_below_a_culverts_invert_nor_more_than_its_capacity() -> None:
    flood = basins(Link((5, 19), (5, 21), width=1.0, invert=0.4), 1.0, 0.0)
    flood.advance(20000)
    assert flood.depth()[5, 2] == pytest.approx(0.6, abs=0.01) or flood.depth()[5, 2] >= 0.4
    flood = basins(Link((5, 19), (5, 21), width=1.0, invert=0.0, capacity=0.1), 1.0, 0.0)
    flood.advance(100)
    assert float(flood.depth()[:, 21:].sum()) == pytest.approx(10.0, rel=0.02)


def test_a_free_culvert_runs_critical() -> None:
    flood = basins(Link((5, 19), (5, 21), width=0.2, invert=0.0, coefficient=1.0), 1.0, 0.0)
    flood.advance(10)
    through = float(flood.depth()[:, 21:].astype(float).sum()) / 10
    assert through == pytest.approx(1.705 * 0.2 * 1.0**1.5, rel=0.08)


def test_a_hydrograph_through_a_channel_comes_out_of_it() -> None:
    ground = np.repeat(-0.002 * np.arange(100.0)[None] * 5, 4, axis=0)
    inflow = Inflow([[r, 0] for r in range(4)], [0, 300, 600, 3600], [0, 8, 8, 8])
    flood = Flood(ground, 5.0, sources=[inflow], edges=Edges(east="open"))
    flood.advance(2000)
    before = flood.balance().sides["east"]
    flood.advance(2100)
    assert (before - flood.balance().sides["east"]) / 100 == pytest.approx(8.0, rel=1e-3)


@pytest.mark.parametrize(("make", "text"), [
    (lambda: Rain([0, 0], [1, 1]), "does not follow"),
    (lambda: Rain([0, math.nan], [1, 1]), "does not follow"),
    (lambda: Rain([0, 1], [1, -1]), "upwards"),
    (lambda: Rain([0, 1, 2], [1, 1]), "one value for each"),
    (lambda: Rain([0, 1], [1, math.nan]), "no number"),
    (lambda: Sewer(-1), "0 up"),
    (lambda: Horton(5, 10, 1), "dry ground"),
    (lambda: GreenAmpt(5, 0.1, 1.2), "deficit above 1"),
    (lambda: Link((0, 0), (1, 1), math.nan, 0.0), "culvert"),
    (lambda: excess([0, 1], [1, 0], 120), "curve number"),
])  # fmt: skip
def test_a_bad_source_is_refused_in_one_line(make: Any, text: str) -> None:
    with pytest.raises(ValueError, match=text) as wrong:
        make()
    assert "\n" not in str(wrong.value)
