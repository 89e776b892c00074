"""A real GPU gives what the CPU gives, bit for bit, and keeps results on the device."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from towns import SIDE, SUNS, day, forest, houses, town

from kernels.binning import REDUCTIONS, bin_points
from kernels.device import cupy, devices, is_on_gpu, to_device
from kernels.horizon import (
    even_sky,
    horizon_angles,
    hours_above_horizons,
    irradiation_above_horizons,
    sector_centres,
    sky_view_factor,
)
from kernels.rasterize import rasterize_triangles
from kernels.rays import RayMesh
from kernels.shadow import (
    Canopy,
    caster_hours,
    shadow_casters,
    shadow_mask,
    shadow_masks,
    sun_hours,
    sun_record,
)

pytestmark = pytest.mark.skipif(cupy() is None, reason="no GPU: CuPy is not installed or sees no device")


def same(cpu: np.ndarray, gpu: Any) -> bool:
    """Equal bits, and the second lies on the GPU."""
    assert is_on_gpu(gpu)
    return np.array_equal(cpu.view(np.uint8), to_device(gpu).view(np.uint8))


def test_devices_name_the_gpu() -> None:
    assert [d.name for d in devices()][:2] == ["cpu", "gpu:0"]


@pytest.mark.parametrize("sun", SUNS)
def test_masks_are_the_same(sun: tuple[float, float]) -> None:
    dsm = town(700, 900)
    dsm[100:130, 200:300] = np.nan
    assert same(shadow_mask(dsm, 1.0, *sun), shadow_mask(to_device(dsm, "gpu"), 1.0, *sun))


def test_hours_are_the_same() -> None:
    dsm = town(600, 500)
    azimuths, altitudes = np.array(SUNS * 30).T
    weights = np.linspace(0.05, 0.3, azimuths.size)
    given = azimuths, altitudes, weights
    assert same(sun_hours(dsm, 1.0, *given), sun_hours(to_device(dsm, "gpu"), 1.0, *given))


def test_records_bits_trees_and_casters_are_the_same() -> None:
    dsm = town(500, 600)
    dsm[100:130, 200:300] = np.nan
    trees, suns, times = forest(500, 600, dsm, trees=400), np.array(day(74)).T, np.arange(74) * 0.2
    there = to_device(dsm, "gpu")
    leaves = Canopy(to_device(trees.top, "gpu"), to_device(trees.base, "gpu"), trees.transmissivity)
    for packed in (False, True):
        cpu, gpu = (shadow_masks(d, 1.0, *suns, packed=packed, canopy=c) for d, c in ((dsm, trees), (there, leaves)))
        assert same(cpu, gpu)
    records = [sun_record(d, 1.0, *suns, times, 0.2, canopy=c) for d, c in ((dsm, trees), (there, leaves))]
    assert all(same(getattr(records[0], f), getattr(records[1], f)) for f in ("hours", "longest", "first", "last"))
    owner = np.random.default_rng(1).integers(-1, 50, dsm.shape, np.int32)
    given = (dsm, owner), (there, to_device(owner, "gpu"))
    assert same(*(shadow_casters(d, 1.0, 200.0, 20.0, o) for d, o in given))
    assert same(*(caster_hours(d, 1.0, *suns, 0.2, o, 50, o, 50) for d, o in given))


@pytest.mark.parametrize("reduce", ["max", "min"])
def test_triangles_are_the_same(reduce: str) -> None:
    rng = np.random.default_rng(6)
    vertices, triangles = rng.random((5000, 3)) * [400, 300, 60], rng.integers(0, 5000, (4000, 3), np.int32)
    cpu = rasterize_triangles(vertices, triangles, 0.0, 300.0, 0.5, (600, 800), reduce)
    gpu = rasterize_triangles(to_device(vertices, "gpu"), to_device(triangles, "gpu"), 0, 300, 0.5, (600, 800), reduce)
    assert same(cpu[0], gpu[0])
    assert same(cpu[1], gpu[1])


@pytest.mark.parametrize("reduce", REDUCTIONS)
def test_points_are_the_same(reduce: str) -> None:
    x, y, z = np.random.default_rng(7).random((3, 2_000_000)) * 500
    cpu = bin_points(x, y, z, 0.0, 500.0, 1.0, (500, 500), reduce)
    gpu = bin_points(*(to_device(a, "gpu") for a in (x, y, z)), 0.0, 500.0, 1.0, (500, 500), reduce)
    assert same(cpu, gpu)


@pytest.mark.parametrize("lift", [0.0, 1.5])
def test_horizons_are_the_same(lift: float) -> None:
    dsm = town(500, 600)
    dsm[100:130, 200:300] = np.nan
    there = to_device(dsm, "gpu")
    azimuths = [azimuth for azimuth, _ in SUNS]
    assert same(horizon_angles(dsm, 1.0, azimuths, lift), horizon_angles(there, 1.0, azimuths, lift))
    assert same(sky_view_factor(dsm, 1.0, 72, lift), sky_view_factor(there, 1.0, 72, lift))


def test_hours_and_energy_are_the_same() -> None:
    dsm = town(400, 300)
    there, azimuths = to_device(dsm, "gpu"), sector_centres(90)
    table = np.random.default_rng(8).random((2, 90, 91))
    assert same(*(hours_above_horizons(one, 1.0, azimuths, table) for one in (dsm, there)))
    light = np.stack([even_sky(90), even_sky(90) * table[0, :, :, None]])
    assert same(*(irradiation_above_horizons(one, 1.0, azimuths, light) for one in (dsm, there)))


def test_rays_are_the_same() -> None:
    vertices = houses(300).reshape(-1, 3).astype(np.float32)
    triangles = np.arange(len(vertices), dtype=np.int32).reshape(-1, 3)
    rng = np.random.default_rng(9)
    origins = (rng.random((300_000, 3)) * [SIDE, SIDE, 50]).astype(np.float32)
    towards = rng.normal(size=origins.shape).astype(np.float32)
    cpu, gpu = RayMesh(vertices, triangles, backend="bvh"), RayMesh(vertices, triangles, "gpu")
    there = to_device(origins, "gpu"), to_device(towards, "gpu")
    assert all(same(*pair) for pair in zip(cpu.first(origins, towards), gpu.first(*there), strict=True))
    assert same(cpu.occluded(origins, towards), gpu.occluded(*there))
