"""Floods to the bit: water at rest, mass, symmetry, tiles, threads, restarts, and what is refused."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numba
import numpy as np
import pytest

import kernels.cpu.flood as cpu
from kernels.flood import SCHEMES, Edges, Flood, Unstable
from kernels.flood_sources import Culverts, GreenAmpt, Inflow, Link, Rain, Sewer

VOLUMES = ["second-order", "first-order"]


def hills(rows: int, cols: int, seed: int = 7) -> np.ndarray:
    """A seeded rough bed, metres."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:rows, 0:cols]
    return np.sin(x / 7) + np.cos(y / 5) + rng.random((rows, cols)) * 0.3 + 40.0


def walls(rows: int, cols: int) -> np.ndarray:
    """A block of walls."""
    out = np.zeros((rows, cols), np.bool_)
    out[rows // 3 : rows // 2, cols // 4 : cols // 2] = True
    return out


def storm(scheme: str, shape: tuple[int, int] = (70, 90), **more: Any) -> Flood:
    """A case with everything in it."""
    ground, rows = hills(*shape), shape[0]
    sources = [
        Rain([0.0, 20.0, 40.0], [80.0, 30.0, 0.0]),
        Inflow([[5, 5], [6, 5], [7, 5]], [0.0, 10.0, 60.0], [0.0, 2.0, 0.5]),
        GreenAmpt([5.0, 20.0], 0.1, 0.3, zones=(ground > 40.0).astype(int)),
        Sewer(20.0),
        Culverts([Link((rows // 3 - 1, 30), (rows // 2, 30), 1.0, 39.0)]),
    ]
    given = {"edges": Edges(east="open", north=40.2, south=([0.0, 60.0], [40.0, 40.5])), "sources": sources, **more}
    flood = Flood(ground, (1.0, 1.5), blocked=walls(*shape), scheme=scheme, **given)
    flood.set_level(40.1)
    return flood


def same(a: Flood, b: Flood) -> bool:
    """Whether two floods stand alike to the bit, records and balances included."""
    mine, other = a.state(), b.state()
    alike = [np.array_equal(mine[k], other[k]) for k in ("h", "qx", "qy", "whole", "real", "time", "sides")]
    return all(alike) and a.balance() == b.balance()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_lake_with_islands_stays_exactly_still(scheme: str) -> None:
    flood = Flood(hills(60, 80), 2.0, blocked=walls(60, 80), scheme=scheme)
    flood.set_level(40.4)
    before = flood.state()
    wet = before["h"][2:-2, 2:-2] > 0
    assert 0.2 < wet.mean() < 0.9
    flood.advance(400.0)
    after = flood.state()
    assert flood.steps > 500
    assert np.array_equal(before["h"], after["h"])
    assert not after["qx"].any()
    assert not after["qy"].any()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_unit_of_water_is_accounted_for(scheme: str) -> None:
    flood = storm(scheme)
    flood.advance(60.0)
    balance = flood.balance()
    assert balance.error == 0
    assert balance.owed == 0
    assert set(balance.sources) == {"rain", "inflow", "infiltration", "sewer", "culverts"}
    assert balance.sources["inflow"] == pytest.approx(10 * 1.0 + 50 * 1.25, rel=1e-6)
    assert balance.sources["rain"] == pytest.approx((80 * 20 + 30 * 20) / 3.6e6 * 70 * 90 * 1.5, rel=1e-4)
    assert balance.sources["infiltration"] < 0
    assert balance.sources["sewer"] < 0
    assert balance.sides["east"] < 0 < balance.sides["north"]
    assert balance.sides["west"] == 0
    assert balance.stored == pytest.approx(float(np.nansum(flood.depth().astype(float))) * 1.5, rel=1e-6)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_depth_is_never_below_zero_and_walls_hold_no_water(scheme: str) -> None:
    flood = storm(scheme)
    for time in (1.0, 5.0, 17.0, 60.0):
        flood.advance(time)
        h = flood.state()["h"][2:-2, 2:-2]
        assert (h[~walls(70, 90)] >= 0).all()
        assert (h[walls(70, 90)] == -1).all()
        assert np.isfinite(flood.velocity()).all()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_columns_of_water_that_fall_apart_give_no_more_than_they_hold(scheme: str) -> None:
    rng = np.random.default_rng(5)
    ground = hills(80, 120) + 8.0 * (rng.random((80, 120)) < 0.05)
    flood = Flood(ground, 1.0, scheme=scheme)
    flood.set_depth(np.where(rng.random(ground.shape) < 0.1, 4 * rng.random(ground.shape), 0.0))
    flood.advance(10.0)
    assert flood.balance().owed == 0
    assert flood.balance().error == 0


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("turn", [np.fliplr, np.flipud, np.transpose, np.rot90])
def test_turned_ground_gives_the_turned_flood(scheme: str, turn: Any) -> None:
    ground, block, depth = hills(40, 52), walls(40, 52), np.zeros((40, 52))
    depth[10:20, 10:30] = 1.5
    floods = []
    for change in (lambda a: a, turn):
        flood = Flood(np.ascontiguousarray(change(ground)), 1.0, blocked=change(block), scheme=scheme)
        flood.set_depth(change(depth))
        flood.advance(8.0)
        floods.append(flood)
    assert np.array_equal(turn(floods[0].depth()), floods[1].depth(), equal_nan=True)
    assert np.array_equal(turn(floods[0].record().speed), floods[1].record().speed, equal_nan=True)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_higher_ground_gives_the_same_flood(scheme: str) -> None:
    ground, depth = np.round(hills(30, 40) * 1024) / 1024, np.where(np.arange(40) < 15, 1.0, 0.0)
    floods = [Flood(ground + up, 1.0, scheme=scheme) for up in (0.0, 128.0)]
    for flood in floods:
        flood.set_depth(depth)
        flood.advance(10.0)
    assert np.array_equal(floods[0].depth(), floods[1].depth())


@pytest.mark.parametrize("scheme", SCHEMES)
def test_tiles_and_threads_do_not_change_a_bit(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = storm(scheme)
    whole.advance(30.0)
    monkeypatch.setattr(cpu, "TILE", (7, 16))
    monkeypatch.setattr("kernels.cpu.flood_run._SHARE", 1)
    tiled = storm(scheme)
    tiled.advance(30.0)
    assert same(whole, tiled)
    numba.set_num_threads(1)
    try:
        alone = storm(scheme)
        alone.advance(30.0)
    finally:
        numba.set_num_threads(numba.config.NUMBA_NUM_THREADS)
    assert same(whole, alone)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_restart_goes_on_to_the_bit(scheme: str) -> None:
    through, stopped = storm(scheme), storm(scheme)
    through.advance(13.0)
    through.advance(31.0)
    stopped.advance(13.0)
    again = storm(scheme)
    again.restore(stopped.state())
    again.advance(31.0)
    assert same(through, again)
    assert through.steps == again.steps


def test_dry_tiles_are_not_stepped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cpu, "TILE", (10, 10))
    counted: list[int] = []
    step = cpu.step

    def spy(*given: Any) -> None:
        counted.append(len(given[5]))
        step(*given)

    monkeypatch.setattr(cpu, "step", spy)
    basin = np.zeros((100, 100))
    basin[:20, :20] = -5.0
    flood = Flood(basin, 1.0)
    flood.set_level(-3.0)
    flood.advance(5.0)
    assert counted[0] == 100  # all are looked at once
    assert set(counted[1:]) == {9}
    assert not flood.depth()[20:].any()


def test_a_dry_city_takes_no_steps() -> None:
    flood = Flood(hills(50, 50), 1.0)
    flood.advance(1e6)
    assert flood.time == 1e6
    assert flood.steps <= 1


@pytest.mark.parametrize("scheme", SCHEMES)
def test_walls_are_watertight_and_a_breach_is_not(scheme: str) -> None:
    ground, block = np.zeros((20, 41)), np.zeros((20, 41), np.bool_)
    block[:, 20] = True
    flood = Flood(ground, 1.0, blocked=block, scheme=scheme)
    flood.set_depth(np.where(np.arange(41) < 20, 2.0, 0.0))
    flood.advance(30.0)
    assert not flood.depth()[:, 21:].any()
    block[8:12, 20] = False
    flood.set_ground(ground, block)
    flood.advance(60.0)
    assert (flood.depth()[:, 21:] > 0.1).mean() > 0.9
    assert flood.balance().error == 0


def test_a_wall_that_comes_down_on_water_counts_what_it_took() -> None:
    flood = Flood(np.zeros((10, 10)), 1.0)
    flood.set_depth(1.0)
    flood.advance(1.0)
    block = np.zeros((10, 10), np.bool_)
    block[0] = True
    flood.set_ground(np.zeros((10, 10)), block)
    flood.advance(2.0)
    assert flood.balance().changed == -10
    assert flood.balance().error == 0


def test_an_open_edge_drains_and_lets_nothing_in() -> None:
    flood = Flood(np.linspace(0, 0.1, 50)[None] * np.ones((5, 1)), 1.0, edges=Edges(west="open", east="open"))
    flood.set_depth(0.5)
    flood.advance(600.0)
    sides = flood.balance().sides
    assert sides["west"] < -70
    assert sides["east"] < 0
    assert flood.balance().stored < 0.05 * 125


def test_a_tide_fills_a_basin_to_its_level() -> None:
    flood = Flood(np.full((10, 30), -1.0), 1.0, edges=Edges(west=([0.0, 100.0], [-1.0, 0.5])), scheme="first-order")
    flood.advance(1000.0)
    assert flood.level() == pytest.approx(0.5, abs=0.02)


def test_water_that_stands_for_more_than_a_year_is_counted() -> None:
    flood = Flood(np.zeros((3, 3)), 1000.0)
    flood.set_depth(0.5)
    flood.advance(10.0)
    state, almost = flood.state(), 400 * 86400.0 - 100.0
    state["time"], state["whole"][1] = almost, int(almost * flood._parts.ticks)
    flood.restore(state)
    flood.advance(almost + 100.0)
    assert flood.record().duration == pytest.approx(400 * 86400.0, rel=1e-6)


def test_the_record_is_what_happened() -> None:
    flood = Flood(np.zeros((3, 100)), 1.0, manning=0.02)
    flood.set_depth(np.where(np.arange(100) < 20, 1.0, 0.0))
    deepest, first = flood.depth(), np.full((3, 100), np.nan)
    while flood.time < 20:
        flood.advance(flood.time + 0.05)
        depth = flood.depth()
        deepest = np.maximum(deepest, depth)
        first[np.isnan(first) & (depth >= 0.01)] = flood.time
    record = flood.record()
    assert np.array_equal(record.depth, deepest)
    assert np.array_equal(np.isnan(record.arrival), np.isnan(first))
    there = first > 0.05
    assert record.arrival[there] == pytest.approx(first[there], abs=1e-4)
    lasted = 20 - first
    assert record.duration[there] == pytest.approx(lasted[there], abs=0.3)
    assert (record.danger >= 0.5 * 0.99 * np.where(record.depth > 0.01, record.depth, 0)).all()
    assert (record.discharge <= record.speed * record.depth * 1.0001).all()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_gauge_reads_what_the_rasters_say(scheme: str) -> None:
    flood = storm(scheme)
    flood.advance(20.0)
    cells = [(3, 4), (60, 80), (69, 89), (25, 25)]
    depth, level, speed = flood.probe(cells).T
    u, v = flood.velocity()
    for k, cell in enumerate(cells):
        assert depth[k] == pytest.approx(float(flood.depth()[cell]), nan_ok=True)
        if depth[k] > 0:
            assert level[k] == pytest.approx(float(flood.level()[cell]), rel=1e-6)
            assert speed[k] == pytest.approx(math.hypot(u[cell], v[cell]), rel=1e-5)
    assert np.isnan(depth[3])
    with pytest.raises(ValueError, match="outside"):
        flood.probe([(0, 90)])


def test_steps_end_exactly_on_the_times_that_were_asked() -> None:
    flood, seen = storm("first-order"), []
    for time in (0.1, math.pi, 10.0, 10.0, 33.3):
        flood.advance(time, seen.append)
        assert flood.time == time
    assert seen[-1] == 1.0
    with pytest.raises(ValueError, match="runs forwards"):
        flood.advance(5.0)


def test_a_stop_leaves_a_state_that_goes_on() -> None:
    class Stop(Exception):
        pass

    def stop(share: float) -> None:
        raise Stop

    flood, through = storm("first-order"), storm("first-order")
    with pytest.raises(Stop):
        flood.advance(5.0, stop)
    through.advance(5.0)
    flood.advance(5.0)
    assert same(flood, through)


def test_a_blow_up_says_when_and_where_and_keeps_the_last_good_state() -> None:
    flood = Flood(np.zeros((10, 10)), 1.0, sources=[Inflow([[4, 6]], [0.0, 100.0], [0.0, 4e6])])
    with pytest.raises(Unstable, match=r"after \d+\.\d+ s at row \d, column \d"):
        flood.advance(100.0)
    assert np.isfinite(flood.depth()).all()
    assert flood.depth().max() < 128
    assert flood.balance().error == 0


@pytest.mark.parametrize(("change", "text"), [
    ({"manning": -0.1}, "Manning"),
    ({"manning": math.nan}, "Manning"),
    ({"manning": np.full((2, 2), 0.1)}, "shape"),
    ({"cell": 0.0}, "sizes above 0"),
    ({"scheme": "third"}, "give one of"),
    ({"courant": 0.9}, "Courant"),
    ({"terrain": np.full((5, 5), np.nan)}, "nothing to flood"),
    ({"terrain": np.array([[0.0, -9999.0]])}, "relief"),
    ({"edges": Edges(west="weir")}, "wall, open or a level"),
    ({"edges": Edges(west=([5.0, 1.0], [0.0, 1.0]))}, "does not follow"),
    ({"sources": [Inflow([[50, 2]], [0.0, 1.0], [1.0, 1.0])]}, "outside"),
    ({"sources": [Rain([0.0, 1.0], [[1.0, 2.0], [0.0, 0.0]])]}, "zones"),
    ({"blocked": np.eye(5, dtype=bool), "sources": [Inflow([[2, 2]], [0.0, 1.0], [1.0, 1.0])]}, "blocked"),
])  # fmt: skip
def test_a_bad_case_is_refused_in_one_line(change: dict[str, Any], text: str) -> None:
    given: dict[str, Any] = {"terrain": np.zeros((5, 5)), "cell": 1.0, **change}
    with pytest.raises(ValueError, match=text) as wrong:
        Flood(given.pop("terrain"), given.pop("cell"), **given)
    assert "\n" not in str(wrong.value)


@pytest.mark.parametrize(("depth", "text"), [(-1.0, "below 0"), (math.nan, "none"), (500.0, "millimetres")])
def test_bad_water_is_refused_in_one_line(depth: float, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        Flood(np.zeros((5, 5)), 1.0).set_depth(depth)


def test_edges_and_balances_are_values() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Edges().west = "open"  # type: ignore[misc]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_flux_across_edges_is_that_of_a_steady_stream_both_ways(scheme: str) -> None:
    ground = np.tile(1.0 - 0.002 * np.arange(40.0), (5, 1))
    stream = Inflow([[r, 0] for r in range(5)], [0.0, 1e4], [2.5, 2.5])
    flood = Flood(ground, 1.0, scheme=scheme, edges=Edges(east="open"), sources=[stream])
    flood.advance(600.0)
    west, east = np.array([[r, 19] for r in range(5)]), np.array([[r, 20] for r in range(5)])
    there, back = flood.flux(west, east), flood.flux(east, west)
    assert there.sum() == pytest.approx(2.5, rel=0.001)
    assert np.array_equal(back, -there)
    assert not flood.flux([[0, 20]], [[-1, 20]]).any()  # the raster's edge there is a wall
    with pytest.raises(ValueError, match="share no edge"):
        flood.flux([[1, 1]], [[2, 2]])


@pytest.mark.parametrize("scheme", SCHEMES)
def test_no_flux_crosses_a_bank_that_stands_above_the_water(scheme: str) -> None:
    ground = np.zeros((4, 30))
    ground[:2] = 5.0
    flood = Flood(ground, 1.0, scheme=scheme)
    flood.set_depth(np.where(ground > 0, 0.0, 1.0 + np.arange(30) / 30.0))
    flood.advance(2.0)
    foot, bank = np.array([[2, c] for c in range(30)]), np.array([[1, c] for c in range(30)])
    assert not flood.flux(foot, bank).any()
