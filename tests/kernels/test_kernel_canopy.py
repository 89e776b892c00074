"""Shade of trees: where a crown's shadow begins and ends, what shines under it, and hours through leaves."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from towns import SUNS, day, forest, town

from kernels.lines import Lines, combs_of
from kernels.shadow import (
    CANOPY,
    NO_DATA,
    SHADE,
    SUN,
    Canopy,
    Window,
    shadow_mask,
    shadow_masks,
    sun_hours,
    sun_record,
)


def crown(
    shape: tuple[int, int], cell: float, place: tuple[float, float], radius: float, base: float, top: float
) -> Canopy:
    """A cylinder on a trunk; `place` in metres from the north-western corner, southwards and eastwards."""
    y, x = (np.indices(shape) + 0.5) * cell
    inside = np.hypot(y - place[0], x - place[1]) < radius
    return Canopy(*(np.where(inside, h, np.nan).astype(np.float32) for h in (top, base)), 0.3)


def followed(dsm: np.ndarray, canopy: Canopy, azimuth: float, altitude: float, lift: float) -> np.ndarray:
    """Each ray's walk through the crowns by their own definition; 1 m cells; True where it meets leaves.

    Between two samples of one crown the ray lies, compared with a level one, between the two undersides' lower and
    the two tops' higher; beyond a crown's end it is followed for half a step.
    """
    combs = combs_of(azimuth, altitude, (1.0, 1.0), dsm.shape).combs
    found = [walked(dsm, canopy, lines, lift) for lines in combs]
    decides = combs[0].decides[::-1] if combs[0].reverse else combs[0].decides
    first = (decides[None, :] if combs[0].transposed else decides[:, None]) == 1
    return np.where(first, found[0], found[-1])


def walked(dsm: np.ndarray, canopy: Canopy, lines: Lines, lift: float) -> np.ndarray:
    """The walk along one comb of lines, for all cells."""

    def laid(raster: np.ndarray) -> np.ndarray:
        turned = raster.T if lines.transposed else raster
        return (turned[::-1] if lines.reverse else turned).astype(np.float64)

    z, low, high = (laid(r) for r in (dsm, canopy.base, canopy.top))
    count, width = z.shape

    def sample(k: int, j: int) -> tuple[float, float] | None:
        bottom, top, beside = low[k, j], high[k, j], j + int(lines.side[k])
        if math.isnan(bottom) or math.isnan(top) or top < bottom:
            return None
        part = lines.fraction[k] / 1024
        if 0 <= beside < width and high[k, beside] >= bottom and low[k, beside] <= top:
            return bottom + (low[k, beside] - bottom) * part, top + (high[k, beside] - top) * part
        return float(bottom), float(top)

    out = np.zeros((count, width), bool)
    for k in range(count):
        for j in range(width):
            step = z[k, j + lines.side[k]] - z[k, j] if 0 <= j + lines.side[k] < width else 0.0
            eye = z[k, j] + lift + (step * lines.fraction[k] / 1024 if abs(step) <= 2 else 0.0)
            line, height, after = j - int(lines.offset[k]), eye, None
            for b in range(k, -1, -1):
                i = line + int(lines.offset[b])
                if not 0 <= i < width:
                    break
                drop = lines.drop[b] / 65536
                here = sample(b, i)
                if here is not None:
                    reach = [here[0] - height, here[1] - height]
                    one = after is not None and after[1] >= here[0] and after[0] <= here[1]
                    if b < k and not one:
                        reach[1] += lines.drop[b + 1] / 65536 / 2
                    if b < k and one and after is not None:
                        before = height - lines.drop[b + 1] / 65536
                        reach = [min(reach[0], after[0] - before), max(reach[1], after[1] - before)]
                    i = line + int(lines.offset[b - 1])
                    ahead = sample(b - 1, i) if b > 0 and 0 <= i < width else None
                    if ahead is None or not (ahead[1] >= here[0] and ahead[0] <= here[1]):
                        reach[0] = min(reach[0], here[0] - height - drop / 2)
                    out[k, j] |= reach[0] <= 1e-4 and reach[1] >= -1e-4
                height, after = height + drop, here
    out = out[::-1] if lines.reverse else out
    return out.T if lines.transposed else out


@pytest.mark.parametrize(("altitude", "cell"), [(45.0, 0.5), (30.0, 0.5), (60.0, 0.25), (20.0, 1.0)])
def test_a_crown_shades_from_its_underside_to_its_top(altitude: float, cell: float) -> None:
    n = round(100 / cell)
    canopy = crown((n, n), cell, (70.0, 50.0), 5.0, 4.0, 12.0)
    mask = shadow_mask(np.zeros((n, n), np.float32), cell, 180.0, altitude, canopy=canopy)
    column = np.flatnonzero(mask[:, n // 2] == CANOPY) * cell + cell / 2
    reach = 1 / math.tan(math.radians(altitude))
    # The sun is in the south, so the shadow runs north from the crown between 65 and 75 m.
    assert column.max() == pytest.approx(75 - 4 * reach, abs=cell)
    assert column.min() == pytest.approx(65 - 12 * reach, abs=cell)
    assert not np.isin(mask, [SHADE, NO_DATA]).any()
    # A cylinder's shadow: the disc dragged from one end to the other.
    area = math.pi * 25 + 10 * (12 - 4) * reach
    assert (mask == CANOPY).sum() * cell**2 == pytest.approx(area, rel=0.035)


@pytest.mark.parametrize("azimuth", [0.0, 37.0, 90.0, 135.0, 250.0])
def test_a_crown_s_shadow_has_its_area_from_every_side(azimuth: float) -> None:
    canopy = crown((400, 400), 0.5, (100.0, 100.0), 6.0, 3.0, 15.0)
    mask = shadow_mask(np.zeros((400, 400), np.float32), 0.5, azimuth, 25.0, canopy=canopy)
    area = math.pi * 36 + 12 * 12 / math.tan(math.radians(25))
    assert (mask == CANOPY).sum() / 4 == pytest.approx(area, rel=0.035)


def test_the_sun_shines_under_a_high_crown_and_over_a_low_one() -> None:
    plane = np.zeros((60, 60), np.float32)
    canopy = crown((60, 60), 1.0, (40.0, 30.0), 6.0, 10.0, 14.0)
    low = shadow_mask(plane, 1.0, 180.0, 10.0, canopy=canopy)
    assert low[40, 30] == SUN
    high = shadow_mask(plane, 1.0, 180.0, 80.0, canopy=canopy)
    assert high[40, 30] == CANOPY
    assert (shadow_mask(plane, 1.0, 180.0, 45.0, 20.0, canopy=canopy) == SUN).all()
    inside = shadow_mask(plane, 1.0, 180.0, 5.0, 12.0, canopy=canopy)
    assert inside[38, 30] == CANOPY


def test_a_vertical_sun_shades_what_lies_under_the_crown() -> None:
    canopy = crown((50, 50), 1.0, (25.0, 25.0), 6.0, 5.0, 9.0)
    mask = shadow_mask(np.zeros((50, 50), np.float32), 1.0, 200.0, 90.0, canopy=canopy)
    assert np.array_equal(mask == CANOPY, ~np.isnan(canopy.top))


def test_a_wall_s_shade_is_darker_than_a_tree_s() -> None:
    dsm = np.zeros((80, 80), np.float32)
    dsm[60:63, 20:60] = 15
    canopy = crown((80, 80), 1.0, (50.0, 40.0), 5.0, 2.0, 10.0)
    bare = shadow_mask(dsm, 1.0, 180.0, 30.0)
    mask = shadow_mask(dsm, 1.0, 180.0, 30.0, canopy=canopy)
    assert np.array_equal(mask == SHADE, bare == SHADE)
    assert ((mask == CANOPY) & (bare == SUN)).any()


@pytest.mark.parametrize("sun", SUNS)
def test_sweep_equals_a_walk_along_each_ray(sun: tuple[float, float]) -> None:
    dsm = town(60, 70)
    canopy = forest(60, 70, dsm, trees=25)
    bare, mask = shadow_mask(dsm, 1.0, *sun, 1.5), shadow_mask(dsm, 1.0, *sun, 1.5, canopy=canopy)
    expected = np.where((bare == SUN) & followed(dsm, canopy, *sun, 1.5), CANOPY, bare)
    assert (mask == CANOPY).any()
    assert (mask != expected).mean() < 0.001


@pytest.mark.parametrize("sun", SUNS)
def test_turned_mirrored_and_raised_woods_have_the_same_shade(sun: tuple[float, float]) -> None:
    azimuth, altitude = sun
    dsm = town(140, 110)
    dsm[30:34, 40:60] = np.nan
    canopy = forest(140, 110, dsm)
    mask = shadow_mask(dsm, 1.0, azimuth, altitude, canopy=canopy)

    def alike(change: Callable[[np.ndarray], np.ndarray], azimuth: float) -> np.ndarray:
        trees = Canopy(change(canopy.top).copy(), change(canopy.base).copy(), 0.25)
        return shadow_mask(change(dsm).copy(), 1.0, azimuth, altitude, canopy=trees)

    assert np.array_equal(alike(lambda a: np.rot90(a, -1), azimuth + 90), np.rot90(mask, -1))
    assert np.array_equal(alike(lambda a: a[:, ::-1], 360 - azimuth), mask[:, ::-1])
    assert np.array_equal(alike(lambda a: a[::-1], 180 - azimuth), mask[::-1])
    assert np.array_equal(alike(lambda a: a + np.float32(128), azimuth), mask)
    assert np.array_equal(mask == NO_DATA, np.isnan(dsm))


def test_a_tile_with_margin_equals_the_whole() -> None:
    dsm = town(500, 400)
    canopy = forest(500, 400, dsm, trees=400)
    part = (slice(100, 400), slice(60, 360))
    trees = Canopy(canopy.top[part].copy(), canopy.base[part].copy(), 0.25)
    for sun in [(160.0, 50.0), (250.0, 45.0), (20.0, 55.0)]:
        whole = shadow_mask(dsm, 1.0, *sun, canopy=canopy)
        tile = shadow_mask(dsm[part].copy(), 1.0, *sun, canopy=trees, window=Window(100, 60, 500, 400))
        assert np.array_equal(tile[110:190, 110:190], whole[part][110:190, 110:190])


def test_hours_through_leaves_count_by_their_transmissivity() -> None:
    dsm = town(90, 80)
    dsm[5, 5] = np.nan
    canopy = forest(90, 80, dsm)
    azimuths, altitudes = np.array(day(50)).T
    masks = shadow_masks(dsm, 1.0, azimuths, altitudes, 1.0, canopy=canopy)
    lit, thin = (masks == SUN).sum(axis=0), (masks == CANOPY).sum(axis=0)
    assert thin.max() > 5
    expected = np.where(np.isnan(dsm), np.nan, (lit + 0.25 * thin) * 0.2)
    hours = sun_hours(dsm, 1.0, azimuths, altitudes, 0.2, 1.0, canopy=canopy)
    record = sun_record(dsm, 1.0, azimuths, altitudes, np.arange(50) * 0.2, 0.2, 1.0, canopy=canopy)
    assert np.allclose(hours, expected, rtol=0, atol=1e-5, equal_nan=True)
    assert np.allclose(record.hours, expected, rtol=0, atol=1e-5, equal_nan=True)
    shaded = np.where((masks == SUN).any(axis=0), (masks == SUN).argmax(axis=0) * 0.2 - 0.1, np.nan)
    assert np.allclose(record.first, shaded, rtol=0, atol=1e-5, equal_nan=True)
    planes = shadow_masks(dsm, 1.0, azimuths, altitudes, 1.0, packed=True, canopy=canopy)
    assert np.array_equal(np.unpackbits(planes, axis=0, bitorder="little")[:50], masks == SUN)


def test_more_crowns_than_a_line_remembers_lose_no_shade() -> None:
    plane = np.zeros((400, 9), np.float32)
    top = np.full((400, 9), np.nan, np.float32)
    base = top.copy()
    # Thin plates one above the other, each a little nearer: every one is an interval of its own to the north.
    for i in range(14):
        base[300 - 2 * i], top[300 - 2 * i] = 60 - 4 * i, 60.2 - 4 * i
    canopy = Canopy(top, base, 0.5)
    mask = shadow_mask(plane, 1.0, 180.0, 20.0, canopy=canopy)
    alone = [
        shadow_mask(plane, 1.0, 180.0, 20.0, canopy=Canopy(*(np.where(base == b, h, np.nan) for h in (top, base)), 0.5))
        for b in np.unique(base[~np.isnan(base)])
    ]
    assert ((np.array(alone) == CANOPY).any(axis=0) <= (mask == CANOPY)).all()


@pytest.mark.parametrize(
    ("canopy", "text"),
    [
        (Canopy(np.zeros((3, 3), np.float32), np.zeros((3, 3), np.float32), 1.5), "between 0 and 1"),
        (Canopy(np.zeros((3, 4), np.float32), np.zeros((3, 3), np.float32), 0.5), "shape"),
        (Canopy(np.zeros((3, 3)), np.zeros((3, 3), np.float32), 0.5), "float32"),
        (Canopy(np.full((3, 3), 9e9, np.float32), np.zeros((3, 3), np.float32), 0.5), "8000 m"),
    ],
)
def test_unfit_canopies_are_refused_in_one_line(canopy: Canopy, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        shadow_mask(np.zeros((3, 3), np.float32), 1.0, 180.0, 30.0, canopy=canopy)
