"""Time zones guessed from a place have the clock of that place."""

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from citymodel.document import Document
from citymodel.layers import Layer
from citymodel.project import add_layers
from citymodel.surface import Grid
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


@pytest.mark.parametrize(
    ("latitude", "longitude", "zone"),
    [
        (54.97, -1.61, "Europe/London"), (57.7, 11.97, "Europe/Stockholm"), (48.14, 11.58, "Europe/Berlin"),
        (43.3, 5.37, "Europe/Paris"), (53.35, -6.26, "Europe/Dublin"), (55.68, 12.57, "Europe/Copenhagen"),
        (52.07, 4.3, "Europe/Amsterdam"), (47.37, 8.54, "Europe/Zurich"), (49.61, 6.13, "Europe/Luxembourg"),
    ],
)  # fmt: skip
def test_a_large_city_is_not_named_after_its_neighbours(latitude, longitude, zone):
    assert zone_near(latitude, longitude) == zone


def test_a_crs_tells_the_place_and_none_is_utc():
    assert zone_of_crs("EPSG:28992", 85000.0, 447500.0) == "Europe/Amsterdam"
    assert zone_of_crs(None, 0.0, 0.0) == "UTC"


def test_data_in_degrees_tell_their_zone_too():
    degrees = Grid(-1.62, 54.98, 2e-5, (20, 20), "EPSG:4326").raster(np.full((20, 20), 50.0, np.float32), "terrain")
    document = add_layers(Document(), [Layer("dtm", "Terrain", "terrain", degrees)])
    assert document.frame.crs == "EPSG:32630"
    assert document.zone == "Europe/London"
