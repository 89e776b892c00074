"""First, last, longest and total sun: against walls known in advance, and against the masks taken one by one."""

from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pytest
from towns import SUNS, day, town

from kernels.shadow import SHADE, SUN, prepare, shadow_mask, shadow_masks, sun_hours, sun_record

FIELDS = ("hours", "longest", "first", "last")


def counted(masks: np.ndarray, times: np.ndarray, step: float, up: np.ndarray) -> dict[str, np.ndarray]:
    """The record by its definition, position after position."""
    shape = masks.shape[1:]
    hours, longest, run = (np.zeros(shape, np.int64) for _ in range(3))
    first, last = (np.full(shape, np.nan) for _ in range(2))
    for k, mask in enumerate(masks):
        lit = mask == SUN
        if k == 0 or not up[k - 1] or times[k] - times[k - 1] > 1.5 * step:
            run[:] = 0
        run = (run + 1) * lit
        longest = np.maximum(longest, run)
        hours += lit
        first[lit & np.isnan(first)] = times[k] - step / 2
        last[lit] = times[k] + step / 2
    return {"hours": hours * step, "longest": longest * step, "first": first, "last": last}


def test_a_wall_to_the_south_leaves_a_morning_and_an_afternoon() -> None:
    dsm = np.zeros((81, 161), np.float32)
    dsm[60:63, 60:101] = 30
    azimuths = np.linspace(91, 269, 179)
    times = 8 + np.arange(179) / 20
    record = sun_record(dsm, 1.0, azimuths, np.full(179, 20.0), times, 0.05)
    # From 20 m north of its middle the wall of 41 m stands within 45.7° of the south, and hides a sun of 20°.
    half = math.degrees(math.atan(20.5 / 20))
    morning = np.flatnonzero(azimuths < 180 - half).size
    at = (40, 80)
    assert record.first[at] == np.float32(times[0] - 0.025)
    assert record.last[at] == np.float32(times[-1] + 0.025)
    assert record.longest[at] == pytest.approx(morning * 0.05, abs=0.051)
    assert record.hours[at] == pytest.approx(2 * morning * 0.05, abs=0.101)
    # In line with the wall, west of it: the sun comes out from behind its end, and the rest of the day is one run.
    beside = (61, 52)
    assert record.first[beside] > 8.1
    assert record.last[beside] - record.first[beside] == pytest.approx(float(record.longest[beside]), abs=1e-5)


def test_a_well_never_sees_the_sun() -> None:
    dsm = np.full((40, 40), 30, np.float32)
    dsm[20, 20] = 0
    record = sun_record(dsm, 1.0, *zip(*day(20), strict=True), np.arange(20) / 4, 0.25)
    assert (record.hours[20, 20], record.longest[20, 20]) == (0, 0)
    assert np.isnan([record.first[20, 20], record.last[20, 20]]).all()
    assert record.hours[0, 0] == 5


def test_ninety_six_times_five_minutes_are_eight_hours() -> None:
    plane = np.zeros((20, 20), np.float32)
    suns = tuple(zip(*day(96), strict=True))
    record = sun_record(plane, 1.0, *suns, 8 + np.arange(96) / 12, 1 / 12)
    assert (record.hours == 8).all()
    assert (record.longest == 8).all()
    assert (sun_hours(plane, 1.0, *suns, 1 / 12) == 8).all()


def test_a_record_is_what_the_masks_say() -> None:
    dsm = town(140, 190)
    dsm[10:12, 30:70] = np.nan
    suns = [*day(37), (200.0, 0.0), *SUNS, (10.0, -4.0), *day(45)]
    azimuths, altitudes = np.array(suns).T
    times = np.arange(len(suns)) * 0.25
    times[20:] += 0.2
    times[60:] += 0.05
    seen: list[float] = []
    record = sun_record(dsm, (1.0, 0.8), azimuths, altitudes, times, 0.25, 1.5, seen.append)
    masks = shadow_masks(dsm, (1.0, 0.8), azimuths, altitudes, 1.5)
    expected = counted(masks, times, 0.25, altitudes > 0)
    for field in FIELDS:
        expected[field][np.isnan(dsm)] = np.nan
        assert np.array_equal(getattr(record, field), expected[field].astype(np.float32), equal_nan=True)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


@pytest.mark.parametrize("receiver", [0.0, 1.6])
def test_many_masks_are_single_masks_and_bits_are_their_lit_cells(receiver: float) -> None:
    dsm = town(90, 120)
    dsm[40, 50:60] = np.nan
    suns = [*SUNS, (120.0, -3.0), *SUNS, *day(9)]
    masks = shadow_masks(dsm, 1.0, *zip(*suns, strict=True), receiver)
    ready = prepare(dsm, 1.0)
    for mask, sun in zip(masks, suns, strict=True):
        assert np.array_equal(mask, shadow_mask(dsm, 1.0, *sun, receiver))
        assert np.array_equal(mask, ready.mask(*sun, receiver))
    planes = shadow_masks(dsm, 1.0, *zip(*suns, strict=True), receiver, packed=True)
    assert planes.shape == (3, 90, 120)
    assert np.array_equal(np.unpackbits(planes, axis=0, bitorder="little")[: len(suns)], masks == SUN)
    assert not np.unpackbits(planes, axis=0, bitorder="little")[len(suns) :].any()


@pytest.mark.parametrize(("study", "outputs"), [("record", 4), ("hours", 1)])
def test_a_day_needs_three_rasters_beside_what_it_reads_and_writes(study: str, outputs: int) -> None:
    dsm = town(1100, 1200)
    azimuths, altitudes = np.array(day(48)).T
    ready = prepare(dsm, 1.0)
    tracemalloc.start()
    if study == "record":
        ready.record(azimuths, altitudes, np.arange(48) / 4, 0.25)
    else:
        ready.hours(azimuths, altitudes, 0.25)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak / dsm.nbytes < outputs + 3.25


def test_no_suns_give_no_masks_and_no_hours() -> None:
    dsm = town(30, 40)
    dsm[2, 3] = np.nan
    assert shadow_masks(dsm, 1.0, [], []).shape == (0, 30, 40)
    assert shadow_masks(dsm, 1.0, [], [], packed=True).shape == (0, 30, 40)
    assert np.nanmax(sun_hours(dsm, 1.0, [], [], 0.5)) == 0
    record = sun_record(dsm, 1.0, [], [], [], 0.5)
    assert np.nanmax(record.hours) == 0
    assert np.isnan(record.hours[2, 3])
    assert np.isnan(record.first).all()


def test_a_night_is_all_shade() -> None:
    dsm = town(30, 40)
    azimuths, altitudes = [10.0, 20.0, 30.0], [-5.0, 0.0, -1.0]
    assert (shadow_masks(dsm, 1.0, azimuths, altitudes) == SHADE).all()
    assert not shadow_masks(dsm, 1.0, azimuths, altitudes, packed=True).any()
    record = sun_record(dsm, 1.0, azimuths, altitudes, [1.0, 2.0, 3.0], 1.0)
    assert (record.longest == 0).all()
    assert np.isnan(record.last).all()


@pytest.mark.parametrize(
    ("times", "step", "text"),
    [([2.0, 1.0], 1.0, "ascending"), ([1.0], 1.0, "one for each"), ([1.0, 2.0], 0.0, "above zero")],
)
def test_times_that_do_not_fit_are_refused_in_one_line(times: list[float], step: float, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        sun_record(town(20, 20), 1.0, [100.0, 120.0], [20.0, 30.0], times, step)
