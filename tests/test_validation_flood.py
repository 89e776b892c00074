"""The flood's chapters of the validation page hold on the kernels as they are, and a wrong scheme does not pass."""

import numpy as np
import pytest

from citymodel.validation import flood_bowls, flood_dams, flood_rain, flood_runs, flood_steady, flood_still
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
