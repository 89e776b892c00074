"""Design storms and rain statistics: totals, peaks and published curves, tables of weather services and bad ones."""

from __future__ import annotations

import numpy as np
import pytest

from citymodel.analysis.flood.statistics import ROUGH, FromTable, Reinhold, depth_of
from citymodel.analysis.flood.storms import SHAPES, general_curve, storm
from citymodel.errors import FormatError, ParameterError
from citymodel.formats.rain_table import RainTable, read_rain_table

NAMES = [name for name, _ in SHAPES]


def fallen(rain, minutes):
    """mm by so many minutes."""
    sums = np.concatenate([[0.0], np.cumsum(rain.rates[:-1] * np.diff(rain.times)) / 3600.0])
    return float(np.interp(minutes * 60.0, rain.times, sums))


@pytest.mark.parametrize("shape", NAMES)
@pytest.mark.parametrize(("depth", "duration", "step"), [(50.0, 60.0, 5.0), (83.7, 47.0, 5.0), (120.0, 1440.0, 15.0)])
def test_every_storm_holds_its_depth_and_its_duration(shape, depth, duration, step):
    rain = storm(shape, depth, duration, step)
    assert rain.depth == pytest.approx(depth, rel=1e-12)
    assert rain.times[0] == 0.0
    assert rain.times[-1] == pytest.approx(duration * 60.0)
    assert rain.rates[-1] == 0.0
    assert (rain.rates >= 0).all()
    assert np.diff(rain.times).max() <= step * 60.0 + 1e-9


def test_a_climate_uplift_of_20_percent_is_a_fifth_more_at_every_moment():
    rain = storm("chicago", 40.0, 60.0)
    more = rain.stronger(20.0)
    assert more.depth == pytest.approx(48.0)
    assert np.allclose(more.rates, rain.rates * 1.2)
    assert "+20 %" in more.name


def test_chicago_holds_every_duration_of_the_curve_around_its_peak():
    peak, duration, depth = 0.375, 120.0, 60.0
    rain = storm("chicago", depth, duration, 0.5, peak=peak)
    at = peak * duration
    whole = general_curve(np.array([duration]))[0]
    for window in (4.0, 20.0, 60.0):  # whole steps on both sides
        held = fallen(rain, at + (1 - peak) * window) - fallen(rain, at - peak * window)
        assert held == pytest.approx(depth * general_curve(np.array([window]))[0] / whole, rel=1e-9)


def test_chicago_s_rate_is_keifer_and_chu_s_formula():
    a, b, c, r = 1000.0, 10.0, 0.8, 0.4  # rate a / (t + b)^c in mm/h over t minutes

    def curve(t):
        return a / (t + b) ** c * t / 60.0

    rain = storm("chicago", float(curve(np.array([100.0]))[0]), 100.0, 0.01, curve, r)
    t = 15.0 / (1 - r)  # a quarter of an hour after the peak
    rate = a * ((1 - c) * t + b) / (t + b) ** (1 + c)
    step = int((r * 100.0 + 15.0) / 0.01)
    assert rain.rates[step] == pytest.approx(rate, rel=1e-3)


def test_alternating_blocks_have_the_greatest_in_the_middle_and_the_next_to_its_right():
    rates = storm("alternating", 60.0, 60.0, 5.0).rates[:-1]
    order = np.argsort(-rates)
    assert order[:4].tolist() == [5, 6, 4, 7]
    centre = rates[5] * 5 / 60
    assert centre == pytest.approx(60 * general_curve(np.array([5.0]))[0] / general_curve(np.array([60.0]))[0])


def test_euler_two_peaks_at_three_tenths_of_its_duration():
    rates = storm("euler", 60.0, 100.0, 5.0).rates[:-1]
    assert int(np.argmax(rates)) == 5  # the block that ends at 30 of 100 min
    assert (np.diff(rates[:6]) > 0).all()
    assert (np.diff(rates[5:]) < 0).all()


@pytest.mark.parametrize(("shape", "a", "b"), [("feh-summer", 0.100, 0.815), ("feh-winter", 0.060, 1.026)])
def test_feh_profiles_hold_their_formula_s_share_in_the_middle(shape, a, b):
    rain = storm(shape, 100.0, 120.0, 1.0)
    for x in (0.1, 0.5, 0.75):
        held = fallen(rain, 60 + 60 * x) - fallen(rain, 60 - 60 * x)
        assert held == pytest.approx(100 * (1 - a ** (x**b)) / (1 - a), rel=1e-9)
    assert np.allclose(rain.rates[:-1], rain.rates[:-1][::-1])


def test_scs_curves_are_the_published_ones_at_noon():
    by_noon = {"scs-1": 68.2, "scs-1a": 66.4, "scs-2": 66.3, "scs-3": 50.0}
    for shape, share in by_noon.items():
        assert fallen(storm(shape, 100.0, 1440.0, 15.0), 720.0) == pytest.approx(share)


def test_an_scs_storm_of_type_one_a_has_its_steepest_half_hour_before_eight():
    rain = storm("scs-1a", 100.0, 1440.0, 30.0)
    assert int(np.argmax(rain.rates)) == 15  # 7.5 to 8 h, 31 to 42.5 % (the half-hourly table of the SCS)
    assert rain.peak == pytest.approx(2 * (42.5 - 31.0))


def test_an_scs_storm_of_type_two_is_near_the_formula_that_was_fitted_to_it():
    rain = storm("scs-2", 100.0, 1440.0, 15.0)
    for hour in (4, 8, 10, 11, 13, 14, 16, 20):
        t = hour - 12.0
        fitted = 50 + 100 * t / 24 * (24.04 / (2 * abs(t) + 0.04)) ** 0.75
        assert fallen(rain, hour * 60.0) == pytest.approx(fitted, abs=0.8)


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("above 0", {"depth": 0.0}), ("above 0", {"duration": 0.0}), ("above 0", {"step": -5.0}),
        ("above 0", {"depth": float("nan")}), ("0 to 1", {"peak": 1.5}), ("shapes are", {"shape": "round"}),
        ("24 h", {"shape": "scs-2", "duration": 2000.0}),
    ],
)  # fmt: skip
def test_no_storm_is_made_of_what_is_none(words, asked):
    with pytest.raises(ParameterError, match=words):
        storm(**({"shape": "chicago", "depth": 50.0, "duration": 60.0} | asked))


def test_reinhold_gives_r15_once_a_year_and_calls_itself_rough():
    rain = Reinhold(120.0)
    assert depth_of(rain, 15.0, 1.0) == pytest.approx(120.0 * 15 * 60 / 10_000, rel=2e-3)
    assert depth_of(rain, 60.0, 100.0) > depth_of(rain, 60.0, 10.0) > depth_of(rain, 30.0, 10.0)
    assert rain.doubts(60.0, 10.0) == [ROUGH]
    assert any("beyond" in one for one in rain.doubts(600.0, 100.0))


TABLE = RainTable(
    np.array([5.0, 60.0, 720.0]), np.array([2.0, 10.0, 100.0]),
    np.array([[8.0, 11.0, 16.0], [20.0, 30.0, 45.0], [35.0, 50.0, 75.0]]), "city.csv",
)  # fmt: skip


def test_a_table_is_hit_at_its_knots_and_between_them_straight_in_the_logarithms():
    rain = FromTable(TABLE)
    assert depth_of(rain, 60.0, 10.0) == pytest.approx(30.0)
    assert depth_of(rain, np.sqrt(60.0 * 720.0), 10.0) == pytest.approx(np.sqrt(30.0 * 50.0))
    assert depth_of(rain, 60.0, np.sqrt(10.0 * 100.0)) == pytest.approx(np.sqrt(30.0 * 45.0))
    assert rain.doubts(60.0, 30.0) == []


def test_beyond_a_table_it_says_so():
    rain = FromTable(TABLE)
    assert "2 to 100 years" in rain.doubts(60.0, 500.0)[0]
    assert "12 h" in rain.doubts(1440.0, 100.0)[0]
    assert depth_of(rain, 1440.0, 100.0) > 75.0


def test_a_chicago_storm_of_a_table_holds_the_table_s_durations():
    rain = FromTable(TABLE)
    made = storm("chicago", depth_of(rain, 720.0, 100.0), 720.0, 5.0, rain.curve(100.0), peak=0.5)
    assert fallen(made, 390.0) - fallen(made, 330.0) == pytest.approx(45.0, rel=1e-6)


def written(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "rain.csv"
    path.write_text(text, encoding=encoding)
    return path


def test_a_table_with_semicolons_and_decimal_commas_is_read(tmp_path):
    text = "Dauer;1 a;10 a;100 a\n5 min;5,1;9,0;13,5\n1 h;14;24,4;36\n12 Stunden;30;48;70\n"
    table = read_rain_table(written(tmp_path, text))
    assert table.minutes.tolist() == [5.0, 60.0, 720.0]
    assert table.years.tolist() == [1.0, 10.0, 100.0]
    assert table.depths[1].tolist() == [14.0, 24.4, 36.0]


def test_a_table_of_noaa_atlas_14_is_read_in_inches(tmp_path):
    text = (
        "Point precipitation frequency estimates (inches)\nNOAA Atlas 14 Volume 2 Version 3\nLatitude: 38.9°\n\n"
        "PRECIPITATION FREQUENCY ESTIMATES\nby duration for ARI (years):, 1,2,5,10\n"
        "5-min:, 0.344,0.412,0.488,0.546\n60-min:, 1.19,1.44,1.80,2.08\n24-hr:, 2.60,3.14,4.04,4.83\n"
        "2-day:, 3.00,3.63,4.65,5.52\n\nDate/time (GMT):  Thu Nov 26 10:01:22 2026\n"
    )
    table = read_rain_table(written(tmp_path, text, "latin-1"))
    assert table.minutes.tolist() == [5.0, 60.0, 1440.0, 2880.0]
    assert table.depths[1, 3] == pytest.approx(2.08 * 25.4)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no head"), ("a,b\n1,2\n", "no head"), ("min,10,100\n", "no row"),
        ("min,10,100\n60,30,45\n5,31,46\n", "less rain than of the duration before"),
        ("min,10,100\n5,30,20\n", "rarer"), ("min,10,100\n5,a,b\n", "line 2"), ("min,10,10\n5,3,3\n", "twice"),
        ("min,10,100\n5,10,20\n5,11,21\n", "twice"), ("min,10,100\n5,-1,20\n", "above 0"),
        ("min,10,100\n5,9,16\n60,30,\n", "line 3"),
    ],
)  # fmt: skip
def test_a_bad_table_is_refused_in_one_line(tmp_path, text, words):
    with pytest.raises(FormatError, match=words) as told:
        read_rain_table(written(tmp_path, text))
    assert "\n" not in str(told.value)


def test_a_table_that_is_not_there_is_said_to_be_missing(tmp_path):
    with pytest.raises(FormatError, match="cannot be read"):
        read_rain_table(tmp_path / "none.csv")
