"""Which object casts a shadow: two boxes, one behind the other, and tables that add up to all the shade."""

from __future__ import annotations

import numpy as np
import pytest
from towns import SUNS, town

from kernels.shadow import SHADE, caster_hours, shadow_casters, shadow_mask


def two_boxes() -> tuple[np.ndarray, np.ndarray]:
    """A box of 10 m in the south (0), one of 20 m north of it (1), and nobody's ground."""
    dsm, owner = np.zeros((100, 60), np.float32), np.full((100, 60), -1, np.int32)
    dsm[80:90, 20:40], owner[80:90, 20:40] = 10, 0
    dsm[60:70, 20:40], owner[60:70, 20:40] = 20, 1
    return dsm, owner


def test_each_shadow_is_its_own_box_s() -> None:
    dsm, owner = two_boxes()
    casters = shadow_casters(dsm, 1.0, 180.0, 45.0, owner)
    assert (casters[70:80, 20:40] == 0).all()
    assert (casters[40:60, 20:40] == 1).all()
    assert (casters == 0).sum() == 200
    assert (casters == 1).sum() == 400
    assert (casters == -2).sum() == dsm.size - 600


def test_the_higher_above_the_ray_is_named_where_two_shadows_meet() -> None:
    dsm, owner = two_boxes()
    # At 11° the low box reaches 51 m, over the roof line of the ground behind the high one, which stands higher.
    casters = shadow_casters(dsm, 1.0, 180.0, 11.0, owner)
    assert (casters[72:79, 25:35] == 0).all()
    assert (casters[0:59, 25:35] == 1).all()
    # Lit parts of a wall's own roof aside, a lower roof in a shadow is named after who shades it.
    assert set(np.unique(shadow_casters(dsm, 1.0, 0.0, 30.0, owner)[80:90, 20:40])) == {-2, 1}


def test_terrain_has_no_owner_and_a_slope_shades_itself() -> None:
    y, _ = np.indices((60, 40))
    slope = (y * np.tan(np.radians(40))).astype(np.float32)
    nobody = np.full((60, 40), -1, np.int32)
    casters = shadow_casters(slope, 1.0, 180.0, 20.0, nobody)
    assert (casters[:-2] == -1).all()
    assert (shadow_casters(slope, 1.0, 180.0, 20.0, nobody + 8)[:-2] == 7).all()


@pytest.mark.parametrize("sun", SUNS)
def test_casters_stand_wherever_the_mask_is_dark(sun: tuple[float, float]) -> None:
    dsm = town(90, 110)
    dsm[30:33, 50:70] = np.nan
    owner = np.arange(dsm.size, dtype=np.int32).reshape(dsm.shape)
    mask, casters = shadow_mask(dsm, 1.0, *sun, 1.5), shadow_casters(dsm, 1.0, *sun, owner, 1.5)
    assert np.array_equal(casters >= 0, mask == SHADE)
    assert np.array_equal(casters == -3, np.isnan(dsm))
    # The caster stands towards the sun, within a cell of the line.
    shaded = np.argwhere(casters >= 0)
    place = np.column_stack(np.divmod(casters[casters >= 0], dsm.shape[1]))
    towards = np.array([-np.cos(np.radians(sun[0])), np.sin(np.radians(sun[0]))])
    gap = place - shaded
    assert (gap @ towards > 0).all()
    assert (abs(gap @ [towards[1], -towards[0]]) <= 1.01).all()


def test_cell_hours_add_up_to_all_the_shade() -> None:
    dsm = town(80, 100)
    dsm[5, 6] = np.nan
    rng = np.random.default_rng(3)
    owner, zone = rng.integers(0, 9, (80, 100), np.int32), rng.integers(-1, 5, (80, 100), np.int32)
    azimuths, altitudes = np.array([*SUNS, (90.0, -5.0)]).T
    hours = np.array([1, 0.5, 0.5, 1, 0.25, 0.5, 1, 99])
    seen: list[float] = []
    table = caster_hours(dsm, 1.0, azimuths, altitudes, hours, owner, 9, zone, 5, 1.5, seen.append)
    masks = [shadow_mask(dsm, 1.0, *s, 1.5) == SHADE for s in SUNS]
    whole = sum(h * m for h, m in zip(hours, masks, strict=False))
    assert table.shape == (9, 5)
    for place in range(5):
        assert table[:, place].sum() == whole[zone == place].sum()
    assert seen[-1] == 1.0
    single = sum(h * (shadow_casters(dsm, 1.0, *s, owner, 1.5) == 4) for h, s in zip(hours, SUNS, strict=False))
    assert table[4, 2] == single[zone == 2].sum()


def test_no_suns_and_a_night_cast_nothing() -> None:
    dsm, owner = two_boxes()
    for suns in (([], []), ([10.0], [-3.0])):
        assert not caster_hours(dsm, 1.0, *suns, 0.5, owner, 2, owner, 2).any()
    with pytest.raises(ValueError, match="horizon"):
        shadow_casters(dsm, 1.0, 10.0, -3.0, owner)


def test_numbers_that_do_not_fit_are_refused_in_one_line() -> None:
    dsm, owner = two_boxes()
    with pytest.raises(ValueError, match="give -1…0"):
        caster_hours(dsm, 1.0, [180.0], [45.0], 1.0, owner, 1, owner, 2)
    with pytest.raises(ValueError, match="int32"):
        shadow_casters(dsm, 1.0, 180.0, 45.0, owner.astype(np.int64))
