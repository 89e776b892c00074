"""The validation page: its chapters hold on the kernels as they are, and a wrong kernel does not pass."""

import numpy as np
import pytest
from click.testing import CliRunner

from citymodel.analysis.vista.clip import cut
from citymodel.validation import (
    boxes,
    delft,
    facades,
    slopes,
    solar,
    stations,
    time_step,
    trees,
    truth_city,
    vector_city,
    viewshed,
    vista,
    year,
)
from citymodel.validation.__main__ import main
from citymodel.validation.columns import column_shade
from citymodel.validation.page import Chapter, Check, Place, page, wrapped
from kernels import shadow
from kernels.march import march_mask


@pytest.fixture
def place(tmp_path):
    return Place(None, tmp_path / "pictures", small=True)


@pytest.mark.parametrize(
    "chapter",
    [boxes, slopes, trees, facades, solar, viewshed, vista],
    ids=["boxes", "slopes", "trees", "facades", "solar", "viewshed", "vista"],
)
def test_a_quick_chapter_holds(chapter, place):
    made = chapter.chapter(place)
    assert made.checks
    assert made.holds, made.markdown()


def test_a_cut_that_leaves_out_the_corridor_s_edges_does_not_hold(place, data, monkeypatch):
    from citymodel.analysis.vista import masses

    def narrow(corners, planes):
        return cut(corners, planes - np.array([0.0, 0.0, 1e-3]))

    monkeypatch.setattr(masses, "cut", narrow)
    made = vista.chapter(Place(data, place.pictures, small=True))
    assert not made.holds


shadow_mask = shadow.shadow_mask


def moved(mask, *how):
    """The mask of a kernel that puts every shadow two cells aside."""
    return np.roll(shadow_mask(mask, *how), 2, axis=1)


def lengthened(z, cell, azimuth, altitude, **how):
    """The mask of a kernel whose sun stands a tenth too low."""
    return shadow_mask(z, cell, azimuth, altitude * 0.9, **how)


def test_a_kernel_that_shifts_its_shadows_does_not_hold(place, monkeypatch):
    pytest.importorskip("open3d")
    monkeypatch.setattr(shadow, "shadow_mask", moved)
    made = truth_city.chapter(place)
    assert not made.holds
    assert "**does not hold**" in made.markdown()


@pytest.mark.parametrize("chapter", [boxes, slopes, trees], ids=["boxes", "slopes", "trees"])
def test_a_kernel_with_longer_shadows_does_not_hold(chapter, place, monkeypatch):
    monkeypatch.setattr(shadow, "shadow_mask", lengthened)
    assert not chapter.chapter(place).holds


def test_a_viewshed_without_refraction_does_not_hold(place, monkeypatch):
    from kernels.sight import Sight

    monkeypatch.setattr(Sight, "bend", property(lambda self: 1 / (2 * 6_378_137.0) if self.curvature else 0.0))
    broken = [one.what for one in viewshed.chapter(place).checks if not one.holds]
    assert len(broken) == 3
    assert all(one.startswith("horizon of a plane") for one in broken)


def test_the_reference_masks_of_a_town_hold(data, tmp_path):
    text, checks = viewshed._reference(Place(data, tmp_path, small=True))
    assert sum(one.what.startswith("cells that differ from brute force") for one in checks) == 2
    assert all(one.holds for one in checks)
    assert "GRASS" in text[1]


def test_masks_of_the_truth_city_hold(place):
    pytest.importorskip("open3d")
    made = truth_city.chapter(place)
    masks = [one for one in made.checks if one.what.startswith("cells")]
    assert len(masks) == 4
    assert all(one.holds for one in masks), made.markdown()


def test_coarse_steps_overstate(place):
    assert time_step.chapter(place).checks[0].holds


def test_the_truth_city_is_the_same_from_its_seed_and_its_houses_stand_apart():
    one, two = vector_city.build(150.0), vector_city.build(150.0)
    np.testing.assert_array_equal(one.faces, two.faces)
    assert one.houses > 20
    z, ground = one.raster(1.0)
    assert np.isfinite(z).all()
    assert 0.5 < ground.mean() < 0.95


def test_the_march_and_the_columns_lengthen_shadows_as_they_are_known_to():
    z = np.zeros((60, 60), np.float32)
    z[20:40, 20:40] = 10.0
    truth_length = 10.0
    for model, low, high in ((march_mask, -1.0, 0.0), (column_shade, 0.0, 1.0)):
        column = model(z, 1.0, 180.0, 45.0)[:20, 30] == 1
        assert low <= column.sum() - truth_length <= high
    slope = np.repeat(np.linspace(0, 20, 60, dtype=np.float32)[:, None], 60, axis=1)
    assert column_shade(slope, 1.0, 180.0, 30.0)[:50].mean() > 0.9
    assert not march_mask(slope, 1.0, 180.0, 30.0).any()


def test_stations_agree_with_the_computed_sun(data, tmp_path):
    made = stations.chapter(Place(data, tmp_path, small=True))
    assert made.holds, made.markdown()


def test_a_year_through_horizons_holds(data, tmp_path):
    made = year.chapter(Place(data, tmp_path, small=True))
    assert len(made.checks) == 5
    assert made.holds, made.markdown()


def test_chapters_without_their_data_say_so(place):
    for chapter in (stations, delft, year):
        made = chapter.chapter(place)
        assert not made.checks
        assert "not on this machine" in made.text[0]


def test_a_page_says_which_bounds_do_not_hold():
    made = page([Chapter("One", ["Text."], [Check("a", 1.0, 2.0, "m"), Check("b", float("nan"), 1.0)])], "Here.")
    assert "1 of 2 bounds hold. Not met: b (One)." in made
    assert "| a | 1.00 m | ≤ 2 m | holds |" in made
    assert "- long" in wrapped("- long " + "word " * 40)


def test_the_command_prints_a_chapter_and_fails_when_it_does_not_hold(monkeypatch, tmp_path):
    words = [str(tmp_path), "--only", "slopes", "--small"]
    assert CliRunner().invoke(main, words).exit_code == 0
    monkeypatch.setattr(shadow, "shadow_mask", lengthened)
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 1
    assert "does not hold" in done.output


def test_the_command_writes_a_page(tmp_path, monkeypatch):
    monkeypatch.setattr("citymodel.validation.__main__.CHAPTERS", ("boxes", "solar"))
    done = CliRunner().invoke(main, [str(tmp_path), "--small"])
    assert done.exit_code == 0, done.output
    text = (tmp_path / "validation.md").read_text(encoding="utf-8")
    assert "4 of 4 bounds hold." in text
