"""No column of a study's tables shows its own name where a reader looks."""

import pytest

from citymodel.analysis.table_words import column


@pytest.mark.parametrize(
    ("name", "title", "unit", "scale"),
    [
        ("share_enough_low_base", "With enough sun, at least, as it is", "%", 100.0),
        ("apsh_winter_mean_base", "Mean share of the winter half year's sun, as it is", "%", 1.0),
        ("roof_kwh_m2_mean_scenario", "Roof, mean energy of a year, as proposed", "kWh/m²", 1.0),
        ("vsc_share_enough_base", "Points with enough sky component, as it is", "%", 100.0),
        ("roof_total_mwh_difference", "Energy on the roof, change", "MWh", 1.0),
        ("hours_base", "Sun, as it is", "h", 1.0),
        ("x", "East", "m", 1.0),
    ],
)
def test_columns_in_words(name, title, unit, scale):
    found = column(name)
    assert (found.title, found.unit, found.scale) == (title, unit, scale)
