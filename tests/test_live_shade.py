"""Shade that follows the sun: one surface for many moments, and a picture that only changes its colours."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from citymodel.analysis.live_heights import key_of
from citymodel.analysis.live_shade import ABOVE, live_surface
from citymodel.document import Document
from citymodel.project import open_data
from citymodel.scene.drape import SHADE, shade_drape

NOON = datetime(2026, 6, 21, 11, 45, tzinfo=UTC)


@pytest.fixture
def document(city_file: Path) -> Document:
    return open_data([city_file])


def test_the_live_mask_is_the_study_s_own(document: Document) -> None:
    from citymodel.analysis.sun_study import shade

    surface = live_surface(document, cells=40_000)
    assert surface is not None
    azimuth, altitude = surface.sun(NOON)
    raster = surface.grid.raster(surface.dsm, "surface")
    expected, _ = shade(raster, azimuth, altitude, ABOVE)
    assert (surface.mask(NOON) == np.asarray(expected)).all()


def test_one_cell_asked_alone_says_what_the_whole_mask_says(document: Document) -> None:
    surface = live_surface(document, cells=40_000)
    assert surface is not None
    rng = np.random.default_rng(1)
    for azimuth, altitude in ((95.0, 4.0), (140.0, 25.0), (181.0, 38.0), (260.0, 9.0), (330.0, 50.0)):
        mask = surface.mask_at(azimuth, altitude)
        for row, column in rng.integers(0, surface.grid.shape, (60, 2)):
            assert surface.at(int(row), int(column), azimuth, altitude) == mask[row, column]


def test_a_surface_serves_every_moment_and_no_other_city(document: Document) -> None:
    from citymodel.scenario import SetHeight

    surface = live_surface(document, cells=40_000)
    assert surface is not None
    assert surface.key == key_of(document)
    changed = document.with_change(SetHeight(document.layers[0].id, "block-0", 60.0))
    assert key_of(changed) != surface.key
    assert key_of(document.with_style(document.layers[0].id, opacity=0.5)) == surface.key
    assert surface.mask(NOON - timedelta(hours=12)) is None


def test_a_city_without_a_place_on_the_globe_has_no_shade(document: Document) -> None:
    assert document.frame is not None
    assert live_surface(replace(document, frame=replace(document.frame, crs=None))) is None


def test_the_picture_of_shade_is_soft_at_the_edge_and_full_inside() -> None:
    mask = np.zeros((9, 9), np.uint8)
    mask[:, 5:] = 1
    image = shade_drape(mask, (0.0, 0.0, 9.0, 9.0), 1).image
    assert tuple(image[4, 0]) == (255, 255, 255)
    assert tuple(image[4, 8]) == SHADE
    across = image[4, :, 0].astype(int)
    assert (np.diff(across) <= 0).all()
    assert SHADE[0] < across[4] < 255


def test_crowns_shade_less_in_winter_and_an_unknown_cell_not_at_all() -> None:
    mask = np.full((5, 5), 2, np.uint8)
    summer, winter = (int(shade_drape(mask, (0, 0, 5, 5), 1, through).image[2, 2, 0]) for through in (0.03, 0.5))
    assert SHADE[0] == summer < winter < 255
    assert (shade_drape(np.full((5, 5), 255, np.uint8), (0, 0, 5, 5), 1).image == 255).all()


def test_another_moment_touches_nothing_but_the_drape_and_the_light(document: Document) -> None:
    import pyvista as pv

    from citymodel.scene.stage import Stage
    from citymodel.scene.state import View, resolve

    surface = live_surface(document, cells=40_000)
    assert surface is not None
    states = []
    for number, hours in enumerate((0, 2)):
        moment = NOON + timedelta(hours=hours)
        mask = surface.mask(moment)
        assert mask is not None
        view = View(camera=None, furniture=False, drape=shade_drape(mask, surface.grid.bounds, number))
        states.append(resolve(document, moment, view))
    plotter = pv.Plotter(off_screen=True, window_size=[200, 150], lighting="none")
    try:
        stage = Stage(plotter)
        stage.show(states[0])
        texture = stage._texture
        assert set(stage.show(states[1])) <= {"drape", "light", "furniture"}
        assert stage._texture is texture
    finally:
        plotter.close()
