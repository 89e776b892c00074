"""Sun on façades: boxes and walls by trigonometry, sky components by closed forms, zero difference out of reach."""

import dataclasses
import math

import numpy as np
import pytest
from boxtown import ORIGIN, box, city, document, plain

from citymodel.analysis.facade import exposure
from citymodel.analysis.facade.exposure import Directions, of_sky, of_year, towards
from citymodel.analysis.facade.parameters import FacadeParameters
from citymodel.analysis.facade.study import run
from citymodel.errors import Cancelled, CrsError, MissingPart, ParameterError
from citymodel.jobs import Job
from citymodel.legends import HOURS
from citymodel.results import Result
from citymodel.scenario import AddBox, RemoveObject, Scenario, SetHeight
from kernels.rays import RayMesh

DAY = FacadeParameters(start="06:00", end="18:00", step="10min", zone="UTC", kinds=("wall", "roof"))


def house(b):
    box(b, "house", (0, 0, 0), (12, 9, 9))


def columns(result: Result, name="facade_points"):
    return {key: np.array(values) for key, values in result.fields[name].data.items()}


def looking(table, x, y):
    """Rows of upright points whose normal points there."""
    return (table["nx"] * x + table["ny"] * y > 0.99) & (table["kind"] != "roof")


def ray_sums(light: Directions, normal, mesh=None):
    place = np.zeros((1, 3), np.float32)
    there = [np.ones(1, bool)]
    mesh = mesh or RayMesh(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32))
    return exposure.exposure(place, np.array([normal], float), [[mesh]], there, light, "cpu")[0][0]


def screen(distance, low, high, wide=1e4):
    """A wall at y = distance, in the north of a point at 0, from z = low to high."""
    v = np.array([[-wide, distance, low], [wide, distance, low], [wide, distance, high], [-wide, distance, high]])
    return RayMesh(v.astype(np.float32), np.array([[0, 1, 2], [0, 2, 3]], np.int32))


def test_at_the_equinox_a_free_south_wall_has_the_day_and_a_north_wall_nothing():
    table = columns(run(document(city(house)), DAY))
    roof = table["kind"] == "roof"
    south, north, east, west = (looking(table, *to) for to in ((0, -1), (0, 1), (1, 0), (-1, 0)))
    assert np.allclose(table["hours_base"][roof], table["hours_base"].max())
    assert table["hours_base"][roof].min() > 11.5
    assert (table["hours_base"][south] >= table["hours_base"][roof].min() - 0.5).all()
    assert (table["hours_base"][north] <= 0.5).all()
    day = table["hours_base"].max()
    assert np.allclose(table["hours_base"][east] + table["hours_base"][west], day, atol=0.5)


@pytest.mark.parametrize("height", [12.0, 20.0, 26.0])
def test_a_wall_opposite_blocks_the_noon_sun_below_the_angle_to_its_top(height):
    def opposite(b):
        box(b, "house", (-40, 0, 0), (40, 9, 12))
        box(b, "opposite", (-400, -35, 0), (400, -20, height))

    noon = DAY.model_copy(update={"start": 11 * 60 + 50, "end": 12 * 60, "step": 10})
    result = run(document(city(opposite)), noon)
    table = columns(result)
    face = looking(table, 0, -1) & (table["building"] == "house")
    from citymodel.sun import grid_positions, midpoints

    sun = grid_positions(midpoints(noon.date, noon.start, noon.end, 10, "UTC"), "EPSG:32631", *ORIGIN[:2])
    profile = math.tan(math.radians(sun[1][0])) / abs(math.cos(math.radians(sun[0][0])))  # across the street
    blocked = profile < (height - table["z"][face]) / (20 - 0.05)
    assert np.array_equal(table["hours_base"][face] == 0, blocked)
    assert 0 < blocked.sum() < len(blocked) or height == 12.0


def test_an_open_wall_has_a_sky_component_of_39_6_and_an_open_roof_100():
    exact = 100 * (math.pi / 6 + 4 / 9) / (7 * math.pi / 9)
    assert exact == pytest.approx(39.62, abs=0.005)
    for turn in np.radians([0, 17, 45, 133]):
        overcast, even = ray_sums(of_sky(), (math.sin(turn), math.cos(turn), 0))
        assert overcast == pytest.approx(exact, abs=0.15)
        assert even == pytest.approx(0.5, abs=0.002)
    overcast, even = ray_sums(of_sky(), (0, 0, 1))
    assert overcast == pytest.approx(100, abs=0.1)
    assert even == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("angle", [15.0, 25.0, 45.0, 60.0])
def test_opposite_an_endless_wall_the_sky_component_is_its_integral(angle):
    # Above an endless obstruction tan(altitude) = tan(angle) · cos(φ): integrate over both angles.
    phi = np.radians(np.linspace(-90, 90, 2001))
    low = np.arctan(math.tan(math.radians(angle)) * np.cos(phi))

    def inner(limit):  # ∫ (1 + 2 sin h)/3 cos² h dh from the obstruction to 90°
        whole = math.pi / 4 + 2 / 3
        part = limit / 2 + np.sin(2 * limit) / 4 + 2 / 3 * (1 - np.cos(limit) ** 3)
        return (whole - part) / 3

    exact = 100 * np.trapezoid(inner(low) * np.cos(phi), phi) / (7 * math.pi / 9)
    wall = screen(10.0, -1e4, 10 * math.tan(math.radians(angle)))
    assert ray_sums(of_sky(), (0, 1, 0), wall)[0] == pytest.approx(exact, abs=0.3)
    assert ray_sums(of_sky(2.0), (0, 1, 0), wall)[0] == pytest.approx(exact, abs=0.3)


def test_a_free_roof_has_all_of_the_years_sun_and_the_clear_skys_energy():
    asked = DAY.model_copy(update={"annual": True, "vsc": True, "irradiation": True, "spacing": 6.0})
    result = run(document(city(house)), asked)
    table, facts = columns(result), result.provenance
    roof, south, north = table["kind"] == "roof", looking(table, 0, -1), looking(table, 0, 1)
    assert facts["year_sun_hours"] == pytest.approx(365 * 12.25, rel=0.02)  # refraction and latitude add to 12 h
    assert np.allclose(table["apsh_base"][roof], 100)
    assert np.allclose(table["apsh_winter_base"][roof], 100 * 0.41, atol=3)
    assert np.allclose(table["annual_hours_base"][roof], facts["year_sun_hours"], atol=0.1)
    assert np.allclose(table["kwh_m2_base"][roof], facts["clear_sky_kwh_m2_horizontal"], rtol=0.002)
    assert 1300 < facts["clear_sky_kwh_m2_horizontal"] < 2300
    assert np.allclose(table["vsc_base"][south], 39.6, atol=0.3)
    assert (table["apsh_base"][south] > 60).all()
    assert (table["apsh_base"][north] < 40).all()
    assert (table["kwh_m2_base"][south] > 2 * table["kwh_m2_base"][north]).all()


def test_joining_the_years_suns_in_cells_changes_little(monkeypatch):
    walls = [ray_sums(of_year(2026, "EPSG:32631", *ORIGIN[:2]).directions, (0.8, 0.6, 0), screen(10, 0, 6)), None]
    monkeypatch.setattr(exposure, "SUN_CELL", 0.5)
    walls[1] = ray_sums(of_year(2026, "EPSG:32631", *ORIGIN[:2]).directions, (0.8, 0.6, 0), screen(10, 0, 6))
    assert walls[0] == pytest.approx(walls[1], rel=0.02)


def test_suns_lower_than_asked_do_not_count():
    day = columns(run(document(city(house)), DAY))["hours_base"].max()
    high = columns(run(document(city(house)), DAY.model_copy(update={"min_altitude": 25.0})))["hours_base"].max()
    assert high < day - 3
    assert towards(np.array([90.0]), np.array([0.0])) == pytest.approx(np.array([[1, 0, 0]]))


def with_tower(*changes):
    layer = city(lambda b: (house(b), box(b, "far", (200, -200, 0), (212, -191, 9)), plain(b)))
    return document(layer).with_scenario(Scenario("s", "Tower", changes))


PLOT = tuple((ORIGIN[0] + x, ORIGIN[1] + y) for x, y in ((-5, -30), (17, -30), (17, -20), (-5, -20)))


def test_out_of_a_towers_reach_the_difference_is_exactly_zero_and_before_it_hours_are_lost():
    result = run(with_tower(AddBox("t", "Tower", PLOT, 60.0, 0.0)), DAY)
    table = columns(result)
    far, near = table["building"] == "far", looking(table, 0, -1) & (table["building"] == "house")
    assert (table["hours_difference"][far] == 0.0).all()
    assert (table["hours_difference"][near] < -1).all()
    new = table["building"] == "t"
    assert np.isnan(table["hours_base"][new]).all()
    assert np.isfinite(table["hours_scenario"][new]).all()
    buildings = result.fields["by_building"].data
    by_id = dict(zip(buildings["id"], buildings["hours_mean_difference"], strict=True))
    assert by_id["far"] == 0.0
    assert by_id["house"] < -0.3
    storeys = result.fields["by_storey"].data
    assert {(a, b) for a, b in zip(storeys["id"], storeys["storey"], strict=True) if a == "house"} == {
        ("house", k) for k in range(3)
    }


def test_a_wall_that_a_proposal_covers_counts_as_dark_and_a_torn_down_house_has_no_value():
    beside = tuple((ORIGIN[0] + x, ORIGIN[1] + y) for x, y in ((12, 0), (24, 0), (24, 9), (12, 9)))
    table = columns(run(with_tower(AddBox("n", "Next", beside, 9.0, 0.0), RemoveObject("city", "far")), DAY))
    covered = looking(table, 1, 0) & (table["building"] == "house")
    assert (table["hours_scenario"][covered] == 0).all()
    assert (table["hours_base"][covered] > 0).all()
    assert np.isnan(table["hours_scenario"][table["building"] == "far"]).all()


def test_a_raised_house_keeps_its_lower_points_and_gains_storeys():
    table = columns(run(with_tower(SetHeight("city", "house", 18.0)), DAY.model_copy(update={"kinds": ("wall",)})))
    house_ = table["building"] == "house"
    assert (table["hours_difference"][house_ & (table["storey"] < 3)] == 0).all()
    assert np.isnan(table["hours_base"][house_ & (table["storey"] >= 3)]).all()
    assert (house_ & (table["storey"] == 5)).sum() == 14


def test_the_ground_raster_shades_what_lies_behind_a_hill():
    import xarray as xr

    from citymodel.layers import Layer

    x, y = ORIGIN[0] + np.arange(-100.0, 101, 2), ORIGIN[1] + np.arange(100.0, -101, -2)
    z = np.where(y < ORIGIN[1] - 30, 40.0, 0.0)[:, None] + np.zeros(len(x))
    hill = Layer(
        "hill", "Hill", "terrain", xr.DataArray(z.astype(np.float32), dims=("y", "x"), coords={"y": y, "x": x})
    )
    free, behind = (columns(run(document(*layers), DAY)) for layers in ((city(house),), (city(house), hill)))
    south = looking(free, 0, -1)
    assert (behind["hours_base"][south] < 0.5 * free["hours_base"][south]).all()


def test_the_result_tells_how_it_was_made():
    result = run(document(city(house)), DAY)
    assert result.fields["facade_points"].legend == HOURS
    facts = result.provenance
    assert facts["points"] == {"window": 0, "wall": 42, "roof": 12}
    assert facts["rays"] in ("open3d", "embreex", "bvh", "cuda")
    assert facts["time_step_minutes"] == 10
    assert {"citymodel", "numpy", "pvlib"} <= set(facts["versions"])
    assert any("estimated" in note for note in result.notes)
    assert any("edge" in note for note in result.notes)


def test_progress_rises_and_a_cancelled_study_stops():
    seen = []
    job = Job("façades", listener=lambda one: seen.append(one.fraction))
    asked = DAY.model_copy(update={"vsc": True})
    job.run(lambda one: run(document(city(house)), asked, one))
    assert seen == sorted(seen)
    assert len(seen) > 50
    stopped = Job("façades")
    stopped.cancel()
    with pytest.raises(Cancelled):
        stopped.run(lambda one: run(document(city(house)), DAY, one))


def test_what_cannot_be_answered_is_refused_in_a_line():
    with pytest.raises(CrsError, match="coordinate system"):
        run(dataclasses.replace(document(city(house)), frame=None), DAY)
    with pytest.raises(ParameterError, match="no city model"):
        run(document(), DAY)
    with pytest.raises(ParameterError, match="no window"):
        run(document(city(house)), DAY.model_copy(update={"kinds": ("window",)}))
    with pytest.raises(ParameterError, match="castle"):
        run(document(city(house)), DAY.model_copy(update={"scenario": "castle"}))
    with pytest.raises(ParameterError, match="spacing"):
        FacadeParameters.checked(spacing=0.01)
    from kernels.device import cupy

    if cupy() is None:
        with pytest.raises(MissingPart, match="no GPU"):
            run(document(city(house)), DAY.model_copy(update={"device": "gpu"}))


def test_without_embree_the_hours_are_the_same(monkeypatch):
    import kernels.cpu.rays

    base = with_tower(AddBox("t", "Tower", PLOT, 60.0, 0.0))
    with_embree = columns(run(base, DAY))
    monkeypatch.setattr(kernels.cpu.rays, "installed", list)
    result = run(base, DAY)
    assert result.provenance["rays"] == "bvh"
    without = columns(result)
    for name in ("hours_base", "hours_scenario"):
        assert np.array_equal(with_embree[name], without[name], equal_nan=True)


def test_a_building_s_verdict_has_three_values_with_the_numbers_behind_them():
    from citymodel.analysis.facade.tables import _verdicts
    from citymodel.analysis.sun_rules import MET, NO_AREA, NOT_MET, WITHIN_ERROR

    hours = np.array([3.0, 3.0, 1.5, 1.5, 0.0, 0.0, 9.0])
    group = np.array([0, 0, 1, 1, 2, 2, 3])
    use = np.array([True] * 6 + [False])
    found = _verdicts("base", hours, 1.5, (0.5, 0.25), group, use, 4)
    assert found["verdict_base"] == [MET, WITHIN_ERROR, NOT_MET, NO_AREA]
    assert "100.0% (0.0% to 100.0%)" in found["because_base"][1]
