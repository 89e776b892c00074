"""Devices, memory, the cache of compiled code and the measuring command."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import kernels.cpu
from kernels import bench
from kernels.device import array_module, cupy, devices, free_memory, is_on_gpu, launch, to_device


def test_the_cpu_is_always_there() -> None:
    first = devices()[0]
    assert first.name == "cpu"
    assert 0 <= free_memory("cpu") <= first.memory


def test_numpy_stays_numpy() -> None:
    array = np.ones(3)
    assert to_device(array, "cpu") is array
    assert array_module(array) is np
    assert not is_on_gpu(array)


@pytest.mark.skipif(cupy() is not None, reason="there is a GPU")
def test_without_a_gpu_one_plain_line_says_what_to_install() -> None:
    for call in (lambda: to_device(np.ones(3), "gpu"), lambda: launch("record", "cm_record_scale", (1,), (1,), ())):
        with pytest.raises(RuntimeError, match="install CuPy"):
            call()


def test_compiled_code_goes_where_it_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/named")
    assert kernels.cpu.choose_cache() == "/named"
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    package = Path(kernels.cpu.__file__).parent
    really = kernels.cpu._writable
    monkeypatch.setattr(kernels.cpu, "_writable", lambda folder: package not in folder.parents and really(folder))
    assert Path(kernels.cpu.choose_cache()).parent == kernels.cpu._user_cache() / "citymodel"
    monkeypatch.setattr(kernels.cpu, "_writable", lambda folder: False)
    temporary = Path(kernels.cpu.choose_cache())
    assert temporary.is_dir()
    temporary.rmdir()


def test_other_kernels_never_run_what_was_compiled_of_these(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cpu").mkdir()
    monkeypatch.setattr(kernels.cpu, "__file__", str(tmp_path / "cpu" / "__init__.py"))
    (tmp_path / "cpu" / "sweep.py").write_text("before")
    before = kernels.cpu._edition()
    assert kernels.cpu._edition() == before
    (tmp_path / "cpu" / "sweep.py").write_text("after")
    assert kernels.cpu._edition() != before


def test_bench_prints_a_row_a_measurement(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(["--size", "60", "--runs", "1", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {r["kernel"] for r in rows} == set(bench.KERNELS)
    keys = "kernel variant device size seconds runs updates updates_per_second bytes_per_update copy_bytes_per_second"
    assert all(set(r) == set(keys.split()) for r in rows)
    assert all(r["updates_per_second"] > 0 and r["size"] == [60, 60] for r in rows)


def test_a_small_raster_is_swept_by_one_core_and_the_count_is_given_back():
    import numba

    from kernels.cpu import SHARE, cores, cores_for

    before = numba.get_num_threads()
    assert cores_for(SHARE - 1) == 1
    assert cores_for(before * SHARE) == before
    with cores(1):
        assert numba.get_num_threads() == 1
    assert numba.get_num_threads() == before
