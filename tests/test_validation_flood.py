"""The flood's chapters of the validation page hold on the kernels as they are, and a wrong scheme does not pass."""

import numpy as np
import pytest

from citymodel.validation import (
    flood_agency,
    flood_benchmark,
    flood_blocks,
    flood_bowls,
    flood_cloudburst,
    flood_column,
    flood_dams,
    flood_humps,
    flood_open,
    flood_rain,
    flood_runs,
    flood_steady,
    flood_still,
    flood_valley,
    flood_wall,
)
from citymodel.validation.page import Check, Place
from kernels.bench import flood_truth
from kernels.flood import Flood


@pytest.fixture
def place(tmp_path):
    return Place(None, tmp_path / "pictures", small=True)


@pytest.mark.slow
@pytest.mark.parametrize("chapter", [flood_still, flood_dams, flood_bowls, flood_steady, flood_rain],
                         ids=["still", "dams", "bowls", "steady", "rain"])  # fmt: skip
def test_a_chapter_of_the_flood_holds(chapter, place):
    made = chapter.chapter(place)
    assert made.checks
    assert made.holds, made.markdown()


def test_the_preview_in_place_of_a_full_scheme_does_not_hold(place, monkeypatch):
    def lazy(ground, cell, **how):
        return Flood(ground, cell, **{**how, "scheme": "preview"})

    monkeypatch.setattr(flood_dams, "Flood", lazy)
    broken = [one.what for one in flood_dams.chapter(place).checks if not one.holds]
    assert any(one.startswith("Ritter") for one in broken)
    assert any(one.startswith("Stoker") for one in broken)


def test_a_bound_may_be_the_least():
    assert Check("order", 1.9, 1.2, least=True).holds
    assert not Check("order", 1.1, 1.2, least=True).holds
    assert not Check("order", -1.9, 1.2, least=True).holds
    assert not Check("order", float("nan"), 1.2, least=True).holds
    assert Check("order", 1.9, 1.2, least=True).row()[2] == "≥ 1.2"


def test_the_order_is_that_of_the_last_refinement():
    assert flood_runs.order({100: 4e-2, 200: 1e-2, 50: 1.0}) == pytest.approx(2.0)
    assert flood_runs.small(0.00123) == "1.2e−3"


def test_the_river_with_a_jump_keeps_forces_at_its_jump_and_energy_elsewhere():
    x = np.linspace(0, 500, 20001)
    bed, h = flood_truth.macdonald_with_a_jump(x)
    q, g, n = 2.0, flood_truth.G, 0.033
    k = int(np.argmax(np.abs(np.diff(h))))
    force = q * q / h + g * h * h / 2
    assert abs(force[k] - force[k + 1]) < 1e-3 * force[k]
    assert h[k] < (q * q / g) ** (1 / 3) < h[k + 1]
    head = bed + h + q * q / (2 * g * h * h)
    loss = n**2 * q**2 / h ** (10 / 3)
    falls = -np.gradient(head, x)
    away = np.abs(np.arange(len(x)) - k) > 3
    np.testing.assert_allclose(falls[away][5:-5], loss[away][5:-5], rtol=2e-3)
    assert head[k] > head[k + 1]


@pytest.mark.slow
@pytest.mark.parametrize(
    "chapter",
    [flood_wall, flood_humps, flood_column, flood_blocks, flood_benchmark, flood_valley, flood_cloudburst],
    ids=["wall", "humps", "column", "blocks", "benchmark", "valley", "cloudburst"],
)
def test_a_chapter_from_files_holds(chapter, place, data):
    made = chapter.chapter(Place(data, place.pictures, small=True))
    assert made.checks
    assert made.holds, made.markdown()


def test_chapters_without_their_files_say_so(place):
    for chapter in (flood_humps, flood_column, flood_blocks, flood_valley, flood_cloudburst):
        made = chapter.chapter(place)
        assert not made.checks
        assert "on this machine" in made.text[0]


def test_what_was_not_compared_is_said(place):
    text = flood_open.chapter(place).markdown()
    assert "gauges" in text
    assert "GPU" in text


def test_a_brim_is_the_lowest_ground_over_which_a_hollow_spills():
    bed = np.array([[3.0, 3, 3, 3, 3], [3, 1, 2, 0, 3], [3, 3, 3, 3, 3]])
    assert flood_agency.brims(bed)[1].tolist() == [3, 2, 2, 0, 3]


def test_the_valley_is_read_with_its_gauges_and_all_of_its_inflow(data):
    valley = flood_valley.read(data / "flood" / "ea_test5_valley")
    assert len(valley.gauges) == 7
    assert all(np.isfinite(valley.bed[at]) for at in [*valley.gauges, *valley.inflow])
    assert valley.series[:, 1].max() == 3000.0
    assert np.trapezoid(valley.series[:, 1], valley.series[:, 0]) == flood_valley.VOLUME
