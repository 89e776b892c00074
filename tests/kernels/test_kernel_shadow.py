"""Shadow against answers known in advance, against a slow march, and against itself turned and mirrored."""

from __future__ import annotations

import math

import numpy as np
import pytest
from towns import SUNS, box, town

from kernels.lines import CORNER, Lines, combs_of
from kernels.shadow import NO_DATA, SHADE, SUN, Window, shadow_mask, sun_hours


def march(dsm: np.ndarray, azimuth: float, altitude: float) -> np.ndarray:
    """Each cell's ray followed cell by cell by its own definition: continuous surface, upright walls; 1 m cells."""
    combs = combs_of(azimuth, altitude, (1.0, 1.0), dsm.shape).combs
    found = [followed(dsm, lines) for lines in combs]
    decides = combs[0].decides[::-1] if combs[0].reverse else combs[0].decides
    first = (decides[None, :] if combs[0].transposed else decides[:, None]) == 1
    return np.where(first, found[0], found[-1])


def followed(dsm: np.ndarray, lines: Lines) -> np.ndarray:
    """The shade along one comb of lines, for all cells."""
    z = dsm.T if lines.transposed else dsm
    z = z[::-1] if lines.reverse else z
    fall = np.cumsum(lines.drop) / 65536
    count, width = z.shape
    at = np.full((count, width), np.nan)
    for k in range(count):
        for j in range(width):
            beside = j + lines.side[k]
            step = z[k, beside] - z[k, j] if 0 <= beside < width else 0.0
            corner = not lines.decides[k] and lines.fraction[k] > CORNER and step > 2
            at[k, j] = z[k, j] + (step * lines.fraction[k] / 1024 if abs(step) <= 2 else step * corner)
    out = np.zeros((count, width), np.uint8)
    for k in range(count):
        for j in range(width):
            line = j - lines.offset[k]
            for b in range(k - 1, -1, -1):
                i = line + lines.offset[b]
                if not 0 <= i < width:
                    break
                after = at[b + 1, line + lines.offset[b + 1]]
                lift = lines.drop[b + 1] / 65536 / 2 if at[b, i] - after > 2 else 0.0
                if at[b, i] + lift - (fall[k] - fall[b]) > at[k, j] + 2e-4:
                    out[k, j] = 1
                    break
    out = out[::-1] if lines.reverse else out
    return out.T if lines.transposed else out


@pytest.mark.parametrize(
    ("azimuth", "altitude", "area"),
    [(180, 45, 800.0), (135, 30, 1714.6), (160, 20, 2629.2), (247.3, 12, 4056.6), (101.7, 35, 1070.8)],
)
def test_a_box_casts_the_shadow_of_its_hull(azimuth: float, altitude: float, area: float) -> None:
    for cell, share in ((0.5, 0.01), (0.25, 0.007)):
        shade = shadow_mask(box(cell), cell, azimuth, altitude) == SHADE
        assert shade.sum() * cell * cell == pytest.approx(area, rel=share)


@pytest.mark.parametrize("azimuth", [0.0, 33.0, 90.0, 157.5, 225.0, 301.7])
@pytest.mark.parametrize(
    ("slope", "altitude", "lit"), [(20, 30, True), (29, 30, True), (35, 50, True), (10, 12, True), (31, 30, False)]
)
def test_a_slope_facing_away_is_dark_when_steeper_than_the_sun(
    azimuth: float, slope: float, altitude: float, lit: bool
) -> None:
    east, north = math.sin(math.radians(azimuth)), math.cos(math.radians(azimuth))
    y, x = np.mgrid[0:120, 0:120]
    plane = ((x * east - y * north) * math.tan(math.radians(slope))).astype(np.float32)
    shade = shadow_mask(plane, 1.0, azimuth, altitude)[5:-5, 5:-5]
    assert (shade == (SUN if lit else SHADE)).mean() > 0.999


@pytest.mark.parametrize("sun", SUNS)
def test_sweep_equals_a_march_along_each_ray(sun: tuple[float, float]) -> None:
    dsm = town(70, 60)
    assert (shadow_mask(dsm, 1.0, *sun) != march(dsm, *sun)).mean() < 0.001


@pytest.mark.parametrize("sun", SUNS)
def test_turned_and_mirrored_towns_have_turned_and_mirrored_shadows(sun: tuple[float, float]) -> None:
    azimuth, altitude = sun
    dsm = town(200, 150)
    mask = shadow_mask(dsm, 1.0, azimuth, altitude)
    assert 0.02 < (mask == SHADE).mean() < 0.98
    assert np.array_equal(shadow_mask(np.rot90(dsm, -1).copy(), 1.0, azimuth + 90, altitude), np.rot90(mask, -1))
    assert np.array_equal(shadow_mask(dsm[:, ::-1].copy(), 1.0, 360 - azimuth, altitude), mask[:, ::-1])
    assert np.array_equal(shadow_mask(dsm[::-1].copy(), 1.0, 180 - azimuth, altitude), mask[::-1])
    assert np.array_equal(shadow_mask(dsm + np.float32(128), 1.0, azimuth, altitude), mask)


@pytest.mark.parametrize("sun", [s for s in SUNS if s[1] > 15])
def test_a_tile_with_margin_equals_the_whole(sun: tuple[float, float]) -> None:
    dsm = town(900, 800)
    margin = math.ceil(90 / math.tan(math.radians(sun[1]))) + 2
    whole = shadow_mask(dsm, 1.0, *sun)
    tile = dsm[300 - min(300, margin) : 500 + margin, 310 - min(310, margin) : 450 + margin].copy()
    window = Window(300 - min(300, margin), 310 - min(310, margin), 900, 800)
    part = shadow_mask(tile, 1.0, *sun, window=window)
    inner = part[min(300, margin) :, min(310, margin) :][:200, :140]
    assert np.array_equal(inner, whole[300:500, 310:450])


def test_below_the_horizon_all_is_dark_and_adds_nothing() -> None:
    dsm = town(40, 50)
    dsm[3, 4] = np.nan
    mask = shadow_mask(dsm, 1.0, 200.0, -1.0)
    assert mask[3, 4] == NO_DATA
    assert (np.delete(mask.ravel(), 3 * 50 + 4) == SHADE).all()
    hours = sun_hours(dsm, 1.0, [200.0, 10.0], [0.0, -20.0], 1.0)
    assert np.nanmax(hours) == 0
    assert np.isnan(hours[3, 4])


def test_holes_are_marked_and_cast_no_shadow() -> None:
    dsm = np.zeros((60, 60), np.float32)
    dsm[20:30, 20:40] = np.nan
    mask = shadow_mask(dsm, 1.0, 210.0, 15.0)
    assert np.array_equal(mask == NO_DATA, np.isnan(dsm))
    assert not (mask == SHADE).any()


def test_a_receiver_above_the_ground_sees_more_sun() -> None:
    dsm = box(1.0)
    raised = shadow_mask(dsm, 1.0, 180.0, 45.0, 5.0) == SHADE
    assert raised.sum() == 40 * 15


def test_hours_are_the_sum_of_the_masks() -> None:
    dsm = town(150, 170)
    azimuths, altitudes = zip(*SUNS, strict=True)
    weights = np.arange(1, len(SUNS) + 1) / 8
    seen: list[float] = []
    hours = sun_hours(dsm, 1.0, azimuths, altitudes, weights, progress=seen.append)
    expected = sum(w * (shadow_mask(dsm, 1.0, *s) == SUN) for w, s in zip(weights, SUNS, strict=True))
    assert np.array_equal(hours, expected.astype(np.float32))
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_what_progress_raises_stops_the_work() -> None:
    class Enough(Exception):
        pass

    def stop(share: float) -> None:
        if share > 0:
            raise Enough

    with pytest.raises(Enough):
        sun_hours(town(50, 50), 1.0, [180.0] * 9, [30.0] * 9, 1.0, progress=stop)


def test_oblong_cells_shade_by_metres() -> None:
    square = shadow_mask(box(0.5), 0.5, 180.0, 45.0)
    tall = box(0.5)[::2].copy()
    assert (shadow_mask(tall, (0.5, 1.0), 180.0, 45.0) == SHADE).sum() * 0.5 == pytest.approx(
        (square == SHADE).sum() * 0.25, rel=0.03
    )


def test_a_building_changes_nothing_beyond_its_reach() -> None:
    dsm = town(300, 300)
    taller = dsm.copy()
    taller[150:160, 150:160] += 20
    a, b = (sun_hours(d, 1.0, [180.0, 200.0], [45.0, 40.0], 1.0) for d in (dsm, taller))
    assert (a != b).any()
    assert np.array_equal(a[165:], b[165:])
    assert np.array_equal(a[:, 250:], b[:, 250:])


@pytest.mark.parametrize(
    ("dsm", "cell", "text"),
    [
        (np.zeros((3, 3)), 1.0, "float32"),
        (np.zeros((3, 3), np.float32), 0.0, "cell size"),
        (np.full((3, 3), 1e38, np.float32), 1.0, "8000 m"),
        (np.zeros(3, np.float32), 1.0, "rows and columns"),
    ],
)
def test_unfit_surfaces_are_refused_in_one_line(dsm: np.ndarray, cell: float, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        shadow_mask(dsm, cell, 180.0, 30.0)
