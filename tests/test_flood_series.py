"""Series in time from CSV: units in the header, times that run forwards, and what is said where they do not."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from citymodel.errors import FormatError
from citymodel.formats import series as module
from citymodel.formats.series import read_classes, read_files, read_series

NOON = datetime(2026, 6, 21, 12, tzinfo=UTC)


def csv(folder: Path, text: str) -> Path:
    path = folder / "series.csv"
    path.write_bytes(text.encode("utf-8"))
    return path


@pytest.mark.parametrize(
    ("quantity", "head", "factor"),
    [
        ("inflow", "seconds,m3_per_s", 1.0),
        ("inflow", "seconds,l_per_s", 0.001),
        ("inflow", "Time (s),Discharge (m³/s)", 1.0),
        ("inflow", "time [s],flow [m^3/s]", 1.0),
        ("rain", "seconds,mm_per_hour", 1.0),
        ("rain", "Time (s),Rainfall intensity (mm/hr)", 1.0),
        ("rain", "Time (s),Drainage losses (mm/hr)", 1.0),
        ("rain", "seconds,m_per_s", 3.6e6),
        ("level", "seconds,level_m", 1.0),
        ("level", "seconds,Water level (cm)", 0.01),
    ],
)
def test_a_header_says_the_unit_of_its_column(tmp_path, quantity, head, factor):
    found = read_series(csv(tmp_path, f"{head}\n0,0.02\n60,0.03\n"), quantity)
    assert found.times.tolist() == [0.0, 60.0]
    assert found.one == pytest.approx([0.02 * factor, 0.03 * factor])


@pytest.mark.parametrize(("head", "seconds"), [("minutes", 60.0), ("hours", 3600.0), ("Time (min)", 60.0)])
def test_times_may_be_minutes_and_hours(tmp_path, head, seconds):
    assert read_series(csv(tmp_path, f"{head},m3_per_s\n0,1\n2,1\n"), "inflow").times.tolist() == [0.0, 2 * seconds]


def test_a_hydrograph_without_a_unit_is_refused_and_told_which_headers_are_understood(tmp_path):
    for text in ("0,5\n60,6\n", "seconds,flow\n0,5\n60,6\n"):
        with pytest.raises(FormatError) as wrong:
            read_series(csv(tmp_path, text), "inflow")
        said = str(wrong.value)
        assert "line 1" in said
        assert "unit" in said
        for word in ("m3_per_s", "l_per_s", "mm_per_hour", "level_m"):
            assert word in said


def test_a_hydrograph_in_millimetres_an_hour_is_refused(tmp_path):
    with pytest.raises(FormatError, match="mm_per_hour is no unit of inflow; m3_per_s"):
        read_series(csv(tmp_path, "seconds,mm_per_hour\n0,5\n"), "inflow")


def test_comments_a_byte_order_mark_windows_lines_semicolons_and_decimal_commas_are_read(tmp_path):
    text = "\ufeff# gauge of the mill\r\nseconds;m3_per_s\r\n\r\n0;1,5\r\n# a remark\r\n60;2\r\n"
    found = read_series(csv(tmp_path, text), "inflow")
    assert found.one.tolist() == [1.5, 2.0]
    assert found.lines.tolist() == [4, 6]


def test_moments_with_a_zone_count_from_the_begin_of_the_case(tmp_path):
    text = "time,level_m\n2026-06-21T13:00+00:00,1\n2026-06-21T16:00+02:00,2\n"
    assert read_series(csv(tmp_path, text), "level", NOON).times.tolist() == [3600.0, 7200.0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("time,level_m\n2026-06-21T13:00,1\n", "line 2: '2026-06-21T13:00' names no zone"),
        ("time,level_m\n13 o'clock,1\n", "line 2.*no moment like"),
        ("seconds,m3_per_s\n600,1\n0,2\n", r"line 3: 0 s comes before line 2 \(600 s\).*sort"),
        ("seconds,m3_per_s\n0,1\n0,2\n", "line 3: 0 s repeats the time of line 2"),
        ("seconds,m3_per_s\n0,1\n60,\n", "line 3: the cell of m3_per_s is empty"),
        ("seconds,m3_per_s\n0,1\n60\n", "line 3: the cell of m3_per_s is empty"),
        ("seconds,m3_per_s\n0,nan\n", "line 2: 'nan' is no number"),
        ("seconds,m3_per_s\n0,1e999\n", "line 2: '1e999' is no number"),
        ("seconds,m3_per_s\n0,much\n", "line 2: 'much' is no number for m3_per_s"),
        ("seconds,m3_per_s\nsoon,1\n", "line 2: 'soon' is no number for the time"),
        ("seconds,m3_per_s\n", "a header and no rows"),
        ("", "holds no rows"),
        ("m3_per_s\n1\n", "no column of times"),
        ("seconds,m3_per_s,l_per_s\n0,1,2\n", "2 columns of inflow"),
        ('seconds,m3_per_s\n0,"1\n', "line 2: cannot be read as a row"),
        ("seconds,m3_per_s\n0,1\0\n", "is no text"),
        ("seconds,m3_per_s\n0,1e9\n", "beyond all floods"),
    ],
)
def test_a_broken_series_is_refused_with_its_line(tmp_path, text, said):
    quantity = "level" if "level" in text else "inflow"
    with pytest.raises(FormatError, match=said):
        read_series(csv(tmp_path, text), quantity, NOON)


def test_rain_does_not_fall_upwards(tmp_path):
    with pytest.raises(FormatError, match="line 3: -1 mm/h"):
        read_series(csv(tmp_path, "seconds,mm_per_hour\n0,5\n60,-1\n"), "rain")


def test_moments_without_a_begin_are_refused(tmp_path):
    with pytest.raises(FormatError, match="add begins"):
        read_series(csv(tmp_path, "time,level_m\n2026-06-21T13:00Z,1\n"), "level")


def test_a_gap_in_a_regular_series_is_told(tmp_path):
    rows = "".join(f"{t},1\n" for t in (0, 60, 120, 180, 240, 3600, 3660))
    found = read_series(csv(tmp_path, f"seconds,m3_per_s\n{rows}"), "inflow")
    assert len(found.notes) == 1
    assert "a gap of 3360 s before line 7, elsewhere 60 s" in found.notes[0]


def test_the_corners_of_a_design_hydrograph_are_no_gaps(tmp_path):
    rows = "".join(f"{t},{q}\n" for t, q in ((0, 0), (300, 0), (600, 3000), (1200, 3000), (6000, 0), (108000, 0)))
    assert read_series(csv(tmp_path, f"seconds,m3_per_s\n{rows}"), "inflow").notes == ()


def test_rain_in_another_unit_than_it_says_is_doubted(tmp_path):
    found = read_series(csv(tmp_path, "seconds,mm_per_hour\n0,5000\n60,0\n"), "rain")
    assert "check the unit" in found.notes[0]


def test_a_column_a_zone_keeps_its_number(tmp_path):
    found = read_series(csv(tmp_path, "seconds,mm_per_hour_3,rain 7 (mm/h)\n0,1,2\n60,3,4\n"), "rain", several=True)
    assert found.values.tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert [name.rpartition("_")[2] for name in found.columns] == ["3", "7"]


def test_rasters_in_time_stand_beside_their_list(tmp_path):
    (tmp_path / "a.tif").write_bytes(b"")
    found = read_files(csv(tmp_path, "seconds,file\n0,a.tif\n300,none\n"))
    assert [(row.time, row.path) for row in found] == [(0.0, tmp_path / "a.tif"), (300.0, None)]
    with pytest.raises(FormatError, match=r"line 2: b\.tif: there is no such file"):
        read_files(csv(tmp_path, "seconds,file\n0,b.tif\n"))


def test_a_table_of_land_cover_keeps_its_numbers_and_leaves_names_out(tmp_path):
    found = read_classes(csv(tmp_path, "class,name,manning\n1,grass,0.05\n7,road,\n"))
    assert found.classes.tolist() == [1, 7]
    assert list(found.columns) == ["manning"]
    assert np.isnan(found.columns["manning"][1])
    with pytest.raises(FormatError, match="stands there twice"):
        read_classes(csv(tmp_path, "class,manning\n1,0.05\n1,0.06\n"))


def test_a_series_as_large_as_a_film_is_refused_before_it_is_read(tmp_path, monkeypatch):
    path = csv(tmp_path, "seconds,m3_per_s\n0,1\n60,2\n120,3\n")
    monkeypatch.setattr(module, "ROWS_AT_MOST", 2)
    with pytest.raises(FormatError, match="line 4: is row 3"):
        read_series(path, "inflow")
    monkeypatch.setattr(module, "BYTES_AT_MOST", 10)
    with pytest.raises(FormatError, match="larger than"):
        read_series(path, "inflow")


def test_the_storm_and_the_drains_of_newcastle_are_read_as_they_are(data):
    folder = data / "flood" / "newcastle_centre" / "newcastle-centre" / "boundaries"
    assert read_series(folder / "rainfall.csv", "rain").one[:3].tolist() == [70.0, 70.0, 0.0]
    assert read_series(folder / "drainage.csv", "rain").one.tolist() == [12.0, 12.0]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.lists(st.text("seconds,m3_per_s;\n\"'#0123456789.-+eEnaif \t\r\ufeff²³", max_size=30), max_size=8).map(
            lambda rows: "\n".join(["seconds,m3_per_s", *rows]).encode("utf-8")
        ),
    )
)
def test_any_bytes_are_a_series_or_a_plain_error(tmp_path, raw):
    path = tmp_path / "any.csv"
    path.write_bytes(raw)
    said, found = "", None
    try:
        found = read_series(path, "inflow", NOON)
    except FormatError as wrong:
        said = str(wrong)
    assert "\n" not in said
    assert found is None or ((np.diff(found.times) > 0).all() and np.isfinite(found.values).all())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("seconds,m3_per_s\n0,0\n60,1,5\n", "line 3: has 3 cells below a header of 2; .*semicolons"),
        ("seconds,minutes,m3_per_s\n0,0,0\n60,1,1\n", "line 1: has 2 columns of time"),
        ("seconds,m3_per_s\n0,1\n60,-9999\n120,1\n", "line 3: -9999 marks a missing value"),
    ],
)
def test_what_would_be_read_as_another_number_than_was_meant_is_refused(tmp_path, text, said):
    with pytest.raises(FormatError, match=said):
        read_series(csv(tmp_path, text), "inflow")


def test_empty_cells_beyond_the_header_do_no_harm(tmp_path):
    assert read_series(csv(tmp_path, "seconds,m3_per_s\n0,0,,\n60,1,,\n"), "inflow").one.tolist() == [0.0, 1.0]
