"""The two sides of a swipe: which proposal, which maps, and one picture made of two."""

import dataclasses

import numpy as np
import pytest
from test_scene import ORIGIN, a_city, a_document, a_result

from citymodel.layers import Layer
from citymodel.results import Field, Result
from citymodel.scenario import AddBox, Scenario, SetHeight
from citymodel.scene.stage import Stage
from citymodel.scene.state import View, resolve
from citymodel.scene.swipe import Swipe, field_of, proposal_of, sides_of

TALL = Scenario("tall", "Tall", (SetHeight("city", "low", 45.0),))
FLAT = Scenario("flat", "Flat", (SetHeight("city", "high", 4.0),))
EMPTY = Scenario("empty", "Nothing yet")


def document(active="tall", *results):
    city = Layer("city", "City", "city", a_city())
    made = a_document(city, *results)
    return dataclasses.replace(made, scenarios=(TALL, FLAT, EMPTY), active_scenario=active)


def result_of(scenario, **fields):
    """A result with maps of these constant values."""
    one = next(iter(a_result().data.fields.values()))
    maps = {name: Field(name, title, "h", one.data * 0 + value, one.legend) for name, (title, value) in fields.items()}
    return Result("hours", "Hours", maps, {"scenario": scenario.to_dict() if scenario else None})


HOURS = {"hours_base": ("Hours, as it is", 1.0), "hours_scenario": ("Hours, Flat", 1.5),
         "hours_difference": ("Change", 0.5)}  # fmt: skip


def test_the_proposal_is_the_results_else_the_one_on_screen_else_the_last():
    result = Layer("r", "Hours", "result", result_of(FLAT, **HOURS))
    assert proposal_of(document("tall", result)).id == "flat"
    assert proposal_of(document("tall", result).with_style("r", visible=False)).id == "tall"
    assert proposal_of(document("")).id == "flat"
    assert proposal_of(document("empty")).id == "flat"
    assert proposal_of(a_document()) is None
    assert sides_of(a_document(), None, View()) is None


@pytest.mark.parametrize(
    ("shown", "state", "found"),
    [
        ("hours_difference", "base", "hours_base"),
        ("hours_scenario", "base", "hours_base"),
        ("hours_base", "scenario", "hours_scenario"),
        ("surface-type", "scenario", "hours_scenario"),
        ("room", "base", "hours_base"),
        ("beyond_scenario", "scenario", "beyond_scenario"),
        ("beyond_scenario", "base", None),
    ],
)
def test_the_map_of_a_side_stands_beside_the_one_that_is_shown(shown, state, found):
    more = {"room": ("Room", 3.0), "beyond_scenario": ("Of the proposal alone", 2.0)}
    assert field_of(result_of(FLAT, **HOURS, **more), shown, state) == found


def test_what_only_the_proposal_has_is_not_shown_beside_the_base():
    result = Layer("r", "Seen", "result", result_of(FLAT, metres_scenario=("Height that is seen", 1.0)))
    sides = sides_of(document("flat", result), None, View())
    assert sides.left.drape is None
    assert sides.right.drape.legend.title == "Height that is seen"


def test_a_map_of_one_state_stays_on_both_sides():
    result = Layer("r", "Room", "result", result_of(FLAT, room=("Room", 1.0)))
    sides = sides_of(document("flat", result), None, View())
    assert sides.left.drape is not None
    assert sides.left.drape == sides.right.drape


def test_a_table_alone_has_no_map_for_a_side():
    assert field_of(Result("t", "T", {"by_building": Field("by_building", "T", "", {"id": []})}, {}), "", "base") == ""


def test_each_side_has_its_city_its_map_and_they_share_a_legend():
    result = Layer("r", "Hours", "result", result_of(FLAT, **HOURS))
    sides = sides_of(document("tall", result).with_style("r", colour_by="hours_difference"), None, View())
    assert sides.names == ("As it is", "Flat")
    assert sides.left.drape.legend.title == "Hours, as it is"
    assert sides.right.drape.legend.title == "Hours, Flat"
    assert sides.caption.legends[0].title == "Hours"
    left, right = (next(item for item in side.items if item.layer_id == "city") for side in (sides.left, sides.right))
    assert dict(left.marks) == {}
    assert dict(right.marks) == {"high": "proposed"}
    assert not sides.left.furniture
    assert not sides.right.furniture


def staged(share):
    import pyvista as pv

    plotter = pv.Plotter(off_screen=True, window_size=[300, 200], lighting="none")
    stage = Stage(plotter, occlusion=False)
    stage.show(resolve(document(), view=View(furniture=False)))
    return plotter, stage, Swipe(plotter, stage, share)


def drawn(plotter):
    from vtkmodules.util.numpy_support import vtk_to_numpy
    from vtkmodules.vtkRenderingCore import vtkWindowToImageFilter

    plotter.render_window.Render()
    taken = vtkWindowToImageFilter()
    taken.SetInput(plotter.render_window)
    taken.ReadFrontBufferOff()
    taken.Update()
    image = taken.GetOutput()
    rows = vtk_to_numpy(image.GetPointData().GetScalars()).reshape(image.GetDimensions()[1], -1, 3)
    return rows[::-1].astype(int)


def same(one, two):
    """Whether no pixel differs beyond what rounding does at an edge."""
    return np.abs(one - two).max() <= 24 and np.abs(one - two).mean() < 1.0


def alone(active):
    """The picture of one state, with the camera of the tests' first one."""
    plotter, stage, _ = staged(0.5)
    wanted = dataclasses.replace(document(), active_scenario=active)
    stage.show(resolve(wanted, view=View(camera=None, furniture=False)))
    image = drawn(plotter)
    plotter.close()
    return image


@pytest.mark.parametrize("share", [0.25, 0.5, 0.83])
def test_the_picture_is_the_bases_on_the_left_and_the_proposals_on_the_right(share):
    base, proposal = alone(""), alone("tall")
    plotter, _, swipe = staged(share)
    swipe.show(sides_of(document(), None, View(camera=None, furniture=False)))
    swipe._furniture.say(None)
    both = drawn(plotter)
    cut = round(share * 300)
    assert same(both[:, : cut - 2], base[:, : cut - 2])
    assert same(both[:, cut + 2 :], proposal[:, cut + 2 :])
    assert not same(base, proposal)
    plotter.close()


def test_the_end_of_a_swipe_leaves_one_picture():
    plotter, stage, swipe = staged(0.5)
    before = plotter.render_window.GetRenderers().GetNumberOfItems()
    swipe.show(sides_of(document(), None, View(camera=None, furniture=False)))
    drawn(plotter)
    swipe.end()
    stage.show(resolve(document(), view=View(camera=None, furniture=False)))
    assert same(drawn(plotter), alone("tall"))
    assert plotter.render_window.GetRenderers().GetNumberOfItems() == before
    swipe.end()  # twice does no harm
    plotter.close()


def test_a_column_of_pixels_belongs_to_its_side_and_is_picked_there():
    plotter, stage, swipe = staged(0.5)
    assert swipe.stage_at(10.0) is stage or not swipe.shown
    swipe.show(sides_of(document(), None, View(camera=None, furniture=False)))
    drawn(plotter)
    assert swipe.stage_at(149.0) is stage
    assert swipe.stage_at(151.0) is swipe.second
    roof = np.array([10.0, 10.0, 45.0])
    renderer = plotter.renderer
    renderer.SetWorldPoint(*roof, 1.0)
    renderer.WorldToDisplay()
    x, y, _ = renderer.GetDisplayPoint()
    assert swipe.second.pick(x, y).object_id == "low"
    assert swipe.second.pick(x, y).position == pytest.approx(roof, abs=0.3)
    swipe.at(0.9)
    drawn(plotter)
    assert swipe.second.pick(x, y).position == pytest.approx(roof, abs=0.3)
    plotter.close()


def test_a_proposed_box_stands_on_its_side_only():
    x, y = ORIGIN[:2]
    box = AddBox("new", "New", ((x + 70, y), (x + 80, y), (x + 80, y + 10), (x + 70, y + 10)), 20.0, 0.0)
    made = dataclasses.replace(a_document(), scenarios=(Scenario("s", "Box", (box,)),))
    sides = sides_of(made, None, View())
    assert "scenario-s" not in {item.layer_id for item in sides.left.items}
    assert "scenario-s" in {item.layer_id for item in sides.right.items}
