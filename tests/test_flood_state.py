"""The state of a flood on the disk: the same case goes on to the bit, another is refused in plain words."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flood_cases import Kept, grid, rained_on

from citymodel.analysis.flood import restart
from citymodel.analysis.flood.case import Case
from citymodel.analysis.flood.simulate import simulate
from citymodel.errors import FormatError, ParameterError
from citymodel.formats.flood_nc import FloodFile, FloodFrames
from kernels.flood import Edges
from kernels.flood_sources import GreenAmpt, Inflow, Rain, Sewer


def soaked() -> Case:
    """The bowl with rain, soil, a sewer and an inflow."""
    sources = (
        Rain([0.0, 1800.0], [60.0, 0.0]), GreenAmpt(10.0, 0.1, 0.3), Sewer(5.0),
        Inflow([[3, 3], [3, 4]], [0.0, 3000.0], [0.2, 0.5]),
    )  # fmt: skip
    return rained_on(sources=sources, edges=Edges(east="open"))


@pytest.fixture(scope="module")
def half(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state of the first half of `soaked` on the disk."""
    case = soaked()
    outcome = simulate(replace(case, duration=1800.0), Kept(), device="cpu", with_state=True)
    assert outcome.state is not None
    return restart.keep(outcome.state, tmp_path_factory.mktemp("state") / "half.npz", case)


def test_a_restart_from_the_disk_ends_as_the_run_in_one_go(half: Path, tmp_path: Path) -> None:
    case, whole = soaked(), Kept()
    simulate(case, whole, device="cpu")
    state = restart.begun(half, case)
    path = tmp_path / "rest.nc"
    with FloodFile(path) as file:
        outcome = simulate(case, file, device="cpu", state=state)
    frames = FloodFrames(path)
    assert frames.times.tolist() == [1800.0, 2700.0, 3600.0]
    assert np.array_equal(frames.at(3600.0).depth, whole.frames_kept[-1], equal_nan=True)
    assert outcome.balance == whole.outcome.balance
    for name, one in whole.outcome.maps.items():
        assert np.array_equal(one, outcome.maps[name], equal_nan=True), name
    read = frames.readings()
    before = read["time"] < 1800.0
    assert np.isnan(read["depth"][before]).all()
    assert np.array_equal(read["depth"][~before][:, 0], [one[2][0] for one in whole.read if one[0] >= 1800.0])
    assert outcome.steps == whole.outcome.steps


def test_another_case_is_refused_and_told_in_what_it_differs(half: Path) -> None:
    case = soaked()
    other = replace(case, terrain=case.terrain + 0.1)
    with pytest.raises(ParameterError, match=r"state of another case \(bowl, 30 min .*the terrain is not the same"):
        restart.begun(half, other)
    with pytest.raises(ParameterError, match=r"Manning's n and rain, inflows or losses are not the same"):
        restart.begun(half, replace(case, manning=0.05, sources=case.sources[:1]))


def test_a_longer_run_other_gauges_and_a_smaller_courant_number_are_the_same_case(half: Path) -> None:
    case = soaked()
    longer = replace(case, duration=7200.0, every=60.0, gauges=(), courant=0.2)
    assert restart.begun(half, longer)["time"] == 1800.0


def test_a_state_beyond_the_end_is_refused(half: Path) -> None:
    case = soaked()
    state = restart.begun(half, case)
    with pytest.raises(ParameterError, match=r"state is of 30 min after the start.*give a longer duration"):
        simulate(replace(case, duration=900.0), Kept(), device="cpu", state=state)


def test_a_broken_state_is_refused(half: Path, tmp_path: Path) -> None:
    case = soaked()
    whole = half.read_bytes()
    rng, refused = np.random.default_rng(3), 0
    torn = tmp_path / "torn.npz"
    for trial in range(60):
        data = bytearray(whole)
        if trial % 2:
            data = data[: int(rng.integers(1, len(data)))]
        else:
            for at in rng.integers(0, len(data), size=20):
                data[at] = int(rng.integers(256))
        torn.write_bytes(data)
        try:
            restart.begun(torn, case)
        except (FormatError, ParameterError):
            refused += 1
    assert refused == 60  # every member of the archive has a checksum


def test_a_packed_state_that_is_torn_or_locked_is_refused(half: Path, tmp_path: Path) -> None:
    case = soaked()
    with np.load(half) as found:
        np.savez_compressed(tmp_path / "packed.npz", **{name: found[name] for name in found.files})
    whole, torn = (tmp_path / "packed.npz").read_bytes(), tmp_path / "torn.npz"
    assert restart.begun(tmp_path / "packed.npz", case)["time"] == 1800.0
    for at in np.linspace(60, len(whole) * 0.8, 40).astype(int):
        torn.write_bytes(whole[:at] + bytes(80) + whole[at + 80 :])
        with pytest.raises((FormatError, ParameterError)):
            restart.begun(torn, case)
    locked = bytearray(whole)
    locked[whole.index(b"PK\x01\x02") + 8] |= 1  # the first member says that it has a password
    torn.write_bytes(locked)
    with pytest.raises(FormatError):
        restart.begun(torn, case)


def test_a_state_with_objects_or_of_another_size_is_refused_before_it_is_loaded(half: Path, tmp_path: Path) -> None:
    case = soaked()
    with pytest.raises(FormatError, match=r"does not fit .*cells"):
        restart.begun(half, replace(case, grid=grid(21, 30), terrain=np.zeros((21, 30))))
    with np.load(half) as found:
        arrays = {name: found[name] for name in found.files}
    evil = tmp_path / "evil.npz"
    np.savez(evil, **{**arrays, "h": np.array([{"a": 1}], dtype=object)}, allow_pickle=True)
    with pytest.raises(FormatError):
        restart.begun(evil, case)
    with zipfile.ZipFile(tmp_path / "none.npz", "w") as archive:
        archive.writestr("a.txt", "nothing")
    with pytest.raises(FormatError):
        restart.begun(tmp_path / "none.npz", case)
    with pytest.raises(ParameterError, match=r"name it state\.npz"):
        restart.keep({"time": 0.0}, tmp_path / "state.nc", case)


@pytest.mark.parametrize(
    ("name", "other", "said"),
    [
        ("qx", lambda one: one * np.nan, "no number"),
        ("time", lambda one: one * 0 + 1e300, "no time of a flood"),
        ("sides", lambda one: one[:1], "does not fit"),
        ("z", lambda one: one + 1, "other ground"),
        ("h", lambda one: np.full_like(one, -1), "other ground"),
        ("h", lambda one: np.where(one < 0, one, one + 5), "balance"),
    ],
)
def test_a_forged_state_is_refused(half: Path, tmp_path: Path, name: str, other: Any, said: str) -> None:
    case = soaked()
    with np.load(half) as found:
        arrays = {key: found[key] for key in found.files}
    np.savez(tmp_path / "forged.npz", **{**arrays, name: other(arrays[name])})
    with pytest.raises((FormatError, ParameterError), match=said):
        simulate(case, Kept(), device="cpu", state=restart.begun(tmp_path / "forged.npz", case))
