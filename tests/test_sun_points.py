"""The day's sun at single points, beside what geometry says."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from citymodel.analysis.sun_points import NIGHT, SHADE, SUN, day_of, place_of, sun_at_points, surfaces_of
from citymodel.document import Document
from citymodel.project import open_data

DAY, ZONE = date(2026, 3, 21), "Europe/Berlin"
X, Y, Z = 390000.0, 5820000.0, 30.0


@pytest.fixture
def document(city_file: Path) -> Document:
    return open_data([city_file])


def test_a_roof_above_all_others_is_in_the_sun_from_its_rise_to_its_setting(document: Document) -> None:
    (found,) = sun_at_points(surfaces_of(document), DAY, ZONE, [(X + 70, Y + 70, Z + 30)])
    assert found.sunrise is not None
    assert found.sunset is not None
    assert [one.kind for one in found.base.spells] == [NIGHT, SUN, NIGHT]
    assert found.base.hours == pytest.approx(found.sunset - found.sunrise)
    assert found.base.hours == found.base.longest == pytest.approx(12.2, abs=0.3)


def test_the_ground_north_of_a_house_is_in_its_shade_at_noon(document: Document) -> None:
    (found,) = sun_at_points(surfaces_of(document), DAY, ZONE, [(X + 10, Y + 24, Z)])
    noon = next(one for one in found.base.spells if one.start <= 12.1 < one.end)
    assert noon.kind == SHADE
    assert found.base.hours < 11
    assert sum(one.end - one.start for one in found.base.spells) == pytest.approx(24.0)


def test_a_point_on_a_wall_is_asked_before_it_at_its_height(document: Document) -> None:
    surface = surfaces_of(document)[0]
    south = (X + 70, Y + 60.01, Z + 20)  # on the south wall of the highest block
    row, column, above = place_of(surface, south, (X + 70, Y - 200, Z + 100))
    assert above == pytest.approx(20.0, abs=0.5)
    assert surface.dsm[row, column] == pytest.approx(Z)
    (found,) = sun_at_points([surface], DAY, ZONE, [south], (X + 70, Y - 200, Z + 100))
    north = (X + 70, Y + 79.99, Z + 20)
    (behind,) = sun_at_points([surface], DAY, ZONE, [north], (X + 70, Y + 400, Z + 100))
    assert found.base.hours > 9 > behind.base.hours


def test_a_proposal_s_day_stands_beside_the_city_s_own(document: Document) -> None:
    from citymodel.scenario import SetHeight

    proposed = document.with_change(SetHeight(document.layers[0].id, "block-0", 90.0))
    surfaces = surfaces_of(proposed)
    assert len(surfaces) == 2
    (found,) = sun_at_points(surfaces, DAY, ZONE, [(X + 10, Y + 68, Z + 15)])
    assert found.scenario is not None
    assert found.scenario.hours < found.base.hours


def test_spells_are_counted_and_the_longest_is_found() -> None:
    kinds = np.array([NIGHT, SUN, SUN, SHADE, SUN, NIGHT], np.uint8)
    found = day_of(kinds, (np.arange(6) + 0.5) * 5 / 60)
    assert [one.kind for one in found.spells] == [NIGHT, SUN, SHADE, SUN, NIGHT]
    assert found.hours == pytest.approx(15 / 60)
    assert found.longest == pytest.approx(10 / 60)


def test_a_point_beside_the_data_is_unknown_and_the_polar_night_has_no_sun(document: Document) -> None:
    from citymodel.analysis.sun_points import UNKNOWN

    (found,) = sun_at_points(surfaces_of(document), DAY, ZONE, [(X + 5000, Y, Z)])
    assert {one.kind for one in found.base.spells} == {NIGHT, UNKNOWN}
    assert found.base.hours == 0.0
