"""Time zones guessed from a place have the clock of that place."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from citymodel.timezones import zone_near, zone_of_crs


@pytest.mark.parametrize(
    ("latitude", "longitude", "clock"),
    [
        (52.0, 4.36, "Europe/Amsterdam"),
        (48.76, 11.42, "Europe/Berlin"),
        (35.28, 139.67, "Asia/Tokyo"),
        (43.26, -2.93, "Europe/Madrid"),
        (54.97, -1.6, "Europe/London"),
        (47.6, -122.3, "America/Los_Angeles"),
        (-33.9, 151.2, "Australia/Sydney"),
    ],
)
def test_the_clock_of_a_place(latitude, longitude, clock):
    found = ZoneInfo(zone_near(latitude, longitude))
    for month in (1, 7):
        at = datetime(2026, month, 15, 12)
        assert at.replace(tzinfo=found).utcoffset() == at.replace(tzinfo=ZoneInfo(clock)).utcoffset()


def test_a_crs_tells_the_place_and_none_is_utc():
    assert zone_of_crs("EPSG:28992", 85000.0, 447500.0) == "Europe/Amsterdam"
    assert zone_of_crs(None, 0.0, 0.0) == "UTC"
