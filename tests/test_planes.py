"""Threshold planes of protected views in the scene: where they lie, what they mark, and that one sees through them."""

import dataclasses

import numpy as np
import pytest
from boxtown import ORIGIN
from test_vista import TOWER, X, Y, asked, block, plane, town

from citymodel.analysis.vista import study
from citymodel.analysis.vista.corridor import Corridor
from citymodel.layers import Layer
from citymodel.scene import actors, colours, planes
from citymodel.scene.camera import Camera
from citymodel.scene.render import picture
from citymodel.scene.stage import Stage
from citymodel.scene.state import View, resolve

DOCUMENT = town(block("shop", (200, -5, 0), (210, 5, 8)), block("hall", (100, -2, 0), (110, 2, 20)))


@pytest.fixture(scope="module")
def shown():
    """The town with its proposal and the view's result, and nothing of the maps draped."""
    document = DOCUMENT.with_scenario(TOWER)
    result = study.run(document, asked(setting=40.0, background=60.0))
    bare = dataclasses.replace(
        result, fields={name: one for name, one in result.fields.items() if not hasattr(one.data, "dims")}
    )
    return document.with_layer(Layer("view", "Protected view", "result", bare))


def marks(state, layer):
    return dict(next(item for item in state.items if item.layer_id == layer).marks)


def test_a_visible_protected_view_has_a_plane_and_a_legend(shown):
    state = resolve(shown)
    assert [one.name for one in state.planes] == ["St. Mary"]
    assert state.planes == resolve(shown).planes
    rows = next(one for one in state.caption.legends if one.title == "Protected view").classes
    assert rows == ((colours.SIGHT, "threshold towards St. Mary"), (colours.ABOVE, "rises above it"))
    hidden = resolve(shown.with_style("view", visible=False))
    assert hidden.planes == ()
    assert not any(one.title == "Protected view" for one in hidden.caption.legends)


def test_what_rises_above_is_marked_as_the_city_stands(shown):
    state = resolve(shown)
    assert marks(state, "city") == {"shop": "above"}
    assert marks(state, TOWER.layer_id) == {"tower": "above"}
    today = resolve(dataclasses.replace(shown, active_scenario=None))
    assert marks(today, "city") == {"hall": "above"}


def test_a_selected_building_keeps_the_accent(shown):
    state = resolve(shown, view=View(selection=frozenset({("city", "shop")})))
    assert marks(state, "city") == {"shop": "selected"}


def test_the_corners_of_the_plane_lie_on_the_threshold():
    corridor = Corridor((X, Y), (0.0, 1.0), 400.0, (10.0, 40.0), (2.0, 30.0), 20.0, 100.0)
    for part, ring in corridor.outlines():
        points, quads, edge = planes.sheet(corridor, part, ring, ORIGIN)
        assert quads.shape == (1, 4)
        assert points[:, 2] == pytest.approx(2.0 + 28.0 * points[:, 1] / 400.0)
        assert {tuple(np.round(one, 6)) for one in edge[:, :2]} >= {
            tuple(np.round(np.subtract(corridor.world(*one), ORIGIN[:2]), 6)) for one in ring
        }


def test_a_curved_threshold_is_drawn_in_pieces():
    corridor = Corridor((X, Y), (1.0, 0.0), 9000.0, (10.0, 40.0), (2.0, 30.0), bend=6e-8)
    points, quads, _ = planes.sheet(corridor, 0, corridor.outlines()[0][1], ORIGIN)
    assert len(quads) == planes.STEPS
    middle = points[len(points) // 2]
    assert middle[2] == pytest.approx(float(corridor.allowed(middle[0])), abs=1e-6)
    assert middle[2] < 16.0 - 1.0


def test_parts_take_the_mark_of_their_building(shown):
    item = next(one for one in resolve(shown).items if one.layer_id == "city")
    codes = actors.marked(item)
    names = np.array([*item.data.objects.ids, ""])
    above = list(actors.MARKS).index("above")
    assert set(names[codes == above]) == {"shop", *(f"shop-{k}" for k in range(6))}


def test_the_plane_tints_what_lies_behind_it_and_hides_nothing(shown):
    camera = Camera((205.0, -260.0, 150.0), (205.0, 0.0, 8.0))
    view = View(camera=camera, furniture=False)
    state = resolve(shown, view=view)
    with_plane = picture(state, (300, 200)).astype(int)
    without = picture(dataclasses.replace(state, planes=()), (300, 200)).astype(int)
    change = with_plane - without
    tinted = np.abs(change).sum(axis=2) > 20
    assert 0.02 < tinted.mean() < 0.6
    assert np.median(change[tinted][:, 0]) < np.median(change[tinted][:, 1])  # less red than green: teal
    opaque = np.abs(with_plane[tinted] - colours.rgb(colours.SIGHT)).sum(axis=1) < 24
    assert 0 < opaque.mean() < 0.3  # the edges alone


def test_a_stage_touches_the_planes_only_when_they_change(shown):
    import pyvista as pv

    plotter = pv.Plotter(off_screen=True, window_size=[200, 120], lighting="none")
    stage = Stage(plotter)
    state = resolve(shown)
    assert "planes" in stage.show(state)
    assert stage.show(resolve(shown)) == ()
    hidden = resolve(shown.with_style("view", visible=False))
    assert "planes" in stage.show(dataclasses.replace(hidden, camera=state.camera))
    plotter.close()


def test_a_saved_project_shows_the_same_view_and_section(shown, tmp_path):
    from citymodel.project import Project
    from citymodel.scene.section_sheet import draw, view_of

    path = tmp_path / "view.city"
    before = next(one for one in shown.layers if one.kind == "result")
    Project(dataclasses.replace(shown, layers=(before,), sources={})).save(path)
    (again,) = Project.open(path).document.layers
    assert planes.thresholds([again]) == planes.thresholds([before])
    assert view_of(again.data).profile["top_base"] == pytest.approx(
        view_of(before.data).profile["top_base"], nan_ok=True
    )
    words = [[text.get_text() for text in draw(one.data).axes[0].texts] for one in (before, again)]
    assert words[0] == words[1]


def test_the_threshold_of_the_test_town_is_the_plane_by_hand(shown):
    corridor = resolve(shown).planes[0].corridor
    assert float(corridor.allowed(200.0)) == pytest.approx(plane(200))
