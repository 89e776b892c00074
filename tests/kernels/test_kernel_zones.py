"""Counts by zone against a plain sum, on both roads."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from shim import Shim

import kernels.cuda.zones
from kernels import zones


def stack(seed: int = 5) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (3, 40, 50)).astype(np.uint8), rng.integers(-1, 6, (40, 50)).astype(np.int32)


def plain(planes: np.ndarray, zone: np.ndarray, count: int) -> np.ndarray:
    return np.array(
        [
            [int(((planes[k // 8] >> (k % 8)) & 1)[zone == z].sum()) for z in range(count)]
            for k in range(8 * len(planes))
        ]
    )


def test_counts_are_those_of_a_plain_sum() -> None:
    planes, zone = stack()
    assert np.array_equal(zones.count_by_zone(planes, zone, 6), plain(planes, zone, 6))


def test_the_gpu_twin_counts_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("g++") is None:
        pytest.skip("g++ is not installed")
    planes, zone = stack()
    monkeypatch.setattr(kernels.cuda.zones, "launch", Shim(tmp_path).launch)
    monkeypatch.setattr(zones, "is_on_gpu", lambda array: True)
    assert np.array_equal(zones.count_by_zone(planes, zone, 6), plain(planes, zone, 6))


def test_zones_that_are_not_there_are_refused() -> None:
    planes, zone = stack()
    with pytest.raises(ValueError, match="zone 5 of 4"):
        zones.count_by_zone(planes, zone, 4)
    with pytest.raises(ValueError, match="int32"):
        zones.count_by_zone(planes, zone.astype(np.int64), 6)
