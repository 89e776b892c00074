"""How fast shade follows the sun under the hand: kernel, picture, upload and the display's own frame, apart."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

SUNS = 25
CROWNS = 0.04
"""Part of the cells that carry trees in the town with trees."""


def measure_live(size: int, runs: int) -> list[Mapping[str, object]]:
    """A row for a town of houses, and one with trees whose crowns let light through; milliseconds, median and best.

    size : rows and columns of 1 m cells; runs : times that each of the day's suns is taken
    """
    return [_measured(size, runs, trees) for trees in (False, True)]


def _measured(size: int, runs: int, trees: bool) -> Mapping[str, object]:
    from citymodel.analysis.live_shade import ABOVE, LEAVES, one_thread
    from citymodel.scene.drape import shade_drape
    from kernels.shadow import Canopy, prepare

    z, crown = town(size)
    canopy = Canopy(crown, (0.25 * crown).astype(np.float32), LEAVES) if trees else None
    began = time.perf_counter()
    surface = prepare(z, 1.0, canopy=canopy)
    for azimuth in (90.0, 180.0):
        surface.mask(azimuth, 45.0, ABOVE)
    ready = time.perf_counter() - began
    suns = [(azimuth, 50.0 - abs(azimuth - 180.0) / 2.2) for azimuth in np.linspace(90.0, 270.0, SUNS)]
    times: dict[str, list[float]] = {"kernel": [], "picture": []}
    bounds = (0.0, 0.0, float(size), float(size))
    drapes: list[Any] = []
    with one_thread():
        for number, (azimuth, altitude) in enumerate(suns * runs):
            mask = timed(times["kernel"], partial(surface.mask, azimuth, altitude, ABOVE))
            drape = timed(times["picture"], partial(shade_drape, mask, bounds, number, 0.5))
            drapes = [*drapes[-2:], drape]
    times |= on_screen(drapes, z)
    row: dict[str, object] = {"what": f"live shade{', trees' if trees else ''}", "cells": size * size}
    row["prepare_s"] = ready
    for name, found in times.items():
        row[f"{name}_ms"], row[f"{name}_best_ms"] = float(np.median(found)), float(min(found))
    parts = ("kernel", "picture", "upload")
    row["sun_to_texture_ms"] = sum(float(np.median(times[name])) for name in parts)
    return row


def town(size: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Heights of houses, and of crowns (NaN for none), on flat ground; metres."""
    rng = np.random.default_rng(7)
    z = np.zeros((size, size), dtype=np.float32)
    for _ in range(size * size // 2500):
        row, column = rng.integers(0, size, 2)
        tall, wide = rng.integers(8, 30, 2)
        z[row : row + tall, column : column + wide] = rng.uniform(5.0, 30.0)
    crown = np.full_like(z, np.nan)
    for _ in range(int(CROWNS * size * size / 25)):
        row, column = rng.integers(0, size, 2)
        crown[row : row + 5, column : column + 5] = rng.uniform(6.0, 18.0)
    crown[z > 0] = np.nan
    return z, crown


def timed(kept: list[float], work: Callable[[], Any]) -> Any:
    """What the work gives; its milliseconds are kept."""
    began = time.perf_counter()
    found = work()
    kept.append(1e3 * (time.perf_counter() - began))
    return found


def on_screen(drapes: list[Any], z: NDArray[np.float32]) -> dict[str, list[float]]:
    """Milliseconds of putting a picture onto the graphics device, and of a frame that shows it, 1280 × 800."""
    import pyvista as pv

    from citymodel.scene import actors
    from citymodel.scene.render import probe

    probe()
    size = z.shape[0]
    plotter = pv.Plotter(off_screen=True, window_size=[1280, 800], lighting="none")
    side = np.linspace(0.0, size, 201, dtype=np.float32)
    x, y = np.meshgrid(side, side)
    points = np.stack([x, y, np.zeros_like(x)], axis=-1).reshape(-1, 3)
    corner = np.arange(201 * 201).reshape(201, 201)[:-1, :-1].reshape(-1, 1)
    mesh = actors.polydata(points, np.concatenate([corner + np.array(one) for one in ((0, 1, 202), (0, 202, 201))]))
    actors.set_colours(mesh, np.full((len(points), 3), 220, np.uint8), "points")
    actors.set_drape_coordinates(mesh, actors.drape_coordinates(points, drapes[0], (0.0, 0.0, 0.0)))
    actor, texture = actors.actor_of(mesh, "points", flat=False), actors.texture_of(drapes[0])
    actor.SetTexture(texture)
    plotter.renderer.AddActor(actor)
    plotter.show(auto_close=False)
    window = plotter.render_window
    times: dict[str, list[float]] = {"upload": [], "frame": []}
    for number in range(15):
        began = time.perf_counter()
        actors.repaint(texture, drapes[number % len(drapes)])
        texture.Render(plotter.renderer)
        window.WaitForCompletion()
        times["upload"].append(1e3 * (time.perf_counter() - began))
        began = time.perf_counter()
        window.Render()
        window.WaitForCompletion()
        times["frame"].append(1e3 * (time.perf_counter() - began))
    plotter.close()
    return times
