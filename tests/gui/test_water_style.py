"""The inspector's page of a flood: how its water can be shown, and the legend of the moment."""

from datetime import timedelta

from waters import BEGIN, flood_layer, flooded

from citymodel.results import Field
from citymodel.scene.state import View, resolve
from gui.style_panel import colour_choices, legend_of


def test_water_in_time_stands_before_the_maps_of_a_flood():
    frames = flood_layer().data.water["base"]
    depth = Field("max_depth", "Greatest depth", "m", frames.grid.raster(frames.ground, "max depth"))
    keys = [key for key, _ in colour_choices(flood_layer(max_depth=depth))]
    assert keys == ["water", "water-streaks", "water-natural", "max_depth"]


def test_the_page_shows_the_legend_of_the_water():
    document = flooded()
    state = resolve(document, BEGIN + timedelta(minutes=5), View())
    legend = legend_of(document.layers[0], state)
    assert legend.title == "Water depth"
    assert legend.notes[0] == "5 min after the start, 13:05"
