"""The viewshed's CUDA source without a GPU: in double equal to the CPU's to the bit, in float32 within its promise."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from shim import Shim
from sightlines import greatest_need
from test_kernel_viewshed import FLAT, SIGHTS, hills, synthetic_town, terraces
from towns import town

import kernels.cuda.viewshed
from kernels import viewshed
from kernels.device import cupy, is_on_gpu, to_device
from kernels.viewshed import HIDDEN, NO_DATA, VISIBLE, Eye, PreparedView, Sight, prepare_view


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Shim:
    """The sources built as C++, once."""
    if shutil.which("g++") is None:
        pytest.skip("g++ is not installed")
    return Shim(tmp_path_factory.mktemp("shim"))


@pytest.fixture
def on_gpu(shim: Shim, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Prepares a surface as if it lay on a GPU; with `exact` its codes and counts are in double."""
    monkeypatch.setattr(kernels.cuda.viewshed, "launch", shim.launch)

    def prepare(*given: Any, exact: bool = False) -> PreparedView:
        with monkeypatch.context() as patch:
            patch.setattr(viewshed, "is_on_gpu", lambda array: True)
            view = prepare_view(*given)
        view._twin.exact = exact
        return view

    return prepare


EYES = [(20, 33), (0, 0), (59, 71.5), (30.3137, 12.71), (-4, 20), (66.25, -8)]


@pytest.mark.parametrize("seed", range(6))
def test_codes_in_double_are_the_cpu_s(seed: int, on_gpu: Any) -> None:
    z = (town, hills, terraces)[seed % 3](60, 72, seed)
    rng = np.random.default_rng(seed)
    z[rng.random(z.shape) < 0.02 * (seed % 2)] = np.nan
    cell, sight = ((1.0, 1.0), (25.0, 30.0))[seed % 2], SIGHTS[seed % 4]
    cpu, gpu = prepare_view(z, cell), on_gpu(z, cell, exact=True)
    for place in EYES:
        eye = Eye(*place, float(np.nanmean(z)) + 2 * seed)
        assert np.array_equal(cpu.visible(eye, sight), gpu.visible(eye, sight))
        assert np.array_equal(cpu.angle(eye, sight).view(np.int32), gpu.angle(eye, sight).view(np.int32))


def test_limits_are_the_same_on_both(on_gpu: Any) -> None:
    z = hills(50, 40, 3, 0.03)
    sight = Sight(target=1.0, reach=21, nearest=3, azimuth=(300, 80), pitch=(-70, 70))
    eye = Eye(22, 18.5, float(np.nanmean(z)) + 5)
    cpu, gpu = prepare_view(z, (1.0, 1.25)), on_gpu(z, (1.0, 1.25), exact=True)
    assert np.array_equal(cpu.visible(eye, sight), gpu.visible(eye, sight))
    assert np.array_equal(np.isnan(cpu.height(eye, sight)), np.isnan(gpu.height(eye, sight)))
    assert set(np.unique(cpu.visible(eye, sight))) == {0, 1, 254, 255}


@pytest.mark.parametrize("holes_block", [False, True])
def test_least_heights_are_the_same_on_both(holes_block: bool, on_gpu: Any) -> None:
    z = hills(50, 60, 9, 0.01)
    ground = z - np.float32(2)
    sight = Sight(target=0.5, holes_block=holes_block)
    cpu, gpu = prepare_view(z, 2.0, ground), on_gpu(z, 2.0, ground)
    for place in EYES:
        eye = Eye(*place, 6.0)
        assert gpu.height(eye, sight) == pytest.approx(cpu.height(eye, sight), rel=1e-6, abs=1e-5, nan_ok=True)
        want = cpu.rise(place, sight)
        assert np.array_equal(want.view(np.int32), gpu.rise(place, sight).view(np.int32))
    assert np.isfinite(want).any()


def test_a_count_is_the_sum_of_singles_on_the_gpu_too(on_gpu: Any) -> None:
    z = hills(40, 50, 5, 0.01)
    view = on_gpu(z, 1.0)
    eyes = [Eye(r, c, 6.0) for r in (0, 13.5, 39) for c in (4, 22.2, 60)] * 2
    shares: list[float] = []
    got = view.count(eyes, Sight(reach=30), shares.append)
    want = sum((view.visible(eye, Sight(reach=30)) == VISIBLE).astype(np.uint32) for eye in eyes)
    assert got.dtype == np.uint32
    assert np.array_equal(got, want)
    assert shares == [0, 16 / 18, 1]


def away_from_line(z: np.ndarray, eye: Eye, sight: Sight, cells: np.ndarray) -> np.ndarray:
    """Metres between the targets of some cells and their sight lines' highest obstacles."""
    need = greatest_need(z, eye, sight)
    return abs(need - (z + sight.target))[cells]


def test_float32_differs_in_few_cells_and_by_less_than_a_millimetre(on_gpu: Any) -> None:
    different = cells = 0
    for seed in range(24):
        z = (town, hills)[seed % 2](130, 150, seed)
        z += np.random.default_rng(seed).normal(0, 0.3, z.shape).astype(np.float32)
        eye, sight = Eye(int(seed * 5), 60 + seed, float(z[seed * 5, 60 + seed]) + (1.7, 25.3)[seed // 2 % 2]), Sight()
        want, got = prepare_view(z, 1.0).visible(eye, sight), on_gpu(z, 1.0).visible(eye, sight)
        other = want != got
        assert (away_from_line(z, eye, sight, other) < 1e-3).all()
        different, cells = different + int(other.sum()), cells + z.size
    assert different <= 5e-6 * cells


@pytest.mark.parametrize("name", ["street", "roof"])
def test_float32_keeps_the_synthetic_town(name: str, on_gpu: Any, data: Path) -> None:
    z, eye, want = synthetic_town(data, name)
    assert (on_gpu(z, 1.0).visible(eye, FLAT) != want).sum() <= 5


def test_float32_passes_over_no_block_that_matters(on_gpu: Any) -> None:
    rng = np.random.default_rng(4)
    for _ in range(60):
        z = np.full((150, 150), -3000.0, np.float32)
        step, parts = rng.integers(1, 28, 2), int(rng.integers(2, 6))
        target, part = parts * step, int(rng.integers(1, parts))
        z[tuple(target)] = rng.integers(-64, 64) / 4
        eye = Eye(0, 0, float(rng.integers(1, 300)))
        line = eye.height + (float(z[tuple(target)]) - eye.height) * part / parts
        for above, code in ((-1e-3, VISIBLE), (1e-3, HIDDEN)):
            z[tuple(part * step)] = line + above
            assert on_gpu(z, 1.0).visible(eye, FLAT)[tuple(target)] == code


def test_a_surface_without_data_is_no_data_on_the_gpu_too(on_gpu: Any) -> None:
    z = np.full((1, 7), np.nan, np.float32)
    assert (on_gpu(z, 1.0).visible(Eye(0, 2, 1.0)) == NO_DATA).all()


@pytest.mark.skipif(cupy() is None, reason="no GPU: CuPy is not installed or sees no device")
def test_a_real_gpu_keeps_its_promises() -> None:
    z = town(400, 500)
    z[30:40, 100:130] = np.nan
    cpu, gpu = prepare_view(z, 1.0), prepare_view(to_device(z, "gpu"), 1.0)
    eyes = [Eye(r, c, 60.0) for r in (5, 200, 399) for c in (0, 250, 480)]
    for eye in eyes:
        codes = gpu.visible(eye)
        assert is_on_gpu(codes)
        assert (to_device(codes) != cpu.visible(eye)).sum() <= 1
        assert np.array_equal(to_device(gpu.rise(eye[:2])), cpu.rise(eye[:2]), equal_nan=True)
    want = sum((to_device(gpu.visible(eye)) == VISIBLE).astype(np.uint32) for eye in eyes)
    assert np.array_equal(to_device(gpu.count(eyes)), want)
