"""Façade results in the picture: patches on the walls in the legend's colours, one mesh, picked as their building."""

import dataclasses

import numpy as np
import pytest
from boxtown import ORIGIN, box, city, document, plain
from test_scene import a_stage, near

from citymodel.analysis.facade.parameters import FacadeParameters
from citymodel.analysis.facade.study import run
from citymodel.layers import Layer, Style
from citymodel.legends import HOURS, HOURS_DIFFERENCE
from citymodel.project_results import result_entry, result_of_entry
from citymodel.scenario import AddBox, Scenario
from citymodel.scene import patches
from citymodel.scene.camera import Camera
from citymodel.scene.render import picture
from citymodel.scene.state import View, resolve

ASKED = FacadeParameters(start="06:00", end="18:00", step="30min")
SOUTH = View(camera=Camera((4.5, -60.0, 8.0), (4.5, 0.0, 4.5)), furniture=False)


def town():
    return document(city(lambda b: (box(b, "house", (0, 0, 0), (12, 9, 9)), plain(b, 60.0))))


def with_result(base, colour_by="value", asked=ASKED):
    result = run(base, asked)
    return base.with_layer(Layer("", result.title, "result", result), Style(colour_by=colour_by)), result


def test_a_patch_fills_its_part_of_the_wall_just_before_it():
    _, result = with_result(town())
    found = patches.patches_of(result, "value", ORIGIN)
    table = result.fields["facade_points"].data
    quads = found.points.reshape(-1, 4, 3)
    assert len(quads) == len(table["x"])
    south = quads[np.array(table["ny"]) < -0.99]
    assert np.allclose(south[:, :, 1], -0.1, atol=1e-4)
    assert south[:, :, 0].min() == pytest.approx(0.045, abs=0.01)
    assert south[:, :, 2].max() == pytest.approx(8.955, abs=0.01)
    roof = quads[np.array(table["kind"]) == "roof"]
    assert np.allclose(roof[:, :, 2], 9.1, atol=1e-4)
    a, b, _, d = (quads[:, k] for k in range(4))
    facing = np.einsum("ij,ij->i", np.cross(b - a, d - a), np.stack([table[k] for k in ("nx", "ny", "nz")], 1))
    assert (facing > 0).all()


def test_the_picture_shows_the_hours_in_the_legends_colours():
    shown, _ = with_result(town())
    state = resolve(shown, view=dataclasses.replace(SOUTH, furniture=True))
    assert [one.title for one in state.caption.legends] == ["Hours of direct sun"]
    assert [colour for colour, _ in state.caption.legends[0].classes] == [one.colour for one in HOURS]
    assert state.light.even
    image = picture(resolve(shown, view=SOUTH), (300, 200))
    bare = picture(resolve(town(), view=SOUTH), (300, 200))
    assert near(image, HOURS[-1].colour, 30).sum() > near(bare, HOURS[-1].colour, 30).sum() + 1000


def test_a_hidden_result_leaves_the_city_as_it_was():
    shown, _ = with_result(town())
    hidden = shown.with_style(shown.layers[-1].id, visible=False)
    assert [item.kind for item in resolve(hidden).items] == ["city"]
    assert not resolve(hidden).light.even


def test_a_pick_on_a_patch_names_the_point_and_its_building():
    shown, result = with_result(town())
    stage, plotter = a_stage(resolve(shown, view=SOUTH))
    pick = stage.pick(150, 100)
    assert pick is not None
    assert pick.point >= 0
    assert (pick.layer_id, pick.object_id) == ("city", "house")
    assert result.fields["facade_points"].data["ny"][pick.point] == -1.0
    plotter.close()


def test_another_column_recolours_and_the_difference_has_its_own_legend():
    plot = tuple((ORIGIN[0] + x, ORIGIN[1] + y) for x, y in ((-5, -30), (17, -30), (17, -20), (-5, -20)))
    base = town().with_scenario(Scenario("s", "Tower", (AddBox("t", "Tower", plot, 30.0, 0.0),)))
    shown, result = with_result(base, "hours_difference")
    assert patches.columns_of(result) == ["hours_base", "hours_scenario", "hours_difference"]
    legend = resolve(shown).caption.legends[0]
    assert legend.title == "Hours of direct sun, change"
    assert [colour for colour, _ in legend.classes] == [one.colour for one in HOURS_DIFFERENCE]
    stage, plotter = a_stage(resolve(shown))
    other = shown.with_style(shown.layers[-1].id, colour_by="hours_scenario")
    assert any("geometry" in word for word in stage.show(resolve(other)))
    assert len(patches.patches_of(result, "hours_scenario", ORIGIN).row) > len(
        patches.patches_of(result, "hours_difference", ORIGIN).row
    )
    plotter.close()


def test_a_saved_result_draws_the_same_patches(tmp_path):
    _, result = with_result(town(), asked=ASKED.model_copy(update={"vsc": True}))
    again = result_of_entry(result_entry(result, tmp_path), tmp_path)
    for column in ("hours_base", "vsc_base"):
        before, after = (patches.patches_of(one, column, ORIGIN) for one in (result, again))
        assert np.array_equal(before.points, after.points)
        assert np.array_equal(patches.colours_of(before, result, column), patches.colours_of(after, again, column))
        assert patches.legend_of(result, column) == patches.legend_of(again, column)
