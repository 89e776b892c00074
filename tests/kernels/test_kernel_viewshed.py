"""Viewsheds against formulas, exact fractions and independent results."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sightlines import fraction_viewshed, greatest_need, plain_viewshed
from towns import town

from kernels.cpu.viewshed import _settle
from kernels.cpu.viewshed_sweep import UNSURE
from kernels.cpu.viewshed_walk import pyramid
from kernels.sight import question
from kernels.viewshed import (
    EARTH_RADIUS,
    HIDDEN,
    NO_DATA,
    OUT_OF_RANGE,
    VISIBLE,
    Eye,
    Sight,
    ground_at,
    prepare_view,
)

FLAT = Sight(curvature=False)


def wall(at: int, height: float, cols: int = 200) -> np.ndarray:
    """Flat ground of three rows with a wall along column `at`."""
    z = np.zeros((3, cols), np.float32)
    z[:, at] = height
    return z


def hills(rows: int, cols: int, seed: int, holes: float = 0.0) -> np.ndarray:
    """Seeded noise with steps; heights in 1/64 m."""
    rng = np.random.default_rng(seed)
    z = rng.normal(0, 1, (rows, cols)).cumsum(0).cumsum(1) / 4
    z[rng.random(z.shape) < 0.05] += 5
    z = np.round(z * 64) / 64
    z[rng.random(z.shape) < holes] = np.nan
    return z.astype(np.float32)


def test_the_horizon_of_a_plain_lies_where_the_formula_says() -> None:
    z = np.zeros((1, 12_000), np.float32)
    for k in (0.0, 0.13, 1 / 7):
        seen = prepare_view(z, 1.0).visible(Eye(0, 0, 1.7), Sight(refraction=k))[0]
        horizon = math.sqrt(2 * EARTH_RADIUS * 1.7 / (1 - k))
        assert np.flatnonzero(seen == VISIBLE).max() == pytest.approx(horizon, abs=2)


@pytest.mark.parametrize(("eye", "height", "at"), [(10.0, 4.0, 30), (2.5, 2.0, 20), (30.0, 3.0, 90)])
def test_a_wall_hides_what_the_formula_says(eye: float, height: float, at: int) -> None:
    view = prepare_view(wall(at, height), 1.0)
    hidden = np.flatnonzero(view.visible(Eye(1, 0, eye), FLAT)[1] == HIDDEN)
    behind = at * height / (eye - height)
    assert hidden.tolist() == list(range(at + 1, min(200, at + math.ceil(behind))))
    needed = view.height(Eye(1, 0, eye), FLAT)[1]
    away = np.arange(1, 200 - at)
    assert needed[at + 1 :] == pytest.approx(np.maximum(0, height + (height - eye) * away / at), abs=1e-5)


def test_a_tower_behind_a_wall_must_rise_as_the_formula_says() -> None:
    risen = prepare_view(wall(40, 6.0), 1.0).rise((1, 150), Sight(target=1.5, curvature=False))[1]
    place = np.arange(40)
    assert risen[:40] == pytest.approx(1.5 + (6.0 - 1.5) * (150 - place) / (40 - place), rel=1e-6)
    assert (risen[41:] == 0).all()


def test_a_plateau_hides_the_foot_of_its_cliff() -> None:
    z = np.where(np.arange(100) <= 50, 20, 0).astype(np.float32)[None]
    seen = prepare_view(z, 1.0).visible(Eye(0, 40, 22.0), FLAT)[0]
    assert (seen[:51] == VISIBLE).all()
    # The line over the edge, 2 m in 10, meets the ground 100 m farther; the surface falls 20 m within one cell.
    assert (seen[51:] == HIDDEN).all()
    seen = prepare_view(z, 1.0).visible(Eye(0, 50, 22.0), FLAT)[0]
    assert (seen[52:] == VISIBLE).all()


def test_whoever_is_seen_at_eye_level_sees() -> None:
    z = town(40, 40)
    view = prepare_view(z, 1.0)
    sight = Sight(target=1.7)
    places = [(3, 4), (20, 22), (38, 11), (30, 5), (7, 33)]
    for a in places:
        for b in places:
            there = view.visible(Eye(*a, float(z[a]) + sight.target), sight)[b]
            assert there == view.visible(Eye(*b, float(z[b]) + sight.target), sight)[a]


@pytest.mark.parametrize("eye", [(20, 31), (0, 0), (17.25, 40.5), (-6, 12.75), (44.5, -3)])
def test_turned_and_mirrored_surfaces_give_the_same_bits(eye: tuple[float, float]) -> None:
    z = hills(45, 62, 3, 0.02)
    sight = Sight(target=0.3)
    (row, col), height = eye, 9.3
    upright = prepare_view(z, (1.0, 0.8))
    calls = ("visible", "angle", "height")
    want = [getattr(upright, name)(Eye(row, col, height), sight) for name in calls]
    last_row, last_col = z.shape[0] - 1, z.shape[1] - 1
    turns: list[tuple[Any, Any, tuple[float, float]]] = [
        (lambda a: a[::-1], Eye(last_row - row, col, height), (1.0, 0.8)),
        (lambda a: a[:, ::-1], Eye(row, last_col - col, height), (1.0, 0.8)),
        (lambda a: a.T, Eye(col, row, height), (0.8, 1.0)),
        (np.rot90, Eye(last_col - col, row, height), (0.8, 1.0)),
    ]
    for turn, place, cell in turns:
        turned = prepare_view(np.ascontiguousarray(turn(z)), cell)
        for name, one in zip(calls, want, strict=True):
            got = getattr(turned, name)(place, sight)
            assert np.array_equal(np.ascontiguousarray(turn(one)).view(np.uint8), got.view(np.uint8))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("eye", [(7, 9), (0, 0), (11, 18), (5.3137, 7.9211), (-2.625, 4), (6.5, 30)])
def test_the_exact_viewshed_equals_fractions_in_every_cell(seed: int, eye: tuple[float, float]) -> None:
    z = hills(12, 19, seed, (0, 0.1)[seed % 2])
    height = float(np.nanmax(z)) * (0.3 + 0.2 * seed)
    cell = ((1.0, 1.0), (0.5, 0.75), (30.0, 20.0))[seed % 3]
    sight = Sight(target=seed * 0.4, curvature=seed != 2, holes_block=seed == 3)
    got = prepare_view(z, cell).visible(Eye(*eye, height), sight)
    want = fraction_viewshed(z, Eye(*eye, height), sight, cell)
    assert np.array_equal(got, want)
    assert (got == HIDDEN).any()


SIGHTS = [Sight(), Sight(target=1.7, holes_block=True), Sight(curvature=False), Sight(refraction=-1)]


@pytest.mark.parametrize("seed", range(8))
def test_the_exact_viewshed_equals_all_crossings_of_all_lines(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shape = (int(rng.integers(60, 140)), int(rng.integers(60, 140)))
    cell, sight = ((1.0, 1.0), (25.0, 30.0))[seed % 2], SIGHTS[seed % 4]
    z = (town, hills, terraces)[seed % 3](*shape, seed)
    z[rng.random(shape) < 0.02 * (seed % 2)] = np.nan
    view = prepare_view(z, cell)
    for row, col in [*rng.integers(0, shape, (4, 2)).tolist(), (0, 0)]:
        for height in (0.0, 1.7, 30.0):
            eye = Eye(row, col, float(np.nan_to_num(z[row, col])) + height)
            want = plain_viewshed(z, eye, sight, cell)
            assert np.array_equal(view.visible(eye, sight), want)
            assert np.array_equal(walked(z, eye, sight, cell), want)


def terraces(rows: int, cols: int, seed: int) -> np.ndarray:
    """Whole heights on a lattice of large steps: ties everywhere."""
    rng = np.random.default_rng(seed)
    return np.kron(rng.integers(0, 3, (rows // 7 + 1, cols // 5 + 1)), np.ones((7, 5)))[:rows, :cols].astype(np.float32)


def walked(z: np.ndarray, eye: Eye, sight: Sight, cell: tuple[float, float] = (1.0, 1.0)) -> np.ndarray:
    """Codes by the exact walk alone, without the sweep."""
    out = np.where(np.isnan(z), NO_DATA, UNSURE).astype(np.uint8)
    tops = pyramid(z.ravel(), *z.shape, sight.holes_block)
    _settle(z.ravel(), *tops, question(eye, sight, cell), 2, np.zeros(1, np.int64), 0, len(z), out)
    return out


def test_no_block_is_passed_over_that_holds_a_spike_one_bit_above_the_line() -> None:
    rng = np.random.default_rng(1)
    for case in range(150):
        bend = case % 2 == 0
        cell, sight = (30.0, 30.0), Sight(curvature=bend)
        step, parts = rng.integers(1, 30, 2), int(rng.integers(2, 6))
        eye = Eye(int(rng.integers(0, 8)), int(rng.integers(0, 8)), float(rng.integers(1, 9)) + 0.25)
        z = np.full((160, 160), -5000.0, np.float32)
        target = int(eye.row) + parts * int(step[0]), int(eye.col) + parts * int(step[1])
        z[target] = level = np.float32(rng.integers(-64, 64) / 4)
        part = int(rng.integers(1, parts))
        far = ((target[0] - eye.row) ** 2 + (target[1] - eye.col) ** 2) * 900
        share = Fraction(part, parts)
        line = Fraction(eye.height) + (Fraction(float(level)) - Fraction(eye.height)) * share
        line -= Fraction(sight.bend) * Fraction(far) * share * (1 - share)
        under = np.float32(float(line))
        while Fraction(float(under)) > line:
            under = np.nextafter(under, np.float32(-np.inf))
        spike = int(eye.row) + part * int(step[0]), int(eye.col) + part * int(step[1])
        for height, code in ((under, VISIBLE), (np.nextafter(under, np.float32(np.inf)), HIDDEN)):
            z[spike] = height
            view = prepare_view(z, cell)
            assert view.visible(eye, sight)[target] == code
            assert walked(z, eye, sight, cell)[target] == code


@pytest.mark.parametrize("name", ["street", "roof"])
def test_the_preview_differs_in_few_cells(name: str, data: Path) -> None:
    z, eye, want = synthetic_town(data, name)
    got = prepare_view(z, 1.0).preview(eye, FLAT)
    both, either = ((got == VISIBLE) & (want == 1)).sum(), ((got == VISIBLE) | (want == 1)).sum()
    assert (got != want).mean() < 0.01
    assert both / either > 0.97  # GDAL's own way reaches .80 and .95 here


@pytest.mark.parametrize("eye", [(30, 40), (12.3, 61.8), (-4, 20)])
def test_least_heights_equal_a_plain_walk(eye: tuple[float, float]) -> None:
    z, cell, place = town(60, 80), (1.0, 0.9), Eye(*eye, 47.3)
    view = prepare_view(z, cell)
    ground = np.full(z.shape, 20, np.float32)
    over = prepare_view(z, cell, ground).height(place)
    need = greatest_need(z, place, Sight(), cell)
    assert view.height(place) == pytest.approx(np.maximum(need - z, 0), abs=1e-4)
    assert over == pytest.approx(np.maximum(need - 20, 0), abs=1e-4)
    assert np.array_equal(view.height(place) == 0, view.visible(place) == VISIBLE)
    floor = ground_at(z, *eye)
    risen = greatest_need(z, place, Sight(target=1.0), cell, rise=True)
    want = np.fmax(risen, floor)
    assert view.rise(eye, Sight(target=1.0)) == pytest.approx(want, rel=1e-5)


def test_an_eye_as_high_as_asked_sees_and_a_lower_one_does_not() -> None:
    z = town(50, 50)
    view = prepare_view(z, 1.0)
    risen = view.rise((20, 20), Sight(target=0.5))
    for row, col in ((3, 4), (45, 12), (30, 44), (8, 30)):
        height = float(risen[row, col])
        assert view.visible(Eye(20, 20, height + 1e-3), Sight(target=0.5))[row, col] == VISIBLE
        if height > z[20, 20]:
            assert view.visible(Eye(20, 20, height - 1e-3), Sight(target=0.5))[row, col] == HIDDEN


def test_a_hole_lets_the_light_through_unless_told_not_to() -> None:
    z = np.zeros((5, 21), np.float32)
    z[:, 10] = np.nan
    seen = prepare_view(z, 1.0).visible(Eye(2, 0, 1.0), FLAT)
    assert (seen[:, 10] == NO_DATA).all()
    assert (seen[:, 11:] == VISIBLE).all()
    blocked = prepare_view(z, 1.0).visible(Eye(2, 0, 1.0), Sight(curvature=False, holes_block=True))
    assert (blocked[:, 11:] == HIDDEN).all()
    assert (blocked[:, :10] == VISIBLE).all()


def test_a_hole_beside_the_line_hides_nothing() -> None:
    z = np.zeros((3, 12), np.float32)
    z[0], z[2] = np.nan, np.nan
    seen = prepare_view(z, 1.0).visible(Eye(1, 0, 1.0), Sight(holes_block=True))
    assert (seen[1] == VISIBLE).all()


def test_limits_are_kept_to_the_cell() -> None:
    z = np.zeros((21, 21), np.float32)
    z[0, 0] = np.nan
    view, eye = prepare_view(z, 2.0), Eye(10, 10, 1.0)
    south, east = (np.mgrid[0:21, 0:21] - 10) * 2.0
    far = np.hypot(south, east)
    ring = view.visible(eye, Sight(reach=10, nearest=4))
    assert np.array_equal(ring == VISIBLE, (far <= 10) & (far >= 4))
    assert ring[0, 0] == NO_DATA
    assert set(np.unique(ring)) == {VISIBLE, NO_DATA, OUT_OF_RANGE}
    bearing = np.degrees(np.arctan2(east, -south)) % 360
    quarter = view.visible(eye, Sight(azimuth=(0, 90))) == VISIBLE
    assert np.array_equal(quarter, (bearing <= 90) | (far == 0))
    past_north = view.visible(eye, Sight(azimuth=(350, 20))) == VISIBLE
    assert np.array_equal(past_north, ((bearing >= 350) | (bearing <= 20) | (far == 0)) & (z == 0))
    most = view.visible(eye, Sight(azimuth=(20, 350))) == VISIBLE
    assert np.array_equal(most, ((bearing <= 350) & (bearing >= 20) | (far == 0)) & (z == 0))
    pitched = view.visible(eye, Sight(pitch=(-10, 0), curvature=False)) == VISIBLE
    assert np.array_equal(pitched, ((far >= 1 / math.tan(math.radians(10))) | (far == 0)) & (z == 0))


@pytest.mark.parametrize("sight", [Sight(azimuth=(10, 20)), Sight(pitch=(5, 10)), Sight(reach=0.1)])
def test_the_cell_in_which_the_eye_stands_is_seen_whatever_the_limits(sight: Sight) -> None:
    view = prepare_view(np.zeros((9, 9), np.float32), (2.0, 0.5))
    for row, col in ((4.0, 4.0), (4.3, 3.8), (3.6, 4.4)):
        seen = [view.visible(Eye(row, col, 1.0), sight), view.preview(Eye(row, col, 1.0), sight)]
        assert [one[4, 4] for one in seen] == [VISIBLE, VISIBLE]
        assert [int(view.count([Eye(row, col, 1.0)], sight, preview=quick)[4, 4]) for quick in (False, True)] == [1, 1]
    assert view.visible(Eye(4.3, 3.8, 1.0), Sight(nearest=3))[4, 4] == OUT_OF_RANGE


def test_angles_are_those_of_the_lines_to_what_is_seen() -> None:
    z = town(40, 50)
    eye, sight = Eye(20, 20, 60.0), Sight(target=2.0, reach=22)
    view = prepare_view(z, 1.0)
    south, east = np.mgrid[0:40, 0:50] - 20.0
    far = np.hypot(south, east)
    rise = z + 2.0 - 60.0 - sight.bend * far**2
    seen = view.visible(eye, sight) == VISIBLE
    assert view.angle(eye, sight)[seen] == pytest.approx(np.degrees(np.arctan2(rise, far))[seen], abs=1e-5)
    assert np.isnan(view.angle(eye, sight)[~seen]).all()


def test_a_count_is_the_sum_of_single_viewsheds() -> None:
    z = hills(40, 50, 5, 0.01)
    view = prepare_view(z, 1.0)
    eyes = [Eye(r, c, 6.0) for r in (0, 13.5, 39) for c in (4, 22.25, 60)]
    sight = Sight(reach=30)
    for preview in (False, True):
        single = view.preview if preview else view.visible
        want = sum((single(eye, sight) == VISIBLE).astype(np.uint32) for eye in eyes)
        got = view.count(eyes, sight, preview=preview)
        assert got.dtype == np.uint32
        assert np.array_equal(got, want)
    assert not view.count([], sight).any()


def test_a_sight_line_names_its_highest_obstacle() -> None:
    z = np.zeros((5, 31), np.float32)
    z[:, 10], z[:, 20] = 3.0, 9.0
    line = prepare_view(z, 2.0).line(Eye(2, 0, 5.0), 2, 30, Sight(target=1.0))
    assert not line.visible
    assert line.distance[line.obstacle] == 40
    assert line.surface[line.obstacle] == 9
    assert line.distance[[0, -1]].tolist() == [0, 60]
    assert line.line[[0, -1]].tolist() == [5, 1]
    assert line.line[15] == pytest.approx(3.0 - Sight().bend * 900)
    z[:, 20] = 0
    clear = prepare_view(z, 2.0).line(Eye(2, 0, 5.0), 2, 30, Sight(target=1.0))
    assert clear.visible
    assert clear.obstacle == -1


@pytest.mark.parametrize("holes_block", [False, True])
def test_single_sight_lines_agree_with_the_viewshed(holes_block: bool) -> None:
    z = hills(30, 34, 8, 0.03)
    eye, sight = Eye(11.5, 12.25, 7.0), Sight(target=0.2, holes_block=holes_block)
    view = prepare_view(z, (1.0, 1.5))
    seen = view.visible(eye, sight)
    for row in range(0, 30, 3):
        for col in range(0, 34, 4):
            if seen[row, col] != NO_DATA:
                assert view.line(eye, row, col, sight).visible == (seen[row, col] == VISIBLE)


def test_the_skyline_over_a_wall_is_its_angle() -> None:
    z = np.zeros((101, 101), np.float32)
    z[:20] = 30.0
    angle, distance = prepare_view(z, 1.0).horizon(Eye(50, 50, 2.0), [0, 30, 180], FLAT)
    assert distance == pytest.approx([31, 31 / math.cos(math.radians(30)), 50])
    assert angle[:2] == pytest.approx(np.degrees(np.arctan(28 / distance[:2])))
    assert angle[2] == pytest.approx(-math.degrees(math.atan(2 / 50)))
    none, far = prepare_view(z, 1.0).horizon(Eye(-5, 50, 2.0), [0.0])
    assert none[0] == -math.inf
    assert far[0] == math.inf


def test_an_isovist_in_a_round_bowl_is_a_circle() -> None:
    south, east = np.mgrid[0:201, 0:201] - 100.0
    z = ((south**2 + east**2) * 1.7 / 40**2).astype(np.float32)
    isovist = prepare_view(z, 0.5).isovist(Eye(100, 100, 1.7))
    assert isovist.radial == pytest.approx(20, abs=0.01)
    assert isovist.area == pytest.approx(math.pi * 400, rel=1e-3)
    assert isovist.compactness == pytest.approx(1, abs=1e-3)
    assert isovist.drift == pytest.approx(0, abs=1e-3)
    assert isovist.occlusivity == 0
    assert isovist.least_radial <= isovist.mean_radial <= isovist.most_radial


def test_an_isovist_goes_on_behind_a_corner() -> None:
    z = np.zeros((121, 121), np.float32)
    z[40:60, 70:90] = 20
    isovist = prepare_view(z, 1.0).isovist(Eye(80, 60, 1.7), 1440, Sight(reach=55))
    # Past two corners, the room goes on to the reach; the surface passes eye level 0.1 cells before the wall is up.
    corners = math.hypot(40.9, 9.1) + math.hypot(20.1, 29.9)
    assert isovist.occlusivity == pytest.approx(2 * 55 - corners, rel=0.1)
    sector = prepare_view(z, 1.0).isovist(Eye(60, 60, 1.7), 360, Sight(reach=30, azimuth=(180, 270)))
    assert sector.area == pytest.approx(math.pi * 900 / 4, rel=0.01)
    assert sector.perimeter == pytest.approx(30 * (2 + math.pi / 2), rel=0.01)


def test_ground_is_bilinear_and_unknown_beside_holes() -> None:
    z = np.array([[0, 1], [2, 7]], np.float32)
    assert ground_at(z, 0.5, 0.25) == pytest.approx(0.5 * 0.25 + 0.5 * (2 + 0.25 * 5))
    assert ground_at(z, 1, 1) == 7
    z[0, 1] = np.nan
    assert ground_at(z, 1, 0.5) == 4.5
    assert math.isnan(ground_at(z, 0.5, 0.5))
    assert math.isnan(ground_at(z, 1.2, 0))


def test_least_heights_are_gdal_s_where_its_way_is_exact(data: Path) -> None:
    cases = json.loads((data / "viewshed" / "gdal_autotest_cpp" / "cases.json").read_text())
    assert len(cases) > 10
    for case in cases:
        as_gdal_has_it(case)


def as_gdal_has_it(case: dict[str, Any]) -> None:
    z = np.array(case["dem"], np.float32)
    col, row = case["observer_colrow"]
    inside = 0 <= row < z.shape[0] and 0 <= col < z.shape[1]
    eye = Eye(row, col, case["oz"] + (float(z[row, col]) if inside else 0.0))
    view = prepare_view(z, 1.0)
    if case["name"] == "all_visible":
        assert (view.visible(eye, FLAT) == VISIBLE).all()
        return
    needed = view.height(eye, FLAT)
    want = np.array([case["dem_mode"]] if "dem_mode" in case else case["expect"])
    south, east = np.mgrid[0 : z.shape[0], 0 : z.shape[1]].astype(float)
    south, east = abs(south - row), abs(east - col)
    exact = (south == 0) | (east == 0) | (south == east)
    assert exact.sum() > 1
    got = np.where(needed > 0, z + needed, z)
    # Where the ground itself is seen, GDAL gives the lower height that would do, or the ground.
    right = np.isclose(got, want, atol=1e-6) | ((needed == 0) & (want <= z))
    assert right[exact].all(), case["name"]
    if "ground" in case:
        assert needed[0] == pytest.approx(case["ground"], abs=1e-6)


def synthetic_town(data: Path, name: str) -> tuple[np.ndarray, Eye, np.ndarray]:
    """The synthetic town, an eye in it, and what it sees on a flat Earth by exact fractions."""
    rasterio = pytest.importorskip("rasterio")
    folder = data / "viewshed" / "synthetic_urban"
    with rasterio.open(folder / "dsm_1000.tif") as file:
        z = file.read(1).astype(np.float32)
    row, col = json.loads((folder / "meta.json").read_text())["observers_rowcol"][name]
    with np.load(folder / "expected_1000.npz") as stored:
        want = np.unpackbits(stored[f"r3_exact_{name}"]).reshape(z.shape)
    return z, Eye(row, col, float(z[row, col]) + 1.7), want


@pytest.mark.parametrize("name", ["street", "roof"])
def test_the_synthetic_town_is_exact_in_every_cell(name: str, data: Path) -> None:
    z, eye, want = synthetic_town(data, name)
    assert np.array_equal(prepare_view(z, 1.0).visible(eye, FLAT), want)
    assert np.array_equal(walked(z, eye, FLAT), want)


def test_work_tells_of_its_progress_and_stops() -> None:
    view = prepare_view(town(300, 300), 1.0)
    shares: list[float] = []
    view.visible(Eye(1, 1, 50.0), progress=shares.append)
    assert shares[0] == 0
    assert shares[-1] == 1
    assert shares == sorted(shares)

    def stop(share: float) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        view.count([Eye(1, 1, 50.0)], progress=stop)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: prepare_view(np.zeros(4, np.float32), 1.0), "rows and columns"),
        (lambda: prepare_view(np.zeros((4, 4)), 1.0), "float32"),
        (lambda: prepare_view(np.zeros((4, 4), np.float32), 0.0), "above zero"),
        (lambda: prepare_view(np.zeros((4, 4), np.float32), 1.0, np.zeros((4, 5), np.float32)), "ground"),
        (lambda: Sight(reach=0), "reach 0 m"),
        (lambda: Sight(nearest=5, reach=4), "nearest"),
        (lambda: Sight(target=math.nan), "target"),
        (lambda: Sight(azimuth=(20, 20)), "azimuth"),
        (lambda: Sight(azimuth=(20, math.inf)), "azimuth"),
        (lambda: Sight(pitch=(10, -10)), "pitch"),
        (lambda: Sight(refraction=2), "refraction"),
        (lambda: prepare_view(np.zeros((4, 4), np.float32), 1.0).visible(Eye(0, 0, math.nan)), "eye at nan"),
        (lambda: prepare_view(np.zeros((4, 4), np.float32), 1.0).visible(Eye(math.inf, 0, 1)), "place"),
        (lambda: prepare_view(np.zeros((4, 4), np.float32), 1.0).line(Eye(0, 0, 1), 9, 9), "no surface"),
        (lambda: prepare_view(np.zeros((4, 4), np.float32), 1.0).isovist(Eye(0, 9, 1)), "outside"),
        (lambda: prepare_view(np.zeros((4, 4), np.float32), 1.0).isovist(Eye(0, 1, 1), 3), "rays"),
        (lambda: prepare_view(np.zeros((4, 4), np.float32), 1.0).horizon(Eye(0, 1, 1), [math.nan]), "azimuths"),
    ],
)
def test_what_has_no_answer_is_refused_in_one_line(call: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words) as refused:
        call()
    assert "\n" not in str(refused.value)
