"""A flood in a project: its water is kept beside it, comes back, and goes when no layer names it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from flood_cases import rained_on

from citymodel.analysis.flood.simulate import simulate
from citymodel.commands import export
from citymodel.errors import CrsError, ParameterError
from citymodel.formats.flood_nc import FloodFile
from citymodel.geo import Frame
from citymodel.project import Project, load_layer, open_data


@pytest.fixture(scope="module")
def computed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A flood on the disk, computed once."""
    path = tmp_path_factory.mktemp("flood") / "cloudburst.nc"
    with FloodFile(path, title="Cloudburst") as file:
        simulate(rained_on(duration=1200.0, every=300.0), file, device="cpu")
    return path


@pytest.fixture
def flood(computed: Path, tmp_path: Path) -> Path:
    """A copy of it, to be moved and lost."""
    return Path(shutil.copy(computed, tmp_path))


def test_a_flood_opens_as_a_layer_with_its_water(flood: Path) -> None:
    document = open_data([flood])
    layer = document.layers[0]
    assert layer.kind == "result"
    assert layer.data.analysis == "flood"
    assert document.frame is not None
    assert document.frame.crs == "EPSG:25833"
    assert layer.data.water["base"].times.tolist() == [0.0, 300.0, 600.0, 900.0, 1200.0]


def test_a_project_keeps_the_water_and_brings_it_back(flood: Path, tmp_path: Path) -> None:
    project = Project(document=open_data([flood]))
    saved = project.save(tmp_path / "town.city")
    kept = list((tmp_path / "town.results").glob("*.nc"))
    assert len(kept) == 1
    flood.unlink()
    again = Project.open(saved)
    assert not again.notices
    water, before = again.document.layers[0].data.water["base"], project.document.layers[0].data.water["base"]
    assert water.times.tolist() == [0.0, 300.0, 600.0, 900.0, 1200.0]
    assert np.array_equal(water.at(700.0).depth, before.at(700.0).depth, equal_nan=True)
    again.save()
    assert list((tmp_path / "town.results").glob("*.nc")) == kept


def test_water_that_no_layer_names_goes_with_the_next_save(flood: Path, tmp_path: Path) -> None:
    project = Project(document=open_data([flood]))
    project.save(tmp_path / "town.city")
    project.edit("Remove", lambda document: replace(document, layers=()))
    project.save()
    assert not list((tmp_path / "town.results").glob("*.nc"))
    assert flood.exists()


def test_two_waters_of_one_result_are_both_kept(flood: Path, tmp_path: Path) -> None:
    with FloodFile(tmp_path / "walled.nc") as file:
        simulate(rained_on(duration=600.0, every=300.0), file, device="cpu")
    base, other = (load_layer(path)[0].data for path in (flood, tmp_path / "walled.nc"))
    both = replace(base, water={"base": base.water["base"], "scenario": other.water["base"]})
    document = open_data([flood])
    document = replace(document, layers=(replace(document.layers[0], data=both),))
    saved = Project(document=document).save(tmp_path / "town.city")
    found = Project.open(saved).document.layers[0].data.water
    assert {name: len(one.times) for name, one in found.items()} == {"base": 5, "scenario": 3}


def test_a_flood_of_another_coordinate_system_is_refused_in_plain_words(flood: Path) -> None:
    with pytest.raises(CrsError, match=r"is in EPSG:25833, the project in EPSG:25832"):
        load_layer(flood, Frame("EPSG:25832", (390000.0, 5820000.0, 0.0)))


def test_the_water_is_exported_whole_and_its_maps_as_geotiff(flood: Path, tmp_path: Path) -> None:
    import rasterio

    from citymodel.analysis.export import export_result

    result = load_layer(flood)[0].data
    (path,) = export_result(result, tmp_path / "copy.nc")
    assert path.read_bytes() == flood.read_bytes()
    (path,) = export_result(result, tmp_path / "depth.tif", field="max_depth")
    with rasterio.open(path) as source:
        assert source.crs.to_epsg() == 25833
        assert np.array_equal(source.read(1), result.fields["max_depth"].data.values, equal_nan=True)
    written = export_result(
        replace(result, water={**result.water, "scenario": result.water["base"]}), tmp_path / "a.nc"
    )
    assert [one.name for one in written] == ["a_base.nc", "a_scenario.nc"]
    with pytest.raises(ParameterError, match="only a flood is written as"):
        export_result(replace(result, water={}), tmp_path / "b.nc")


def test_a_scratch_folder_goes_with_its_frames(flood: Path) -> None:
    from citymodel.formats.flood_nc import FloodFrames
    from citymodel.formats.scratch import Scratch

    scratch = Scratch("test")
    frames = FloodFrames(shutil.copy(flood, scratch.path / "base.nc"))
    frames.own(scratch)
    assert frames.at(300.0).depth.max() > 0
    assert scratch.path.is_dir()
    del frames
    assert not scratch.path.exists()


def test_a_scratch_folder_is_swept_away_once_its_program_was_killed_and_never_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from citymodel.formats.scratch import sweep

    code = "from citymodel.formats.scratch import Scratch; kept = Scratch('flood'); print(kept.path); input()"
    other = {**os.environ, "TMPDIR": str(tmp_path)}
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    (tmp_path / "citymodel-flood-elsewhere").mkdir()  # nobody knows whose
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=other
    ) as program:
        assert program.stdout is not None
        folder = Path(program.stdout.readline().strip())
        assert folder.parent == tmp_path
        assert sweep(tmp_path) == 0
        assert folder.is_dir()
        program.kill()
    assert sweep(tmp_path) == 1
    assert [one.name for one in tmp_path.iterdir()] == ["citymodel-flood-elsewhere"]


def test_the_export_command_writes_a_flood_s_file_as_maps_tables_and_water(flood: Path, tmp_path: Path) -> None:
    for name, first in (("maps.tif", b"II*"), ("tables.csv", b""), ("water.nc", b"CDF")):
        folder = tmp_path / name.partition(".")[0]
        folder.mkdir()
        export.command.main([str(flood), "-o", str(folder / name), "--crs", "EPSG:25833"], standalone_mode=False)
        written = [one for one in folder.iterdir() if one.suffix == Path(name).suffix]
        assert written
        assert all(one.read_bytes().startswith(first) for one in written)
    assert (tmp_path / "maps" / "maps_max_depth.tif").is_file()
