"""CUDA sources without a GPU: NVRTC accepts them, and built as C++ they equal the CPU twins bit for bit."""

from __future__ import annotations

import ctypes
import importlib.util
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from shim import Shim
from towns import SUNS, day, forest, houses, town

import kernels.cuda.binning
import kernels.cuda.horizon
import kernels.cuda.rasterize
import kernels.cuda.rays
import kernels.cuda.record
import kernels.cuda.shadow
import kernels.cuda.viewshed
from kernels import binning, horizon, prepared, rasterize, rays, shadow
from kernels.device import CUDA_FOLDER, CUDA_OPTIONS, source

NAMES = sorted(path.stem for path in CUDA_FOLDER.glob("*.cu"))


def nvrtc() -> ctypes.CDLL:
    """The NVRTC library of the wheel."""
    try:
        spec = importlib.util.find_spec("nvidia.cuda_nvrtc")
    except ModuleNotFoundError:
        spec = None
    found = [
        p
        for place in (spec.submodule_search_locations or [] if spec else [])
        for p in Path(place).glob("lib/libnvrtc.so.*")
    ]
    if not found:
        pytest.skip("NVRTC is not installed: install nvidia-cuda-nvrtc-cu12")
    return ctypes.CDLL(str(found[0]))


@pytest.fixture
def on_shim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """NumPy arrays take the CUDA road, run by the shim."""
    if shutil.which("g++") is None:
        pytest.skip("g++ is not installed")
    shim = Shim(tmp_path)
    cuda = kernels.cuda
    for module in (cuda.shadow, cuda.record, cuda.horizon, cuda.rasterize, cuda.binning, cuda.rays, cuda.viewshed):
        monkeypatch.setattr(module, "launch", shim.launch)
    monkeypatch.setattr(kernels.cuda.shadow, "free_memory", lambda device: 1_000_000)
    monkeypatch.setattr(kernels.cuda.horizon, "free_memory", lambda device: 3_000_000)


def both(module: Any, monkeypatch: pytest.MonkeyPatch, call: Any) -> tuple[Any, Any]:
    """The answers of the CPU twin and of the CUDA twin to one call."""
    cpu = call()
    with monkeypatch.context() as patch:
        patch.setattr(module, "is_on_gpu", lambda array: True)
        return cpu, call()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("architecture", ["compute_70", "compute_90"])
def test_nvrtc_compiles(name: str, architecture: str) -> None:
    library = nvrtc()
    program = ctypes.c_void_p()
    text = source(name).encode()
    assert library.nvrtcCreateProgram(ctypes.byref(program), text, f"{name}.cu".encode(), 0, None, None) == 0
    options = [o.encode() for o in (*CUDA_OPTIONS, f"--gpu-architecture={architecture}")]
    code = library.nvrtcCompileProgram(program, len(options), (ctypes.c_char_p * len(options))(*options))
    size = ctypes.c_size_t()
    library.nvrtcGetProgramLogSize(program, ctypes.byref(size))
    log = ctypes.create_string_buffer(size.value)
    library.nvrtcGetProgramLog(program, log)
    assert code == 0, log.value.decode()
    library.nvrtcGetPTXSize(program, ctypes.byref(size))
    ptx = ctypes.create_string_buffer(size.value)
    library.nvrtcGetPTX(program, ptx)
    kernels_named = re.findall(r"__global__ void (\w+)", source(name))
    assert kernels_named
    assert all(k.startswith("cm_") and f".entry {k}".encode() in ptx.value for k in kernels_named)


@pytest.mark.parametrize("name", NAMES)
def test_sources_keep_to_what_every_compiler_has(name: str) -> None:
    text = re.sub(r"//.*", "", source(name))
    assert not re.search(r"#include|INFINITY|M_PI|int64_t|__syncthreads|__shfl|\babs\(|rsqrt|__fdividef", text)


@pytest.mark.usefixtures("on_shim")
@pytest.mark.parametrize("sun", SUNS)
def test_shadow_mask_is_the_same_on_both(sun: tuple[float, float], monkeypatch: pytest.MonkeyPatch) -> None:
    dsm = town(130, 170)
    dsm[20:25, 30:60] = np.nan
    cpu, gpu = both(prepared, monkeypatch, lambda: shadow.shadow_mask(dsm, (1.0, 0.9), *sun, 1.5))
    assert np.array_equal(cpu, gpu)
    assert set(np.unique(cpu)) == {0, 1, 255}


@pytest.mark.usefixtures("on_shim")
def test_sun_hours_are_the_same_on_both(monkeypatch: pytest.MonkeyPatch) -> None:
    dsm = town(120, 90) - np.float32(40)
    dsm[50, 50] = np.nan
    azimuths, altitudes = np.array(SUNS * 5).T
    weights = np.linspace(0.05, 0.37, azimuths.size)
    cpu, gpu = both(prepared, monkeypatch, lambda: shadow.sun_hours(dsm, 1.0, azimuths, altitudes, weights))
    assert np.array_equal(cpu.view(np.int32), gpu.view(np.int32))


@pytest.mark.usefixtures("on_shim")
@pytest.mark.parametrize("packed", [False, True])
def test_masks_of_many_suns_are_the_same_on_both(packed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    dsm = town(110, 140)
    dsm[7:9, 50] = np.nan
    suns = np.array([*SUNS * 3, (90.0, -2.0), *SUNS]).T
    cpu, gpu = both(prepared, monkeypatch, lambda: shadow.shadow_masks(dsm, 1.0, *suns, packed=packed))
    assert np.array_equal(cpu, gpu)


@pytest.mark.usefixtures("on_shim")
def test_a_record_is_the_same_on_both(monkeypatch: pytest.MonkeyPatch) -> None:
    dsm = town(120, 90)
    dsm[50, 50], dsm[60, 40] = np.nan, -40
    suns = np.array([*day(90), (200.0, -1.0), *day(40)]).T
    times = np.arange(131) * 0.1
    cpu, gpu = both(prepared, monkeypatch, lambda: shadow.sun_record(dsm, 1.0, *suns, times, 0.1, 1.5))
    for field in ("hours", "longest", "first", "last"):
        assert np.array_equal(getattr(cpu, field).view(np.int32), getattr(gpu, field).view(np.int32))
    assert np.isnan(cpu.first).sum() > 1


@pytest.mark.usefixtures("on_shim")
@pytest.mark.parametrize("sun", [*SUNS, (200.0, 90.0)])
def test_shade_of_trees_is_the_same_on_both(sun: tuple[float, float], monkeypatch: pytest.MonkeyPatch) -> None:
    dsm = town(130, 150)
    dsm[20:25, 30:60] = np.nan
    trees = forest(130, 150, dsm, trees=120)
    cpu, gpu = both(prepared, monkeypatch, lambda: shadow.shadow_mask(dsm, (1.0, 0.9), *sun, 1.5, canopy=trees))
    assert np.array_equal(cpu, gpu)
    assert (cpu == 2).any()


@pytest.mark.usefixtures("on_shim")
def test_plates_that_overflow_a_line_s_memory_are_the_same_on_both(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(2)
    base = np.where(rng.random((300, 40)) < 0.3, rng.uniform(5, 400, (300, 40)), np.nan).astype(np.float32)
    plates = shadow.Canopy(base + np.float32(0.2), base, 0.5)
    plane = np.zeros((300, 40), np.float32)
    cpu, gpu = both(prepared, monkeypatch, lambda: shadow.shadow_mask(plane, 1.0, 187.0, 50.0, canopy=plates))
    assert np.array_equal(cpu, gpu)


@pytest.mark.usefixtures("on_shim")
def test_hours_through_leaves_are_the_same_on_both(monkeypatch: pytest.MonkeyPatch) -> None:
    dsm = town(80, 90)
    trees, suns = forest(80, 90, dsm), np.array(day(70)).T
    cpu, gpu = both(prepared, monkeypatch, lambda: shadow.sun_hours(dsm, 1.0, *suns, 0.1, canopy=trees))
    assert np.array_equal(cpu.view(np.int32), gpu.view(np.int32))
    times = np.arange(70) * 0.1
    cpu, gpu = both(prepared, monkeypatch, lambda: shadow.sun_record(dsm, 1.0, *suns, times, 0.1, canopy=trees))
    assert np.array_equal(cpu.hours.view(np.int32), gpu.hours.view(np.int32))
    assert np.array_equal(cpu.longest, gpu.longest)


@pytest.mark.usefixtures("on_shim")
def test_casters_are_the_same_on_both(monkeypatch: pytest.MonkeyPatch) -> None:
    dsm = town(100, 120)
    dsm[40:44, 20:50] = np.nan
    rng = np.random.default_rng(8)
    owner, zone = rng.integers(-1, 40, (2, 100, 120), np.int32)
    for sun in SUNS:
        cpu, gpu = both(prepared, monkeypatch, lambda s=sun: shadow.shadow_casters(dsm, 1.0, *s, owner))
        assert np.array_equal(cpu, gpu)
    suns, hours = np.array(SUNS * 3).T, np.tile([0.25, 0.5, 0.25], len(SUNS))
    given = (dsm, 1.0, *suns, hours, owner, 40, zone, 40)
    cpu, gpu = both(prepared, monkeypatch, lambda: shadow.caster_hours(*given))
    assert np.array_equal(cpu, gpu)
    assert cpu.sum() > 0


@pytest.mark.usefixtures("on_shim")
def test_the_gpu_twin_refuses_heights_that_do_not_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "is_on_gpu", lambda array: True)
    with pytest.raises(ValueError, match="8000 m"):
        shadow.shadow_mask(np.full((4, 4), 9999, np.float32), 1.0, 180.0, 30.0)


@pytest.mark.usefixtures("on_shim")
@pytest.mark.parametrize("reduce", ["max", "min"])
def test_rasterized_triangles_are_the_same_on_both(reduce: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    vertices = rng.random((600, 3)) * [90, 70, 40] + [4e5 - 5, 5e6 - 65, -20]
    vertices[:200] = np.round(vertices[:200] * 2) / 2
    vertices[7, 1] = np.nan
    triangles = rng.integers(0, 600, (800, 3))
    grid = (4e5, 5e6, 0.5, (120, 160), reduce)
    cpu, gpu = both(rasterize, monkeypatch, lambda: rasterize.rasterize_triangles(vertices, triangles, *grid))
    assert np.array_equal(cpu[0].view(np.int32), gpu[0].view(np.int32))
    assert np.array_equal(cpu[1], gpu[1])
    assert (cpu[1] >= 0).any()


@pytest.mark.usefixtures("on_shim")
@pytest.mark.parametrize("reduce", binning.REDUCTIONS)
def test_binned_points_are_the_same_on_both(reduce: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(4)
    x, y = rng.random((2, 20_000)) * 110 - 5
    z = np.round(rng.normal(0, 3, 20_000), 1)
    z[::50], z[1::50] = -0.0, np.nan
    cpu, gpu = both(binning, monkeypatch, lambda: binning.bin_points(x, y, z, 0.0, 100.0, 2.0, (50, 48), reduce))
    assert np.array_equal(cpu.view(np.int32), gpu.view(np.int32))
    if reduce in ("max", "min"):
        index = both(binning, monkeypatch, lambda: binning.bin_points_index(x, y, z, 0, 100, 2.0, (50, 48), reduce)[1])
        assert np.array_equal(*index)


@pytest.mark.usefixtures("on_shim")
@pytest.mark.parametrize("lift", [0.0, 1.5, -1.0])
def test_horizons_and_sky_are_the_same_on_both(lift: float, monkeypatch: pytest.MonkeyPatch) -> None:
    dsm = town(90, 110)
    dsm[20:25, 30:60] = np.nan
    azimuths = [azimuth for azimuth, _ in SUNS]
    cpu, gpu = both(horizon, monkeypatch, lambda: horizon.horizon_angles(dsm, (1.0, 0.9), azimuths, lift))
    assert np.array_equal(cpu.view(np.int32), gpu.view(np.int32))
    cpu, gpu = both(horizon, monkeypatch, lambda: horizon.sky_view_factor(dsm, (1.0, 0.9), 24, lift))
    assert np.array_equal(cpu.view(np.int32), gpu.view(np.int32))


@pytest.mark.usefixtures("on_shim")
def test_hours_and_energy_above_horizons_are_the_same_on_both(monkeypatch: pytest.MonkeyPatch) -> None:
    dsm = town(80, 70)
    dsm[50, 50] = np.nan
    azimuths, rng = horizon.sector_centres(20), np.random.default_rng(5)
    for bins in (2, 46):
        tables, vectors = rng.random((3, 20, bins)), rng.random((2, 20, bins, 2))
        calls = (
            lambda: horizon.hours_above_horizons(dsm, (0.5, 1.0), azimuths, tables),  # noqa: B023
            lambda: horizon.irradiation_above_horizons(dsm, (0.5, 1.0), azimuths, vectors),  # noqa: B023
        )
        for call in calls:
            cpu, gpu = both(horizon, monkeypatch, call)
            assert np.array_equal(cpu.view(np.int32), gpu.view(np.int32))


@pytest.mark.usefixtures("on_shim")
@pytest.mark.parametrize("count", [1, 2, 5, 400])
def test_mesh_rays_are_the_same_on_both(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    faces = houses(40)[:count]
    vertices, triangles = faces.reshape(-1, 3).astype(np.float32), np.arange(3 * len(faces), dtype=np.int32)
    triangles = np.concatenate([triangles.reshape(-1, 3)] * 2)  # equal codes, and ties to the lower number
    rng = np.random.default_rng(8)
    origins = (rng.random((3000, 3)) * [160, 160, 50]).astype(np.float32)
    towards = rng.normal(size=(3000, 3)).astype(np.float32)
    towards[:900] = np.round(towards[:900])
    towards[:900][~towards[:900].any(axis=1)] = [0, 0, -1]
    origins[900:1200] = vertices[rng.integers(0, len(vertices), 300)] - 20 * towards[900:1200]  # through corners

    def call() -> Any:
        mesh = rays.RayMesh(vertices, triangles, backend="bvh")
        assert mesh.backend == ("cuda" if rays.is_on_gpu(vertices) else "bvh")
        down = np.array([0.1, 0.2, -1], np.float32)
        return [*mesh.first(origins, towards), mesh.occluded(origins, down, 0.5, 30.0), *mesh.first(origins, down)]

    cpu, gpu = both(rays, monkeypatch, call)
    assert all(np.array_equal(a.view(np.uint8), b.view(np.uint8)) for a, b in zip(cpu, gpu, strict=True))
    assert (cpu[1] < len(faces)).all()
    assert (cpu[1] >= 0).any()
