"""Horizons against answers known in advance, a slow march, the shadow sweep, and themselves turned and mirrored."""

from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pytest
from towns import SUNS, box, town

from kernels import prepared
from kernels.horizon import (
    even_sky,
    gradients,
    horizon_angles,
    hours_above_horizons,
    irradiation_above_horizons,
    sector_centres,
    sky_view_factor,
)
from kernels.shadow import SHADE, Window, lines_of, shadow_mask, sun_hours

AZIMUTHS = [180.0, 135.0, 160.0, 247.3, 101.7, 12.5, 315.0]


def march(dsm: np.ndarray, azimuth: float, lift: float = 0.0) -> np.ndarray:
    """Each line followed cell by cell by its own definition: continuous surface, upright walls; 1 m cells."""
    lines = lines_of(azimuth, 45.0, (1.0, 1.0), dsm.shape)
    z = dsm.T if lines.transposed else dsm
    z = z[::-1] if lines.reverse else z
    turn = math.radians(azimuth)
    pace = 1 / max(abs(math.sin(turn)), abs(math.cos(turn)))
    count, width = z.shape
    at = np.full((count, width), np.nan)
    for k in range(count):
        for j in range(width):
            beside = j + lines.side[k]
            step = z[k, beside] - z[k, j] if 0 <= beside < width else np.nan
            at[k, j] = z[k, j] + (step * lines.fraction[k] / 1024 if abs(step) <= 2 else 0)
    out = np.full((count, width), np.nan)
    for k in range(count):
        for j in range(width):
            line, best = j - lines.offset[k], 0.0
            for b in range(k - 1, -1, -1):
                i = line + lines.offset[b]
                if not 0 <= i < width:
                    break
                after = at[b + 1, line + lines.offset[b + 1]]
                wall = at[b, i] - after > 2 or (np.isnan(after) and not np.isnan(at[b, i]))
                rise = at[b, i] - at[k, j] - lift
                if rise > 0:
                    best = max(best, rise / ((k - b - (0.5 if wall else 0.0)) * pace))
            out[k, j] = np.degrees(np.arctan(best)) if at[k, j] == at[k, j] else np.nan
    out = out[::-1] if lines.reverse else out
    return out.T if lines.transposed else out


@pytest.mark.parametrize("lift", [0.0, 1.5, -0.5])
@pytest.mark.parametrize("azimuth", AZIMUTHS)
def test_horizons_equal_a_march_along_each_line(azimuth: float, lift: float) -> None:
    dsm = town(60, 70)
    dsm[20:24, 30:33] = np.nan
    angles = horizon_angles(dsm, 1.0, [azimuth], lift)[0]
    assert np.array_equal(np.isnan(angles), np.isnan(dsm))
    assert np.nanmax(abs(angles - march(dsm, azimuth, lift))) < 2e-3  # heights are rounded to 1/65536 m
    assert np.nanmax(angles) > 60


@pytest.mark.parametrize("sun", SUNS)
def test_a_cell_is_in_the_shade_of_a_sun_below_its_horizon(
    sun: tuple[float, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepared, "combs_of", lines_of)  # horizons go along one comb of lines
    dsm = town(300, 250)
    dsm[100:120, 50:60] = np.nan
    below = horizon_angles(dsm, (1.0, 0.8), [sun[0]], 1.0)[0] > sun[1]
    assert ((shadow_mask(dsm, (1.0, 0.8), *sun, 1.0) == SHADE) != below).mean() < 1e-4


def test_the_horizon_of_a_10_m_wall_20_m_away_is_26_6_degrees() -> None:
    dsm = np.zeros((60, 61), np.float32)
    dsm[:, :20] = 10
    angles = horizon_angles(dsm, 1.0, [270.0, 90.0])
    assert angles[0, 30, 39] == pytest.approx(np.degrees(np.arctan(10 / 19.5)), abs=1e-4)
    assert (angles[1] == 0).all()
    assert horizon_angles(dsm, 1.0, 270.0, 5.0)[0, 30, 39] == pytest.approx(np.degrees(np.arctan(5 / 19.5)), abs=1e-4)


def test_arc_tangents_are_right_to_a_hundred_thousandth_of_a_degree() -> None:
    rise = np.concatenate([np.linspace(0.01, 1.5, 50), np.geomspace(2.1, 7000, 200)]).astype(np.float32)
    dsm = np.zeros((rise.size, 2), np.float32)
    dsm[:, 0] = rise
    found = horizon_angles(dsm, 1.0, [270.0])[0, :, 1]
    near = np.where(rise > 2, 0.5, 1.0)
    assert abs(found - np.degrees(np.arctan(np.round(rise * 65536.0) / 65536 / near))).max() < 2e-5


@pytest.mark.parametrize(("ratio", "expected"), [(0.5, 0.7071), (1.0, 0.4472), (2.0, 0.2425)])
def test_sky_over_the_middle_of_a_canyon(ratio: float, expected: float) -> None:
    width = 21
    dsm = np.full((801, width + 40), width * ratio, np.float32)
    dsm[:, 20 : 20 + width] = 0
    sky = sky_view_factor(dsm, 1.0)
    assert sky[400, 20 + width // 2] == pytest.approx(expected, abs=0.025)
    assert sky_view_factor(dsm.T.copy(), 1.0)[20 + width // 2, 400] == pytest.approx(sky[400, 20 + width // 2])
    assert (sky[:, :20] == 1).all()


@pytest.mark.parametrize("depth", [10.0, 30.0, 60.0])
def test_sky_over_the_middle_of_a_basin_is_the_squared_cosine_of_its_rim(depth: float) -> None:
    y, x = np.mgrid[-60:61, -60:61]
    dsm = np.where(np.hypot(x, y) < 40, 0, depth).astype(np.float32)
    assert sky_view_factor(dsm, 1.0)[60, 60] == pytest.approx(40**2 / (40**2 + depth**2), abs=0.006)


@pytest.mark.parametrize("away", [5.5, 20.5, 60.5])
def test_sky_before_a_long_wall(away: float) -> None:
    dsm = np.zeros((1201, 90), np.float32)
    dsm[:, :10] = 20
    expected = 0.5 * (1 + away / math.hypot(away, 20))
    assert sky_view_factor(dsm, 1.0)[600, 9 + round(away + 0.5)] == pytest.approx(expected, abs=0.012)


@pytest.mark.parametrize("slope", [10.0, 35.0, 60.0])
@pytest.mark.parametrize("azimuth", [0.0, 70.0, 202.5])
def test_sky_over_a_tilted_plane(slope: float, azimuth: float) -> None:
    east, north = math.sin(math.radians(azimuth)), math.cos(math.radians(azimuth))
    y, x = np.mgrid[0:60, 0:60]
    plane = ((x * east - y * north) * math.tan(math.radians(slope))).astype(np.float32)
    directions = 72
    sky = irradiation_above_horizons(plane, 1.0, sector_centres(directions), even_sky(directions, 181)[None])[0]
    assert sky[20:40, 20:40] == pytest.approx((1 + math.cos(math.radians(slope))) / 2, abs=0.002)


def test_the_beam_on_an_open_plane_is_normal_times_sun() -> None:
    y, x = np.mgrid[0:50, 0:50]
    plane = (0.4 * y + 0.1 * x).astype(np.float32)  # falls to the north, the sun stands high in the south
    normal = np.array([-0.1, 0.4, 1.0]) / math.sqrt(1 + 0.17)
    altitude = math.radians(50.0)
    sun = np.array([0.0, -math.cos(altitude), math.sin(altitude)])
    vectors = np.zeros((1, 1, 91, 2))
    vectors[0, 0, :51] = math.cos(altitude), math.sin(altitude)
    beam = irradiation_above_horizons(plane, 1.0, [180.0], vectors)[0]
    assert beam[10:40, 10:40] == pytest.approx(normal @ sun, rel=1e-4)
    steep = (1.5 * y).astype(np.float32)  # 56°, turned away from a sun at 50°
    assert (irradiation_above_horizons(steep, 1.0, [180.0], vectors)[0, :40] == 0).all()


def test_slopes_are_those_of_the_roofs_beside_walls_too() -> None:
    dsm = np.zeros((30, 30), np.float32)
    dsm[5:15, 8:20] = 10 + 0.5 * np.arange(12)
    dsm[28, 28] = np.nan
    east, north = gradients(dsm, (1.0, 0.5))
    assert (east[5:15, 8:20] == 0.5).all()
    assert (np.delete(east, slice(5, 15), 0) == 0).all()
    assert (north == 0).all()
    y, x = np.mgrid[0:9, 0:9]
    east, north = gradients((0.3 * x - 0.2 * y).astype(np.float32), (1.0, 0.5))
    assert east == pytest.approx(0.3, abs=1e-5)
    assert north == pytest.approx(0.4, abs=1e-5)


@pytest.mark.parametrize("azimuth", AZIMUTHS)
def test_turned_and_mirrored_towns_have_turned_and_mirrored_horizons(azimuth: float) -> None:
    dsm = town(120, 150)

    def angles(z: np.ndarray, towards: float) -> np.ndarray:
        found: np.ndarray = horizon_angles(np.ascontiguousarray(z), 1.0, [towards])[0]
        return found

    whole = angles(dsm, azimuth)
    assert np.array_equal(angles(np.rot90(dsm, -1), azimuth + 90), np.rot90(whole, -1))
    assert np.array_equal(angles(dsm[:, ::-1], 360 - azimuth), whole[:, ::-1])
    assert np.array_equal(angles(dsm[::-1], 180 - azimuth), whole[::-1])
    assert np.array_equal(angles(dsm + np.float32(128), azimuth), whole)


def test_a_turned_town_has_the_same_sky_and_a_taller_town_too() -> None:
    dsm = town(90, 120)
    sky = sky_view_factor(dsm, 1.0, 36)
    assert abs(sky_view_factor(np.rot90(dsm).copy(), 1.0, 36) - np.rot90(sky)).max() < 1e-6
    assert abs(sky_view_factor(dsm[::-1].copy(), 1.0, 36) - sky[::-1]).max() < 1e-6
    assert np.array_equal(sky_view_factor(dsm + np.float32(128), 1.0, 36), sky)
    directions = sector_centres(36)
    light = even_sky(36)[None]
    tilted = irradiation_above_horizons(dsm, 1.0, directions, light)[0]
    turned = irradiation_above_horizons(np.rot90(dsm).copy(), 1.0, directions, light)[0]
    assert abs(turned - np.rot90(tilted)).max() < 2e-6
    assert tilted.min() >= -1e-6


def test_a_tile_that_holds_all_that_rises_equals_the_whole() -> None:
    whole = np.zeros((400, 380), np.float32)
    whole[150:260, 140:240] = town(110, 100)
    tile, window = whole[130:280, 117:263].copy(), Window(130, 117, 400, 380)
    sky = sky_view_factor(whole, 1.0, 40)[130:280, 117:263]
    assert np.array_equal(sky_view_factor(tile, 1.0, 40, window=window), sky)
    n = 24
    given = sector_centres(n), np.random.default_rng(1).random((2, n, 31, 2))
    light = irradiation_above_horizons(whole, 1.0, *given)[:, 130:280, 117:263]
    part = irradiation_above_horizons(tile, 1.0, *given, window=window)
    assert np.array_equal(part[:, 1:-1, 1:-1], light[:, 1:-1, 1:-1])  # a tile's rim knows no neighbour to tilt by


def test_holes_are_marked_and_hide_nothing() -> None:
    dsm = np.zeros((50, 60), np.float32)
    dsm[20:30, 20:40] = np.nan
    sky = sky_view_factor(dsm, 1.0, 16)
    assert np.array_equal(np.isnan(sky), np.isnan(dsm))
    assert (sky[np.isfinite(sky)] == 1).all()


def test_a_receiver_above_all_roofs_sees_all_the_sky() -> None:
    dsm = box(2.0)
    assert (sky_view_factor(dsm, 2.0, 24, 20.0)[dsm == 0] == 1).all()
    assert (sky_view_factor(dsm, 2.0, 24, 2.0) >= sky_view_factor(dsm, 2.0, 24)).all()


def suns(step: float = 1 / 12) -> tuple[np.ndarray, np.ndarray]:
    """Sun positions of days from winter to summer at 52° north, `step` hours apart: azimuth, altitude in degrees."""
    days, hours = np.meshgrid(np.linspace(-23.4, 23.4, 13), np.arange(step / 2, 24, step))
    tilt, turn, place = np.radians(days.ravel()), np.radians((hours.ravel() - 12) * 15), math.radians(52)
    up = np.sin(place) * np.sin(tilt) + np.cos(place) * np.cos(tilt) * np.cos(turn)
    towards = np.arctan2(np.sin(turn), np.cos(turn) * np.sin(place) - np.tan(tilt) * np.cos(place))
    return (np.degrees(towards) + 180) % 360, np.degrees(np.arcsin(up))


def hours_table(azimuths: np.ndarray, altitudes: np.ndarray, directions: int, bins: int, step: float) -> np.ndarray:
    """Hours above each edge, each position shared between its two sectors."""
    up = altitudes > 0
    place = azimuths[up] / (360 / directions) - 0.5
    low = np.floor(place).astype(int)
    row = np.floor(altitudes[up] * (bins - 1) / 90).astype(int)
    counts = np.zeros((directions, bins))
    for sector, share in ((low, 1 - place + low), (low + 1, place - low)):
        np.add.at(counts, (sector % directions, row), share * step)
    return counts[:, ::-1].cumsum(1)[:, ::-1]


def test_hours_through_horizons_are_the_hours_of_the_masks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "combs_of", lines_of)  # horizons go along one comb of lines
    dsm = town(160, 170)
    azimuths, altitudes = suns()
    masks = sun_hours(dsm, 1.0, azimuths, altitudes, 1 / 12)
    most = (altitudes > 0).sum() / 12
    table = hours_table(azimuths, altitudes, 180, 181, 1 / 12)
    quick = hours_above_horizons(dsm, 1.0, sector_centres(180), table)
    assert table[:, 0].sum() == pytest.approx(most)
    assert quick.max() == pytest.approx(most, rel=1e-5)
    assert abs((quick - masks).mean()) < 0.002 * most
    assert abs(quick - masks).mean() < 0.006 * most


def test_many_tables_cost_one_set_of_sweeps_and_add_up() -> None:
    dsm = town(60, 50)
    tables = np.random.default_rng(3).random((3, 12, 19))[..., ::-1].cumsum(-1)[..., ::-1]
    seen: list[float] = []
    parts = hours_above_horizons(dsm, 1.0, sector_centres(12), tables, progress=seen.append)
    assert parts.shape == (3, 60, 50)
    assert parts.sum(0) == pytest.approx(hours_above_horizons(dsm, 1.0, sector_centres(12), tables.sum(0)), rel=1e-5)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_sectors_without_sun_are_left_out() -> None:
    table = np.zeros((8, 10))
    table[3] = np.linspace(5, 0, 10)
    seen: list[float] = []
    hours = hours_above_horizons(np.zeros((20, 20), np.float32), 1.0, sector_centres(8), table, progress=seen.append)
    assert (hours == 5).all()
    assert len(seen) == 2
    assert (hours_above_horizons(np.zeros((9, 9), np.float32), 1.0, sector_centres(8), table * 0) == 0).all()


def test_memory_is_at_most_three_rasters_beyond_input_and_output() -> None:
    dsm = town(600, 650)
    sky_view_factor(dsm, 1.0, 12)
    tracemalloc.start()
    sky_view_factor(dsm, 1.0, 12)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < (1 + 3) * dsm.nbytes


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda z: horizon_angles(z, 1.0, [np.nan]), "azimuths"),
        (lambda z: horizon_angles(z.astype(float), 1.0, [0.0]), "float32"),
        (lambda z: sky_view_factor(z, 1.0, 2), "directions"),
        (lambda z: sky_view_factor(z + np.float32(1e9), 1.0), "8000 m"),
        (lambda z: hours_above_horizons(z, 1.0, [1.0, 2.0], np.zeros((3, 9))), "2 azimuths"),
        (lambda z: irradiation_above_horizons(z, 1.0, [1.0], np.zeros((1, 9))), "1 azimuths"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_one_line(call: object, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        call(np.zeros((5, 5), np.float32))  # type: ignore[operator]
