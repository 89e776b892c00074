"""What an eye sees while it is moved: where it stands, both states, and areas that a ruler can check."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from citymodel.analysis.live_heights import heights_on, live_grid
from citymodel.analysis.live_shade import live_surface
from citymodel.analysis.live_view import LiveView, LookParameters, live_view
from citymodel.jobs import silent
from citymodel.legends_seen import HIDDEN, NEWLY_HIDDEN, NEWLY_SEEN, NO_DATA, OUT_OF_RANGE, SEEN
from citymodel.project import Document, add_layers, load_layer
from citymodel.scenario import AddBox, RemoveObject
from citymodel.scene.eye_drape import eye_drape, eye_legend

CELLS = 40_000
GROUND = 30.0


def put(document: Document, *changes: Any) -> Document:
    for one in changes:
        document = document.with_change(one, "Proposal")
    return document


@pytest.fixture
def document(city_file: Path) -> Document:
    return add_layers(Document(), load_layer(city_file, None, None, silent))


@pytest.fixture
def view(document: Document) -> LiveView:
    found = live_view(document, "solid", silent, CELLS)
    assert found is not None
    return found


def code(view: LiveView, seen: Any, x: float, y: float) -> int:
    row, column = view._cell(x, y)
    return int(seen.codes[row, column])


def test_a_block_hides_the_ground_behind_it_and_not_beside_it(view: LiveView) -> None:
    stand = view.stand(390040.0, 5820010.0, None, 1.7)
    assert (stand.where, stand.z) == ("ground", GROUND)
    seen = view.seen(stand, LookParameters(), exact=True)
    assert code(view, seen, 390040.0, 5820070.0) == SEEN
    assert code(view, seen, 390084.0, 5820010.0) == HIDDEN, "east of block-1"
    assert code(view, seen, 390010.0, 5820010.0) == HIDDEN, "the roof of block-0 lies above the eye"
    areas = seen.areas()
    assert set(areas) == {SEEN, HIDDEN}
    rows, columns = view.grid.shape
    assert sum(areas.values()) == pytest.approx(rows * columns * view.grid.cell**2)


def test_from_a_roof_the_roofs_below_are_seen(view: LiveView) -> None:
    stand = view.stand(390061.0, 5820061.0, GROUND + 30.0, 1.7)
    assert stand.where == "roof"
    seen = view.seen(stand, LookParameters(), exact=True)
    assert code(view, seen, 390010.0, 5820010.0) == SEEN
    assert "above the roof" in " ".join(eye_legend(seen).notes)


def test_who_clicks_a_wall_stands_before_it(view: LiveView) -> None:
    stand = view.stand(390020.0, 5820010.0, GROUND + 4.0, 1.7, seen_from=(390200.0, 5820010.0))
    assert (stand.where, stand.z) == ("ground", GROUND)
    assert 390020.0 < stand.x < 390024.0


def test_inside_a_building_beside_the_data_and_on_a_hole_are_told_apart(view: LiveView) -> None:
    inside = view.stand(390010.0, 5820010.0, None, 1.7)
    assert inside.where == "inside"
    assert view.roof(inside.x, inside.y).z == pytest.approx(GROUND + 10.0)
    assert view.stand(391000.0, 5820010.0, None, 1.7).where == "outside"
    view.states[0].dsm[0, 0] = np.nan
    x, y = view.grid.x0 + 0.1, view.grid.y0 - 0.1
    hole = view.stand(x, y, None, 1.7)
    assert hole.where == "hole"
    assert view.seen(hole, LookParameters(), exact=False) is None


def test_a_proposal_makes_four_classes(document: Document) -> None:
    yard = ((390035.0, 5820035.0), (390045.0, 5820035.0), (390045.0, 5820045.0), (390035.0, 5820045.0))
    after = put(document, AddBox("tower", "Tower", yard, 60.0), RemoveObject("blocks-city", "block-1"))
    view = live_view(after, "solid", silent, CELLS)
    assert view is not None
    seen = view.seen(view.stand(390040.0, 5820010.0, None, 1.7), LookParameters(), exact=True)
    assert seen is not None
    assert code(view, seen, 390040.0, 5820070.0) == NEWLY_HIDDEN, "behind the tower"
    assert code(view, seen, 390083.0, 5820010.0) == NEWLY_SEEN, "where block-1 was in the way"
    assert set(seen.areas()) == {SEEN, NEWLY_HIDDEN, NEWLY_SEEN, HIDDEN}
    assert [name for _, name in eye_legend(seen, holes=False).classes] == [
        "seen in both", "newly hidden", "newly seen", "hidden in both",
    ]  # fmt: skip


def test_in_a_swipe_each_side_shows_what_the_eye_sees_there(document: Document) -> None:
    from citymodel.legends_seen import VIEW
    from citymodel.scene import colours
    from citymodel.scene.state import View
    from citymodel.scene.swipe import sides_of

    yard = ((390035.0, 5820035.0), (390045.0, 5820035.0), (390045.0, 5820045.0), (390035.0, 5820045.0))
    after = put(document, AddBox("tower", "Tower", yard, 60.0), RemoveObject("blocks-city", "block-1"))
    view = live_view(after, "solid", silent, CELLS)
    assert view is not None
    seen = view.seen(view.stand(390040.0, 5820010.0, None, 1.7), LookParameters(), exact=True)
    assert seen is not None
    sides = sides_of(after, None, View(drape=eye_drape(seen, 1)))
    assert sides is not None
    bright = next(colours.rgb(one.colour) for one in VIEW if one.label == "visible")
    for x, y, there in ((390040.0, 5820070.0, (True, False)), (390083.0, 5820010.0, (False, True))):
        row, column = view._cell(x, y)
        for state, lit in zip((sides.left, sides.right), there, strict=True):
            assert state.drape is not None
            assert (tuple(state.drape.image[row, column]) == bright) is lit
    base = replace(after, active_scenario="")
    elsewhere = sides_of(base, None, View(drape=eye_drape(seen, 1)))
    assert elsewhere is not None
    assert elsewhere.left.drape is None, "the eye looked at another proposal than the swipe shows"


def test_the_range_ends_the_view_and_the_legend_says_how_far(view: LiveView) -> None:
    stand = view.stand(390040.0, 5820040.0, None, 1.7)
    seen = view.seen(stand, LookParameters(reach=20.0), exact=True)
    assert seen is not None
    assert code(view, seen, 390040.0, 5820055.0) == SEEN
    assert code(view, seen, 390040.0, 5820075.0) == OUT_OF_RANGE
    assert sum(seen.areas().values()) == pytest.approx(np.pi * 400.0, rel=0.02)
    legend = eye_legend(seen)
    assert "cells 0.5 m, range 20 m" in legend.notes
    assert "target 0 m, k 1/7" in legend.notes
    assert legend.notes[0] == "exact"
    quick = view.seen(stand, LookParameters(reach=20.0), exact=False)
    assert quick is not None
    assert "preview" in eye_legend(quick).notes[0]


def test_no_data_is_hatched(view: LiveView) -> None:
    seen = view.seen(view.stand(390040.0, 5820040.0, None, 1.7), LookParameters(), exact=True)
    assert seen is not None
    holed = seen.codes.copy()
    holed[:20, :20] = NO_DATA
    image = eye_drape(replace(seen, codes=holed), 1).image[:20, :20]
    assert 0.1 < float((image.sum(axis=2) < 700).mean()) < 0.3


def test_shade_and_eye_stand_on_one_surface(document: Document) -> None:
    shade, view = live_surface(document, silent, CELLS), live_view(document, "solid", silent, CELLS)
    assert shade is not None
    assert view is not None
    assert view.states[0].dsm is shade.dsm


def test_without_a_coordinate_system_there_is_no_sun_and_yet_a_view(document: Document) -> None:
    assert document.frame is not None
    placeless = replace(document, frame=replace(document.frame, crs=None))
    assert live_grid(placeless) is None
    grid = live_grid(placeless, CELLS, sunlit=False)
    assert grid is not None
    assert heights_on(placeless, grid, None).dsm.shape == grid.shape


def test_cancelling_stops_the_exact_view(view: LiveView) -> None:
    class Stop(Exception): ...

    def stop(share: float, text: str = "") -> None:
        raise Stop

    with pytest.raises(Stop):
        view.seen(view.stand(390040.0, 5820040.0, None, 1.7), LookParameters(), True, stop)


def test_the_bench_tells_quick_and_exact_apart() -> None:
    from citymodel.bench_eye import measure_eye

    street, roofs = measure_eye(150, 1)
    assert street["what"] == "live eye, street"
    assert roofs["cells"] == 22_500
    for row in (street, roofs):
        assert row["exact_to_texture_ms"] == pytest.approx(row["exact_ms"] + row["picture_ms"] + row["upload_ms"])
