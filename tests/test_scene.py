from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from citymodel.builder import CityModelBuilder
from citymodel.document import Document
from citymodel.errors import ParameterError
from citymodel.geo import Frame
from citymodel.layers import Layer, Style
from citymodel.points import PointCloud
from citymodel.results import Field, LegendClass, Result
from citymodel.scene import colours, meshes
from citymodel.scene.camera import VIEWS, corners_of, framed
from citymodel.scene.furniture import nice_length
from citymodel.scene.light import Light, lamps
from citymodel.scene.render import picture, render
from citymodel.scene.state import View, resolve

ORIGIN = (85_000.0, 447_000.0, 0.0)


def a_box(builder, name, x, y, width, height, base=0.0, semantics=True):
    row = builder.add_object(name, "Building", attributes={"floors": height / 3})
    a = [(x, y), (x + width, y), (x + width, y + width), (x, y + width)]
    low, high = [(*p, base) for p in a], [(*p, base + height) for p in a]
    faces = [("RoofSurface", high), ("GroundSurface", low[::-1])]
    faces += [("WallSurface", [low[k], low[(k + 1) % 4], high[(k + 1) % 4], high[k]]) for k in range(4)]
    for kind, ring in faces:
        surface = builder.add_object(f"{name}-{kind}", kind, row, is_surface=True) if semantics else -1
        node = builder.add_node("MultiSurface")
        builder.add_member(node, builder.add_polygon([np.array(ring).ravel().tolist()]))
        builder.add_geometry(row, "MultiSurface", node, surface=surface, lod="2" if semantics else "1")
    return row


def a_city(semantics=True):
    builder = CityModelBuilder("CityGML", "2.0")
    builder.crs = "EPSG:28992"
    x, y = ORIGIN[:2]
    a_box(builder, "low", x, y, 20, 9, semantics=semantics)
    a_box(builder, "high", x + 40, y + 10, 20, 30, semantics=semantics)
    return builder.build()


def a_document(*layers, **styles):
    layers = layers or (Layer("city", "City", "city", a_city(), source="survey.gml", licence="CC0"),)
    return Document(
        frame=Frame("EPSG:28992", ORIGIN),
        layers=layers,
        styles={layer.id: styles.get(layer.id, Style()) for layer in layers},
        name="Two houses",
    )


def a_result(value=1.0):
    import xarray as xr

    x, y = ORIGIN[0] - 30 + np.arange(120.0), ORIGIN[1] + 60 - np.arange(100.0)
    data = xr.DataArray(np.full((100, 120), value, np.float32), dims=("y", "x"), coords={"y": y, "x": x})
    classes = (LegendClass(0, 2, "#ff00ff", "less than 2 hours"), LegendClass(2, 9, "#00ff00", "2 hours or more"))
    field = Field("hours", "Sun hours", "h", data, classes)
    return Layer("sun", "Sun", "result", Result("shadow", "Sun hours", {"hours": field}, {}), source="citymodel")


def a_stage(state, size=(300, 200)):
    import pyvista as pv

    from citymodel.scene.render import probe
    from citymodel.scene.stage import Stage

    probe()
    plotter = pv.Plotter(off_screen=True, window_size=list(size), lighting="none")
    stage = Stage(plotter, occlusion=False)
    stage.show(state)
    return stage, plotter


def near(image, colour, reach=40):
    return np.abs(image.astype(int) - np.array(colours.rgb(colour))).max(axis=2) <= reach


def test_resolving_the_same_document_twice_gives_equal_states():
    document = a_document()
    assert resolve(document, None, View()) == resolve(document, None, View())


def test_a_hidden_layer_is_not_in_the_state():
    assert resolve(a_document(city=Style(visible=False))).items == ()


def test_words_are_no_larger_than_their_lines_on_a_fine_screen():
    import pyvista as pv

    from citymodel.scene.stage import Stage

    plotter = pv.Plotter(off_screen=True, window_size=(400, 300))
    try:
        stage = Stage(plotter, 2.0, occlusion=False)
        plotter.render_window.SetDPI(144)
        stage.show(resolve(a_document()))
        plotter.show(auto_close=False)
        assert plotter.render_window.GetDPI() == 72
    finally:
        plotter.close()


def test_the_sun_of_a_moment_lights_the_scene_from_the_south_at_noon():
    state = resolve(a_document(), datetime(2026, 6, 21, 11, 45, tzinfo=UTC))
    assert state.light.known
    assert 170 < state.light.azimuth < 190
    assert 60 < state.light.altitude < 63
    assert state.light.direction[1] < 0 < state.light.direction[2]


@pytest.mark.parametrize("altitude", [-20.0, 3.0, 12.0, 60.0])
def test_the_colours_of_a_result_are_lit_alike_at_every_hour(altitude):
    def on_level(light):
        return sum(np.array(colour) * strength * max(z, 0.0) / np.linalg.norm((x, y, z))
                   for (x, y, z), colour, strength in lamps(light))  # fmt: skip

    noon = on_level(Light(180.0, 40.0, True, even=True))
    assert on_level(Light(250.0, altitude, True, even=True)) == pytest.approx(noon)


def test_the_sun_below_the_horizon_gives_no_daylight():
    assert Light(altitude=-10).day == 0.0


@pytest.mark.parametrize("view", VIEWS)
def test_every_named_view_holds_the_whole_box(view):
    corners = corners_of((0, 0, 0, 300, 120, 40))
    camera = framed(corners, view, aspect=1.5)
    ahead = np.subtract(camera.focus, camera.position)
    ahead = ahead / np.linalg.norm(ahead)
    right = np.cross(ahead, camera.up)
    right /= np.linalg.norm(right)
    up = np.cross(right, ahead)
    seen = (corners - np.array(camera.position)) @ np.stack([right, up, ahead], axis=1)
    if camera.parallel_scale is not None:
        assert np.abs(seen[:, 1]).max() <= camera.parallel_scale
        assert np.abs(seen[:, 0]).max() <= camera.parallel_scale * 1.5
        return
    half = np.tan(np.radians(15.0))
    assert (seen[:, 2] > 0).all()
    assert np.abs(seen[:, 1] / seen[:, 2]).max() <= half
    assert np.abs(seen[:, 0] / seen[:, 2]).max() <= half * 1.5
    fills = max(np.abs(seen[:, 1] / seen[:, 2]).max() / half, np.abs(seen[:, 0] / seen[:, 2]).max() / half / 1.5)
    assert fills > 0.9


def test_triangles_without_semantics_are_roofs_or_walls_by_their_slope():
    tile = meshes.city_tiles(a_city(semantics=False), ORIGIN)[0]
    names = [colours.CATEGORIES[code][0] for code in tile.category]
    assert names.count("wall") == 16
    assert names.count("roof") == 8


def test_tiles_hold_every_triangle_once(monkeypatch):
    monkeypatch.setattr(meshes, "TILE", 10)
    tiles = meshes.city_tiles(a_city(), ORIGIN)
    assert len(tiles) > 1
    assert sum(len(tile) for tile in tiles) == 24
    assert all(len(tile) <= 10 for tile in tiles)


def test_coordinates_on_the_screen_are_local_and_exact_to_a_millimetre():
    tile = meshes.city_tiles(a_city(), ORIGIN)[0]
    assert tile.points.dtype == np.float32
    assert tile.points[:, 0].max() == pytest.approx(60.0, abs=1e-3)


def test_points_are_thinned_to_the_budget_and_hidden_classes_are_left_out():
    classes = np.tile(np.array([2, 5], np.uint8), 500)
    cloud = PointCloud(np.zeros((1000, 3), np.int32), np.ones(3), np.zeros(3), {"classification": classes})
    rows = meshes.chosen_points(cloud, (2,), 100)
    assert len(rows) == 100
    assert (classes[rows] == 5).all()


def test_lengths_of_the_scale_bar_are_round():
    assert [nice_length(one) for one in (0.7, 3.0, 49.0, 50.0, 1999.0)] == [0.5, 2.0, 20.0, 50.0, 1000.0]


def test_class_limits_are_round_and_cover_the_values():
    limits = colours.breaks(0.3, 17.2)
    assert limits[0] <= 0.3
    assert limits[-1] >= 17.2
    assert len(limits) - 1 <= 8
    assert np.allclose(np.diff(limits), limits[1] - limits[0])


def test_a_picture_has_the_size_asked_for_buildings_sky_and_legend():
    state = resolve(a_document(), None, View(size=(400, 300)))
    image = picture(state, (400, 300))
    assert image.shape == (300, 400, 3)
    bare = picture(replace(state, furniture=False), (400, 300))
    changed = np.abs(image.astype(int) - bare).max(axis=2) > 12
    assert changed[150:, :200].sum() > 400, "a legend and sources at the lower left"
    assert changed[150:, 300:].sum() > 200, "a scale and a north arrow at the lower right"
    assert changed[:60, :200].sum() > 80, "a title at the upper left"
    top, low = bare[2].mean(axis=0), bare[-2].mean(axis=0)
    assert top[2] > top[0] + 20, "blue above"
    assert low.mean() > 200
    empty = picture(replace(state, items=(), furniture=False), (400, 300))
    assert (np.abs(bare.astype(int) - empty).max(axis=2) > 12).mean() > 0.15, "buildings fill a good part"


def test_a_draped_result_shows_its_legend_colour_on_roofs_and_not_on_walls():
    layers = (Layer("city", "City", "city", a_city()), a_result())
    state = resolve(a_document(*layers), None, View(camera="top", size=(300, 200)))
    assert state.drape is not None
    assert [words for _, words in state.caption.legends[0].classes] == ["less than 2 hours", "2 hours or more"]
    image = picture(replace(state, furniture=False), (300, 200))
    assert near(image, "#ff00ff", 70).mean() > 0.1
    from_north = resolve(a_document(*layers), None, View(camera="south", size=(300, 200)))
    image = picture(replace(from_north, furniture=False), (300, 200))
    grey = (np.ptp(image.astype(int), axis=2) < 30) & (image.mean(axis=2) < 245)
    assert grey[60:].sum() > 300, "walls stay plain"


def test_a_diff_touches_only_what_changed():
    document = a_document()
    state = resolve(document)
    stage, plotter = a_stage(state)
    try:
        assert stage.show(resolve(document)) == ()
        faded = replace(document, styles={"city": Style(opacity=0.5)})
        assert stage.show(resolve(faded)) == ("city: opacity",)
        by_height = replace(document, styles={"city": Style(opacity=0.5, colour_by="height")})
        assert set(stage.show(resolve(by_height))) == {"city: colours", "furniture"}
        assert stage.show(resolve(by_height, None, View(camera="north"))) == ("camera",)
        hidden = replace(document, styles={"city": Style(visible=False)})
        assert "city: removed" in stage.show(resolve(hidden, None, View(camera=None)))
    finally:
        plotter.close()


def test_picking_the_middle_of_a_roof_from_above_finds_its_building():
    stage, plotter = a_stage(resolve(a_document(), None, View(camera="top", size=(300, 200))))
    try:
        plotter.render()
        renderer = plotter.renderer
        for x, y, z, name in ((10.0, 10.0, 9.0, "low"), (50.0, 20.0, 30.0, "high")):
            renderer.SetWorldPoint(x, y, z, 1.0)
            renderer.WorldToDisplay()
            pick = stage.pick(*renderer.GetDisplayPoint()[:2])
            assert pick is not None
            assert (pick.layer_id, pick.object_id) == ("city", name)
            assert pick.position[2] == pytest.approx(z, abs=0.2)
        assert stage.pick(1.0, 1.0) is None
    finally:
        plotter.close()


def test_a_selected_building_takes_the_accent_and_the_other_does_not():
    view = View(camera="top", size=(300, 200), selection=frozenset({("city", "high")}))
    image = picture(replace(resolve(a_document(), None, view), furniture=False), (300, 200))
    accent = near(image, colours.ACCENT, 45)
    assert accent[:, 150:].sum() > 500
    assert accent[:, :120].sum() == 0


def test_render_writes_a_whole_png_and_leaves_no_other_file(tmp_path):
    from PIL import Image

    render(a_document(), tmp_path / "out.png", (320, 200), "oblique")
    assert [one.name for one in tmp_path.iterdir()] == ["out.png"]
    with Image.open(tmp_path / "out.png") as image:
        assert image.size == (320, 200)


def test_ground_returns_are_left_out_only_where_a_model_covers_them():
    x, y = ORIGIN[:2]
    xyz = np.array([[x + 10, y + 10, 9], [x + 30, y + 5, 0]])
    cloud = PointCloud(
        (xyz * 100).astype(np.int32), np.full(3, 0.01), np.zeros(3), {"classification": np.full(2, 6, np.uint8)}
    )
    cover = meshes.cover_of(meshes.city_tiles(a_city(), ORIGIN))
    assert meshes.chosen_points(cloud, (2, 6), 100, cover, ORIGIN).tolist() == [1]


def test_a_cast_shadow_darkens_the_ground_on_the_side_away_from_the_sun():
    from citymodel.analysis.shade_now import shade_now
    from citymodel.scene.drape import shadow_drape

    document, noon = a_document(), datetime(2026, 6, 21, 11, 45, tzinfo=UTC)
    mask = shade_now(document, noon)
    assert mask is not None
    x, y = ORIGIN[:2]
    assert int(mask.sel(x=x + 50, y=y + 35, method="nearest")) == 1, "north of the high house"
    assert int(mask.sel(x=x + 50, y=y + 5, method="nearest")) == 0, "south of it"
    drape = shadow_drape(mask)
    view = View(camera="top", size=(300, 200))
    lit = picture(replace(resolve(document, noon, view), furniture=False), (300, 200)).astype(int)
    shaded = picture(replace(resolve(document, noon, replace(view, drape=drape)), furniture=False), (300, 200)).astype(
        int
    )
    darker = (lit - shaded).mean(axis=2) > 25
    assert 0.005 < darker.mean() < 0.3
    assert darker[:100].sum() > 3 * darker[100:].sum()


def test_a_proposed_mass_stands_in_its_own_tint():
    from citymodel.scenario import AddBox, Scenario

    x, y = ORIGIN[:2]
    corners = ((x + 65, y), (x + 85, y), (x + 85, y + 20), (x + 65, y + 20))
    scenario = Scenario("tower", "Tower", (AddBox("new", "New", corners, 20.0, 0.0),))
    document = replace(a_document(), scenarios=(scenario,), active_scenario="tower")
    state = resolve(document, None, View(camera="top", size=(300, 200)))
    image = picture(replace(state, furniture=False), (300, 200))
    tinted = near(image, colours.PROPOSED, 50)
    assert tinted[:, 200:].sum() > 500
    assert tinted[:, :100].sum() == 0


@pytest.mark.parametrize("size", [(0, 10), (8, 300), (20_000, 100)])
def test_an_impossible_size_is_refused_in_words(size, tmp_path):
    with pytest.raises(ParameterError, match="pixels; each side"):
        render(a_document(), tmp_path / "out.png", size)
    assert not list(tmp_path.iterdir())


def test_the_height_of_a_building_is_that_of_its_surfaces():
    from citymodel.scene.values import known, of_objects

    model = a_city()
    height = of_objects(model, "height")
    assert height[list(model.objects.ids).index("high")] == pytest.approx(30.0)
    assert known(height).all()


def test_there_is_no_cast_shadow_by_night():
    from citymodel.analysis.shade_now import shade_now

    assert shade_now(a_document(), datetime(2026, 6, 21, 0, 0, tzinfo=UTC)) is None


def test_the_height_under_a_place_is_the_roof_s():
    stage, plotter = a_stage(resolve(a_document()))
    try:
        assert stage.ground_height(50.0, 20.0) == pytest.approx(30.0, abs=0.01)
        assert stage.ground_height(500.0, 500.0) is None
    finally:
        plotter.close()
