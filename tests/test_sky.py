"""The light of a year: hours, months, a clear sky, and series that a person gives."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from citymodel.analysis.year.tables import BINS, SEASONS, hours_tables, light_vectors
from citymodel.errors import FormatError, ParameterError
from citymodel.formats.weather import read_series
from citymodel.sky import clear_year, measured, months_of
from citymodel.sun import Place

DELFT = Place(52.0, 4.36, -0.8)
ALL = tuple(range(1, 13))


def test_months_are_spans_and_lists():
    assert months_of("4-9") == (4, 5, 6, 7, 8, 9)
    assert months_of("11-2") == (1, 2, 11, 12)
    assert months_of("12, 3,6") == (3, 6, 12)
    for wrong in ("0-3", "13", "May", "", "4-9-11"):
        with pytest.raises(ParameterError, match="4-9"):
            months_of(wrong)


def test_the_sun_shines_half_of_the_year_and_a_little_more():
    light = clear_year(DELFT, 2026, ALL, 30, "Europe/Amsterdam")
    assert light.hours.sum() == 8760
    assert light.possible == pytest.approx(4459, abs=10)  # refraction adds about 70 h
    assert clear_year(DELFT, 2028, (2,), 30, "UTC").hours.sum() == 29 * 24


def test_a_clear_year_brings_what_is_known_of_clear_skies():
    light = clear_year(DELFT, 2026, ALL, 15, "Europe/Amsterdam")
    beam, diffuse = light.level
    assert 1250 < beam < 1450
    assert 200 < diffuse < 350
    assert 850 < light.dni.max() < 1000
    murky = clear_year(DELFT, 2026, ALL, 15, "Europe/Amsterdam", turbidity=6.0)
    assert murky.level[0] < 0.8 * beam
    assert murky.level[1] > diffuse
    assert "turbidity 6" in murky.facts["light"]


def test_halves_of_a_year_make_the_year():
    whole = clear_year(DELFT, 2026, ALL, 30, "Europe/Amsterdam").level
    parts = [clear_year(DELFT, 2026, m, 30, "Europe/Amsterdam").level for m in (months_of("4-9"), months_of("10-3"))]
    assert np.sum(parts, axis=0) == pytest.approx(whole)


def test_tables_hold_every_hour_and_every_joule():
    light = clear_year(DELFT, 2026, ALL, 30, "Europe/Amsterdam")
    hours = hours_tables(light, 90, list(SEASONS.values()))
    assert hours.shape == (4, 90, BINS)
    assert hours[:, :, 0].sum() == pytest.approx(light.possible)
    assert (np.diff(hours, axis=2) <= 0).all()
    assert (hours[:, :, -1] == 0).all()
    vectors = light_vectors(light, 90)
    assert vectors[:, :, 0, 1].sum(1) == pytest.approx(light.level)
    assert hours_tables(light, 90, [ALL], lowest=10.0)[0, :, 0].sum() < light.possible - 500


def test_light_of_an_hour_falls_on_the_minutes_with_sun():
    starts = [datetime(2026, 6, 21, tzinfo=UTC) + timedelta(hours=k) for k in range(24)]
    dni = np.array([0.0] * 3 + [100.0] + [500.0] * 16 + [0.0] * 4)
    light = measured(DELFT, starts, dni, np.full(24, 50.0), ALL, 10, "UTC", "june.csv")
    assert light.hours.sum() == pytest.approx(24)
    assert (light.dni * light.hours).sum() == pytest.approx(dni.sum())
    assert (light.dni[light.altitude <= 0] == 0).all()
    assert light.level[1] == pytest.approx(24 * 50 / 1000)
    assert light.facts["direct_light_by_night"] == 0.0
    shifted = measured(DELFT, starts, np.roll(dni, 12), np.full(24, 50.0), ALL, 10, "UTC", "june.csv")
    assert shifted.facts["direct_light_by_night"] > 0.2


def test_a_series_is_read_with_its_zone(tmp_path):
    path = tmp_path / "w.csv"
    path.write_text("Time;GHI;DHI;DNI\n2026-06-21T12:00;1;50;700\n2026-06-21T13:00+00:00;1;-1;0\n\n", encoding="utf-8")
    series = read_series(path, "Europe/Amsterdam")
    assert series.times[0].astimezone(UTC).hour == 10
    assert series.times[1].astimezone(UTC).hour == 13
    assert series.dni.tolist() == [700, 0]
    assert series.dhi.tolist() == [50, 0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("time,dni\n", "dhi"),
        ("time,dni,dhi\n", "no rows"),
        ("time,dni,dhi\nnoon,1,2\n", "line 2"),
        ("time,dni,dhi\n2026-06-21T12:00Z,1,2\n2026-06-21T13:00Z,nan,2\n", "line 3"),
        ("time,dni,dhi\n2026-06-21T12:00Z,9999,2\n", "no sunlight"),
        ("time,dni,dhi\n2026-06-21T12:00Z,1\n", "line 2"),
    ],
)
def test_a_series_that_is_none_is_refused_with_its_line(tmp_path, text, said):
    path = tmp_path / "w.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FormatError, match=said):
        read_series(path)


def test_a_series_of_days_is_refused():
    days = [datetime(2026, 6, 1 + k, tzinfo=UTC) for k in range(5)]
    with pytest.raises(ParameterError, match="1440 min apart"):
        measured(DELFT, days, np.ones(5), np.ones(5), ALL, 10, "UTC", "d.csv")
