"""The flood's CUDA source built as C++: equal to the CPU twin to the bit, clock, sources, records and all."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from shim import Shim
from test_kernel_flood import hills, same, storm

import kernels.cuda.flood as gpu
import kernels.flood as floods
from kernels.flood import SCHEMES, Flood, Unstable
from kernels.flood_sources import Horton, Inflow, Rain


@pytest.fixture
def on_shim(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """NumPy arrays take the CUDA road where `both` says so, run by the shim."""
    if shutil.which("g++") is None:
        pytest.skip("g++ is not installed")
    monkeypatch.setattr(gpu, "launch", _shim(tmp_path_factory.getbasetemp()).launch)
    return monkeypatch


_built: dict[Path, Shim] = {}


def _shim(folder: Path) -> Shim:
    """One build for all tests."""
    return _built.setdefault(folder, Shim(folder))


def on_gpu(patch: pytest.MonkeyPatch, make: object) -> Flood:
    """The flood that `make` makes, as on a GPU."""
    with patch.context() as here:
        here.setattr(floods, "is_on_gpu", lambda array: True)
        return make()  # type: ignore[operator]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_storm_with_every_source_is_the_same_on_both(scheme: str, on_shim: pytest.MonkeyPatch) -> None:
    cpu, cuda = storm(scheme), on_gpu(on_shim, lambda: storm(scheme))
    for time in (3.0, 20.0, 45.0):
        cpu.advance(time)
        cuda.advance(time)
        assert cpu.steps == cuda.steps
        assert same(cpu, cuda)
    for key, value in cpu.state().items():
        assert np.array_equal(value, cuda.state()[key]), key


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_dam_break_into_dry_tiles_is_the_same_on_both(scheme: str, on_shim: pytest.MonkeyPatch) -> None:
    def make() -> Flood:
        flood = Flood(hills(60, 300), 1.0, scheme=scheme, sources=[Inflow([[50, 280]], [9.0, 12.0], [1.0, 1.0])])
        flood.set_depth(np.where(np.arange(300) < 20, 3.0, 0.0))
        return flood

    cpu, cuda = make(), on_gpu(on_shim, make)
    for flood in (cpu, cuda):
        flood.advance(20.0)
    assert same(cpu, cuda)
    assert cpu.steps > 100


def test_zones_and_dry_spells_are_the_same_on_both(on_shim: pytest.MonkeyPatch) -> None:
    def make() -> Flood:
        zones = (np.arange(90)[None] // 30 + np.zeros((40, 1))).astype(int)
        rain = Rain([100.0, 130.0], [[0.0, 30.0, 90.0], [0.0, 0.0, 0.0]], zones=zones)
        return Flood(hills(40, 90), 1.0, sources=[rain, Horton(30.0, 5.0, 4.0)])

    cpu, cuda = make(), on_gpu(on_shim, make)
    for flood in (cpu, cuda):
        flood.advance(150.0)
    assert same(cpu, cuda)


def test_a_restart_may_change_the_device(on_shim: pytest.MonkeyPatch) -> None:
    cpu, cuda = storm("second-order"), on_gpu(on_shim, lambda: storm("second-order"))
    cpu.advance(10.0)
    cuda.restore(cpu.state())
    for flood in (cpu, cuda):
        flood.advance(25.0)
    assert same(cpu, cuda)


def test_a_blow_up_keeps_the_last_good_state_on_both(on_shim: pytest.MonkeyPatch) -> None:
    def make() -> Flood:
        return Flood(np.zeros((10, 10)), 1.0, sources=[Inflow([[4, 6]], [0.0, 100.0], [0.0, 4e6])])

    found = []
    for flood in (make(), on_gpu(on_shim, make)):
        with pytest.raises(Unstable) as wrong:
            flood.advance(100.0)
        found.append((str(wrong.value), flood.depth().tolist()))
        assert flood.balance().error == 0
    assert found[0] == found[1]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_flux_across_edges_is_the_same_on_both(on_shim: pytest.MonkeyPatch, scheme: str) -> None:
    cpu, cuda = storm(scheme), on_gpu(on_shim, lambda: storm(scheme))
    rows, cols = cpu.shape
    here = np.array([[r, c] for r in range(rows) for c in range(cols - 1)])
    there = np.add(here, [0, 1])
    for flood in (cpu, cuda):
        flood.advance(20.0)
    found = cpu.flux(here, there)
    assert np.abs(found).max() > 0
    assert np.array_equal(found, cuda.flux(here, there))
