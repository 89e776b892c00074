"""The sun's position against the published case, and against the geometry of map projections."""

from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pytest

from citymodel.errors import CrsError, ParameterError
from citymodel.sun import grid_positions, midpoints, place, positions


def test_the_sun_stands_where_the_spa_report_says():
    moment = datetime(2003, 10, 17, 12, 30, 30, tzinfo=timezone(timedelta(hours=-7)))
    azimuth, altitude = positions(
        [moment], 39.742476, -105.1786, elevation=1830.14, pressure=820.0, temperature=11.0, delta_t=67.0
    )
    assert 90 - altitude[0] == pytest.approx(50.111622, abs=1e-5)
    assert azimuth[0] == pytest.approx(194.340241, abs=1e-5)


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ParameterError, match="zone"):
        positions([datetime(2026, 6, 21, 12)], 52.0, 4.0)


@pytest.mark.parametrize(
    ("crs", "x", "y"),
    [("EPSG:32632", 677000.0, 5403000.0), ("EPSG:25833", 368000.0, 5808000.0), ("EPSG:32756", 334000.0, 6251000.0)],
)
def test_convergence_of_utm_is_that_of_the_series(crs, x, y):
    where = place(crs, x, y)
    zone = int(crs[-2:])
    offset = np.radians(where.longitude - (6 * zone - 183))
    expected = np.degrees(np.arctan(np.tan(offset) * np.sin(np.radians(where.latitude))))
    assert where.convergence == pytest.approx(-expected, abs=2e-3)


def test_true_north_west_of_the_central_meridian_lies_clockwise_of_grid_north():
    assert place("EPSG:32632", 300000.0, 5400000.0).convergence > 1.0
    assert place("EPSG:32632", 700000.0, 5400000.0).convergence < -1.0


def test_the_grid_azimuth_is_the_true_one_turned_by_the_convergence():
    when = [datetime(2026, 3, 21, 15, tzinfo=UTC)]
    where = place("EPSG:28992+5709", 84900.0, 447500.0)
    true, _ = positions(when, where.latitude, where.longitude)
    grid, altitude = grid_positions(when, "EPSG:28992+5709", 84900.0, 447500.0)
    assert where.latitude == pytest.approx(52.01, abs=0.02)
    assert grid[0] - true[0] == pytest.approx(where.convergence, abs=1e-9)
    assert 0.7 < where.convergence < 1.0
    assert 20 < altitude[0] < 35


def test_a_grid_of_degrees_has_no_sun_direction():
    with pytest.raises(CrsError, match="metres"):
        place("EPSG:4326", 4.0, 52.0)


def test_a_day_is_sampled_at_the_midpoints_of_its_steps():
    samples = midpoints(date(2026, 6, 21), 9 * 60, 10 * 60, 15, "Europe/Amsterdam")
    assert [s.strftime("%H:%M:%S") for s in samples] == ["07:07:30", "07:22:30", "07:37:30", "07:52:30"]


def test_a_day_may_end_at_24_00_and_a_day_of_clock_change_has_23_hours():
    assert len(midpoints(date(2026, 6, 21), 0, 1440, 60, "Europe/Berlin")) == 24
    assert len(midpoints(date(2026, 3, 29), 0, 1440, 60, "Europe/Berlin")) == 23
    assert len(midpoints(date(2026, 10, 25), 0, 1440, 60, "Europe/Berlin")) == 25


@pytest.mark.parametrize(
    ("start", "end", "step", "zone"),
    [(540, 1000, 15, "UTC"), (540, 540, 15, "UTC"), (540, 1500, 15, "UTC"), (0, 60, 0, "UTC"), (0, 60, 15, "Mars/X")],
)
def test_a_span_that_does_not_fit_is_refused(start, end, step, zone):
    with pytest.raises(ParameterError):
        midpoints(date(2026, 6, 21), start, end, step, zone)
