"""Chapter: beyond a change's reach the difference of two results is exactly zero."""

from __future__ import annotations

import dataclasses
from datetime import date

import numpy as np
from numpy.typing import NDArray

from citymodel import sun
from citymodel.layers import Layer
from citymodel.model import CityModel
from citymodel.validation.page import Chapter, Check, Place

TITLE = "Scenarios"
CRS, ORIGIN = "EPSG:32631", (500000.0, 5750000.0)
_SIZE, _HIGH, _TOWER = 300.0, (6.0, 18.0), 60.0
_HOURS = (9, 15)

Ring = tuple[tuple[float, float], ...]


def chapter(place: Place) -> Chapter:
    """A seeded town, a tower that comes, a house that goes: outside their reach nothing may move."""
    from citymodel.analysis.shadow import run
    from citymodel.analysis.shadow_parameters import ShadowParameters
    from citymodel.document import Document
    from citymodel.geo import Frame
    from citymodel.scenario import AddBox, RemoveObject, Scenario, apply

    town = _town()
    plot = _ring(150.0, 110.0, 16.0)
    plan = Scenario("plan", "Plan", (AddBox("tower", "Tower", plot, _TOWER, 0.0), RemoveObject("town", "h7")))
    document = Document(frame=Frame(CRS, (*ORIGIN, 0.0)), layers=town).with_scenario(plan)
    day = ShadowParameters(start=_HOURS[0] * 60, end=_HOURS[1] * 60, step=10, zone="UTC", cell=1.0)
    change = run(document, day).fields["sun_hours_difference"].data
    x, y = np.meshgrid(np.asarray(change.x), np.asarray(change.y))
    beyond = ~_within_reach([plot, _house_ring(7)], x, y)
    values = np.asarray(change)[beyond]
    before, after = town[0].data, apply(plan, town)[0].data
    moved = _moved(before, after)
    text = (
        f"A seeded town of 60 houses; the plan adds a tower of {_TOWER:g} m and removes a house. Sun hours of 21 "
        f"March, {_HOURS[0]}:00 to {_HOURS[1]}:00 UTC in steps of 10 min. The difference has "
        f"{int((np.asarray(change) != 0).sum()):,} cells that changed; {int(beyond.sum()):,} cells lie where no ray "
        "of these hours passes the tower or the house. There it has to be zero, bit for bit: untouched cells go "
        "through the same arithmetic on the same numbers, and untouched objects keep the triangles of the base. "
        "`tests/test_shadow_study.py` and `tests/test_surface.py` hold the same with points, heights and terrain."
    )
    return Chapter(
        TITLE,
        [text],
        [
            Check("largest difference beyond the reach", float(np.nanmax(np.abs(values))), 0.0, "h"),
            Check("vertices of untouched objects that moved", moved, 0, "", 0),
        ],
    )


def _ring(x: float, y: float, side: float) -> Ring:
    corners = ((x, y), (x + side, y), (x + side, y + side), (x, y + side))
    return tuple((a + ORIGIN[0], b + ORIGIN[1]) for a, b in corners)


def _house_ring(k: int) -> Ring:
    return _ring(20.0 + 27.0 * (k % 10), 30.0 + 42.0 * (k // 10), 12.0)


def _town() -> tuple[Layer, ...]:
    """A layer of houses on a level field, one of the field."""
    from citymodel.builder import CityModelBuilder
    from citymodel.scenario import AddBox, Scenario, apply

    height = np.random.default_rng(5).uniform(*_HIGH, 60)
    boxes = tuple(AddBox(f"h{k}", f"House {k}", _house_ring(k), float(height[k]), 0.0) for k in range(60))
    houses = apply(Scenario("town", "Town", boxes), ())[0].data
    ground = CityModelBuilder("validation", "1")
    row, node = ground.add_object("field", "TINRelief"), ground.add_node("MultiSurface")
    ring = [c for x, y in _ring(0.0, 0.0, _SIZE) for c in (x, y, 0.0)]
    ground.add_member(node, ground.add_polygon([ring]))
    ground.add_geometry(row, "TriangulatedSurface", node, lod="2")
    field = ground.build()
    return tuple(
        Layer(name, name, "city", _with_crs(model)) for name, model in (("town", houses), ("field", field))
    )  # fmt: skip


def _with_crs(model: CityModel) -> CityModel:
    return dataclasses.replace(model, crs=CRS)


def _within_reach(rings: list[Ring], x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Cells in any of the shadows that the rings would throw at the tower's height, two cells wider."""
    import shapely
    from shapely.affinity import translate

    moments = sun.midpoints(date(2026, 3, 21), _HOURS[0] * 60, _HOURS[1] * 60, 10, "UTC")
    azimuths, altitudes = sun.grid_positions(moments, CRS, ORIGIN[0] + _SIZE / 2, ORIGIN[1] + _SIZE / 2)
    shadows = []
    for ring in rings:
        shape = shapely.Polygon(ring)
        for azimuth, altitude in zip(np.radians(azimuths), np.radians(altitudes), strict=True):
            reach = _TOWER / np.tan(altitude)
            away = -reach * np.array([np.sin(azimuth), np.cos(azimuth)])
            moved = translate(shape, *away)
            shadows.append(shapely.union(shape, moved).convex_hull.buffer(2.0))
    fan = shapely.union_all(shadows)
    shapely.prepare(fan)
    return shapely.contains_xy(fan, x, y)


def _moved(before: CityModel, after: CityModel) -> float:
    """Vertices of objects that stand in both models and are not bit-equal."""
    places = [{tuple(point) for point in model.vertices} for model in (before, after)]
    return float(len(places[1] - places[0]))
