"""Hazard of floods: the published thresholds, debris, Australia's limits, and thresholds that a person changes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from citymodel import legends_flood
from citymodel.analysis.flood.parameters import FloodParameters
from citymodel.errors import ParameterError
from citymodel.flood import hazard
from citymodel.parameters import checked


def f4(*values):
    return np.array([values], np.float32)


def test_the_rating_is_depth_times_speed_and_a_half_and_the_debris():
    depth, speed = f4(0.2, 0.5, 1.0), f4(0.0, 1.0, 0.5)
    danger = depth * (speed + np.float32(0.5))
    assert hazard.rating(depth, speed, danger, "none") == pytest.approx(danger)
    assert hazard.rating(depth, speed, danger) == pytest.approx(danger + f4(0.5, 1.0, 1.0))
    assert hazard.rating(depth, speed, danger, "urban") == pytest.approx(danger + f4(0.0, 1.0, 1.0))
    assert hazard.rating(depth, speed, danger, "woodland") == pytest.approx(danger + f4(0.0, 0.5, 1.0))
    assert hazard.rating(depth, speed, danger, "pasture") == pytest.approx(danger + f4(0.0, 0.0, 0.5))


def test_quick_shallow_water_brings_the_debris_of_deep_water():
    depth, speed = f4(0.2), f4(3.0)
    danger = depth * (speed + np.float32(0.5))
    assert hazard.rating(depth, speed, danger, "pasture") == pytest.approx(f4(0.2 * 3.5 + 0.5))


def test_the_careful_debris_knows_depth_alone():
    assert hazard.debris_factor(f4(0.2, 0.3), f4(3.0, 0.0)).tolist() == [[0.5, 1.0]]


@pytest.mark.parametrize("debris", [name for name, _ in hazard.DEBRIS])
def test_no_moment_is_worse_than_the_rating_of_the_maxima(debris):
    rng = np.random.default_rng(4)
    depth, speed = (rng.random((50, 400), np.float32) * np.float32(most) for most in (1.5, 3.5))
    moments = depth * (speed + np.float32(0.5)) + hazard.debris_factor(depth, speed, debris)
    danger = (depth * (speed + np.float32(0.5))).max(axis=0)
    of_maxima = hazard.rating(depth.max(axis=0), speed.max(axis=0), danger, debris)
    assert (of_maxima >= moments.max(axis=0)).all()


def test_a_quick_film_before_slow_deep_water_keeps_its_debris():
    depth, speed = f4(0.2, 0.6)[0], f4(3.0, 0.1)[0]
    danger = (depth * (speed + np.float32(0.5))).max()
    assert hazard.rating(f4(0.6), f4(3.0), f4(danger), "pasture") == pytest.approx(f4(0.2 * 3.5 + 0.5))


def test_dry_cells_are_no_danger_and_walls_are_none():
    found = hazard.rating(f4(0.0, 0.005, np.nan), f4(0.0, 0.0, np.nan), f4(0.0, 0.0, np.nan))
    assert found[0, :2].tolist() == [0.0, 0.0]
    assert np.isnan(found[0, 2])
    assert hazard.classes_uk(found).tolist() == [[0, 0, 0]]


def test_the_classes_change_at_the_published_ratings():
    assert hazard.classes_uk(f4(0.5, 0.74, 0.75, 1.24, 1.25, 1.99, 2.0, 9.0)).tolist() == [[1, 1, 2, 2, 3, 3, 4, 4]]


def test_each_australian_class_is_left_by_depth_by_speed_and_by_their_product():
    rows = [  # depth, speed, product, class
        (0.3, 0.5, 0.15, 1), (0.31, 0.5, 0.15, 2), (0.3, 1.9, 0.57, 2), (0.2, 2.1, 0.42, 5), (0.6, 0.5, 0.3, 3),
        (1.2, 0.5, 0.6, 3), (1.3, 0.5, 0.65, 4), (1.0, 0.9, 0.9, 4), (2.1, 0.1, 0.21, 5), (1.0, 3.0, 3.0, 5),
        (4.1, 0.0, 0.0, 6), (1.0, 4.1, 4.0, 6), (2.0, 2.1, 4.2, 6), (0.0, 0.0, 0.0, 0), (np.nan, np.nan, np.nan, 0),
    ]  # fmt: skip
    depth, speed, product, expected = (np.array([column]) for column in zip(*rows, strict=True))
    assert hazard.classes_au(depth, speed, product).tolist() == expected.tolist()


def test_thresholds_are_text_that_can_be_changed():
    assert hazard.limits_of(hazard.limits_text(hazard.AUSTRALIA)) == hazard.AUSTRALIA
    other = checked(FloodParameters, hazard="0.5, 1, 1.5").hazard
    assert hazard.classes_uk(f4(0.6), other).tolist() == [[2]]


@pytest.mark.parametrize("text", ["", "a, b, c", "1, 2", "2, 1, 3", "0, 1, 2", "1, nan, 2"])
def test_what_are_no_thresholds_is_refused(text):
    with pytest.raises(ParameterError, match="hazard"):
        checked(FloodParameters, hazard=text)


@pytest.mark.parametrize("text", ["0.3 2", "0.3 2 0.3", "0.5 2 .3; 0.3 2 .6; 1 2 3; 4 5 6; 7 8 9", "a b c"])
def test_what_are_no_limits_is_refused(text):
    with pytest.raises(ParameterError):
        hazard.limits_of(text)


@pytest.mark.parametrize(
    "name",
    [name for name in vars(legends_flood) if name.isupper() and isinstance(getattr(legends_flood, name), tuple)
     and not isinstance(getattr(legends_flood, name)[0], str)],
)  # fmt: skip
def test_a_legend_leaves_no_gap_and_names_every_class_once(name):
    legend = getattr(legends_flood, name)
    assert all(a.upper == b.lower for a, b in pairwise(legend))
    assert len({one.label for one in legend}) == len(legend) == len({one.colour for one in legend})


def test_the_legend_of_the_hazard_follows_its_thresholds():
    legend = legends_flood.hazard((0.5, 1.0, 1.5))
    assert [one.upper for one in legend[1:4]] == [0.5, 1.0, 1.5]
    assert "0.5 to 1" in legend[2].label
