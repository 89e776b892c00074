"""The shifted-raster march: what it must get right to be an oracle, and what the sweep does better."""

from __future__ import annotations

import numpy as np
import pytest
from towns import SUNS, box, town

from kernels.march import march_mask
from kernels.shadow import NO_DATA, SHADE, shadow_mask


@pytest.mark.parametrize(
    ("azimuth", "altitude", "area"),
    [(180, 45, 800.0), (135, 30, 1714.6), (160, 20, 2629.2), (247.3, 12, 4056.6), (101.7, 35, 1070.8)],
)
def test_a_box_s_shadow_is_its_hull_less_a_cell_at_the_most(azimuth: float, altitude: float, area: float) -> None:
    shade = (march_mask(box(0.5), 0.5, azimuth, altitude) == SHADE).sum() * 0.25
    assert area * 0.955 <= shade <= area * 1.005
    ours = (shadow_mask(box(0.5), 0.5, azimuth, altitude) == SHADE).sum() * 0.25
    assert abs(ours - area) <= abs(shade - area) + 1


@pytest.mark.parametrize("sun", SUNS)
def test_march_and_sweep_differ_in_few_cells(sun: tuple[float, float]) -> None:
    dsm = town(220, 180)
    dsm[20:24, 30:60] = np.nan
    ours, theirs = shadow_mask(dsm, (1.0, 0.8), *sun, 1.5), march_mask(dsm, (1.0, 0.8), *sun, 1.5)
    assert np.array_equal(ours == NO_DATA, theirs == NO_DATA)
    assert (ours != theirs).mean() < 0.05


def test_a_turned_raster_has_a_turned_shadow() -> None:
    dsm = town(120, 90)
    mask = march_mask(dsm, 1.0, 160.0, 20.0)
    assert np.array_equal(march_mask(np.rot90(dsm, -1).copy(), 1.0, 250.0, 20.0), np.rot90(mask, -1))
    assert np.array_equal(march_mask(dsm[:, ::-1].copy(), 1.0, 200.0, 20.0), mask[:, ::-1])


def test_below_the_horizon_all_is_dark() -> None:
    assert (march_mask(town(20, 30), 1.0, 100.0, 0.0) == SHADE).all()
