"""The shadow diagram: its masks are those of the analysis, its hours those of the clock asked for."""

import dataclasses
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from pydantic import ValidationError
from test_shadow_study import ORIGIN, TOWER, UTM, town

from citymodel.analysis.diagram.study import BEYOND, GONE, NEW, NO_DATA, SHADE, SUN, DiagramParameters, run
from citymodel.analysis.sun_study import shade
from citymodel.errors import Cancelled, CrsError, ParameterError, ResourceError
from citymodel.geo import Frame
from citymodel.jobs import Job
from citymodel.scenario import RemoveObject, Scenario, SetHeight
from citymodel.sun import moments, positions, standard_offset
from citymodel.surface import Grid, analysis_surface

ZONE = "Europe/Amsterdam"
FEW = DiagramParameters(zone=ZONE, dates="2026-03-21,2026-12-21", minutes="10:00,13:00,17:00", cell=1.0, extent="data")


def field(**changes):
    return FEW.model_copy(update=changes)


def plane(crs=UTM, cell=1.0, size=(60, 80)):
    """A box of 20 m in the middle of level ground."""
    z = np.zeros(size, np.float32)
    z[25:35, 35:45] = 20.0
    return Grid(500000.0, 5750000.0, cell, size, crs).raster(z, "surface")


def test_the_masks_of_base_and_scenario_are_the_analysis_s_shade():
    document = town().with_scenario(TOWER)
    diagram = run(document, FEW)
    assert [(one.date.month, one.minutes) for one in diagram.maps] == [
        (3, 600), (3, 780), (3, 1020), (12, 600), (12, 780), (12, 1020),
    ]  # fmt: skip
    surfaces = [analysis_surface(document.layers, state, diagram.grid)[0] for state in (None, TOWER)]
    tower = np.asarray(surfaces[0] != surfaces[1])
    for one in diagram.maps:
        if one.classes is None:
            continue
        before, after = (np.asarray(shade(dsm, one.grid_azimuth, one.altitude)[0]) for dsm in surfaces)
        open_ground = ~tower & (before != 255)
        assert ((one.classes == NEW) == ((before == 0) & (after == 1)))[open_ground].all()
        assert ((one.classes == SHADE) == ((before == 1) & (after == 1)))[open_ground].all()
        assert not (one.classes == GONE).any()
        assert np.isin(one.classes, (SUN, BEYOND))[open_ground & (after == 0)].all()
        assert one.new_area == float((one.classes == NEW).sum())


def test_new_shade_at_solar_noon_lies_north_of_the_tower_and_nowhere_else():
    noon = DiagramParameters(dates="2026-03-21", minutes="12:00", time_kind="solar", cell=1.0, extent="data")
    diagram = run(town().with_scenario(TOWER), noon)
    only = diagram.maps[0]
    assert only.azimuth == pytest.approx(180.0, abs=0.02)
    row, column = np.nonzero(only.classes == NEW)
    x, y = diagram.grid.x[column] - ORIGIN[0], diagram.grid.y[row] - ORIGIN[1]
    length = 20.0 / np.tan(np.radians(only.altitude))
    assert len(row) > 100
    assert (x > 20).all()
    assert (x < 30).all()
    assert (y > 25).all()
    assert (y < 25 + length + 1).all()


def test_what_goes_takes_its_shade_along_and_its_footprint_shows_the_ground_then():
    gone = Scenario("g", "Gone", (RemoveObject("town", "c"), SetHeight("town", "a", 4.0)))
    diagram = run(town().with_scenario(gone), field(minutes=(780,)))
    noon = diagram.maps[0]
    assert noon.gone_area > 50
    assert noon.new_area == 0.0
    assert len(diagram.outlines.removed) == 1
    assert len(diagram.outlines.proposed) == 1
    assert len(diagram.outlines.existing) == 1


def test_the_maps_frame_a_change_and_all_it_can_shade_by_a_sun_not_too_low():
    document = town().with_scenario(Scenario("up", "Up", (SetHeight("town", "a", 12.0),)))
    whole, framed = (run(document, field(minutes=(780,), extent=extent)) for extent in ("data", "changes"))
    assert framed.grid.shape < whole.grid.shape
    both = [one.maps[0].new_area for one in (whole, framed)]
    assert both[0] == both[1] > 0


def test_a_building_outside_the_map_casts_its_shade_into_it():
    box = (500000.0, 5749940.0 + 37.0, 500080.0, 5750000.0)
    diagram = run(plane(), field(bounds=box, minutes=(780,)), name="plane.tif")
    whole = run(plane(), field(minutes=(780,)), name="plane.tif")
    rows = diagram.grid.shape[0]
    assert diagram.grid.shape == (23, 80)
    np.testing.assert_array_equal(diagram.maps[0].classes, whole.maps[0].classes[:rows])
    assert (diagram.maps[0].classes == SHADE).sum() > 50


def test_where_the_data_end_nothing_is_known_and_sun_near_it_is_doubted():
    surface = plane()
    surface[:10] = np.nan
    surface[40, 40] = np.nan
    only = run(surface, field(minutes=(1020,)), name="plane.tif").maps[0]
    assert (only.classes[:10] == NO_DATA).all()
    assert only.classes[40, 40] == NO_DATA
    row, column = np.nonzero(only.classes == BEYOND)
    reach, azimuth = 20.0 / np.tan(np.radians(only.altitude)), np.radians(only.grid_azimuth)
    from_the_west, from_the_south = -reach * np.sin(azimuth) + 2, -reach * np.cos(azimuth) + 2
    assert len(row) > 500
    assert ((column < from_the_west) | (row > 59 - from_the_south)).all()
    level = surface.where(surface != 20.0, 0.0)
    level[40, 40] = np.nan
    assert set(np.unique(run(level, field(minutes=(1020,))).maps[0].classes)) == {SUN, NO_DATA}


def test_a_polar_night_has_no_maps_and_says_so():
    surface = Grid(500000.0, 8700000.0, 10.0, (20, 20), "EPSG:32633").raster(np.zeros((20, 20), np.float32), "surface")
    diagram = run(surface, DiagramParameters(zone="UTC", dates="2026-12-21"), name="north.tif")
    assert all(one.classes is None for one in diagram.maps)
    assert all(one.altitude < 0 for one in diagram.maps)


def test_a_fine_raster_is_thinned_to_what_paper_shows_and_it_is_said():
    z = np.zeros((1500, 1200), np.float32)
    z[700:800, 600:700] = 30.0
    fine = Grid(500000.0, 5750000.0, 0.5, z.shape, UTM).raster(z, "surface")
    diagram = run(fine, DiagramParameters(zone=ZONE, dates="2026-03-21", minutes="12:00"), name="fine.tif")
    assert diagram.grid.cell == 1.0
    assert diagram.grid.shape == (750, 600)
    assert any("every second" in note for note in diagram.notes)


def test_the_notes_tell_surface_time_convergence_and_cell():
    text = " ".join(run(town().with_scenario(TOWER), FEW).notes)
    for words in ("cells of 1 m", "0 m above", ZONE, "daylight saving", "true north", "SPA", "reaches the map's edge"):
        assert words in text


def test_clock_standard_and_solar_hours_of_one_day():
    day = date(2026, 6, 21)
    assert moments(day, [720], ZONE) == [datetime(2026, 6, 21, 10, tzinfo=UTC)]
    assert moments(day, [720], ZONE, "standard") == [datetime(2026, 6, 21, 11, tzinfo=UTC)]
    assert standard_offset(day, "Europe/Dublin") == timedelta(0)
    assert standard_offset(day, "America/Santiago") == timedelta(hours=-4)
    for place in (-70.0, 4.3, 151.0):
        azimuth, _ = positions(moments(day, [720], None, "solar", place), 52.0, place)
        assert azimuth[0] == pytest.approx(180.0, abs=0.02)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"zone": None}, "time zone"),
        ({"zone": "Mars/X"}, "time zone"),
        ({"minutes": ""}, "no hours"),
        ({"minutes": "9-25"}, "clock"),
        ({"minutes": "18-9"}, "end before"),
        ({"minutes": "09:00,09:00"}, "twice"),
        ({"minutes": "24:00"}, "23:59"),
        ({"dates": ""}, "no days"),
        ({"dates": "21.3.2026"}, "2026-03-21"),
        ({"dates": tuple(date(2026, 1, 1) + timedelta(k) for k in range(99))}, "too many"),
        ({"bounds": (1, 1, 0, 0)}, "no area"),
        ({"cell": 0.0}, "cell"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_parameters_that_do_not_fit_are_refused(values, said):
    with pytest.raises((ValidationError, ParameterError)):
        DiagramParameters(**{"zone": "UTC", **values})
    with pytest.raises(ParameterError, match=said):
        DiagramParameters.checked(**{"zone": "UTC", **values})


def test_hours_are_read_by_the_hour_or_one_by_one():
    assert DiagramParameters(zone="UTC", minutes="9-12").minutes == (540, 600, 660, 720)
    assert DiagramParameters(zone="UTC", minutes="09:30, 12:00").minutes == (570, 720)
    assert DiagramParameters(zone="UTC", minutes="9:30-11:30,14").minutes == (570, 630, 690, 840)


@pytest.mark.parametrize(
    ("data", "changes", "error", "said"),
    [
        (plane(None), {}, CrsError, "coordinate system"),
        (plane("EPSG:4326", 0.001), {}, CrsError, "citymodel convert"),
        (plane(), {"bounds": (0.0, 0.0, 10.0, 10.0)}, ParameterError, "outside"),
        (plane(), {"scenario": "t"}, ParameterError, "no scenarios"),
        (town(), {"scenario": "castle"}, ParameterError, "castle"),
        (plane(), {"bounds": (500000.0, 5749950.0, 500001.5, 5749990.0)}, ParameterError, "shows nothing"),
        (town(), {"cell": 0.02}, ResourceError, "cell"),
        (dataclasses.replace(town(), frame=Frame(None, (0.0, 0.0, 0.0))), {}, CrsError, "coordinate system"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_what_to_do(data, changes, error, said):
    with pytest.raises(error, match=said):
        run(data, field(**changes), name="plane.tif")


def test_a_diagram_says_how_far_it_is_and_can_be_cancelled():
    seen = []
    Job("diagram", listener=lambda one: seen.append(one.fraction)).run(lambda job: run(town(), FEW, job))
    assert seen == sorted(seen)
    assert len(seen) > 6
    stopped = Job("diagram")
    stopped.cancel()
    with pytest.raises(Cancelled):
        stopped.run(lambda job: run(town(), FEW, job))
