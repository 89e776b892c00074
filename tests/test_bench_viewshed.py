"""The viewshed bench: our rows without the peers, and each peer's answer beside the exact one where it is installed."""

import json
import shutil

import numpy as np
import pytest
from click.testing import CliRunner

from citymodel import bench_viewshed
from citymodel.bench import main
from kernels.bench.towns import town


@pytest.fixture
def small(monkeypatch):
    """Fewer and smaller eyes, and no environment to install."""
    monkeypatch.setattr(bench_viewshed, "POOLED", 3)
    monkeypatch.setattr(bench_viewshed, "POOLED_SIZE", 150)
    monkeypatch.setattr(bench_viewshed, "MANY", 4)
    monkeypatch.setattr(bench_viewshed, "MANY_SIZE", 150)
    monkeypatch.setattr(bench_viewshed, "peers_python", lambda: (None, "not installed in tests"))
    monkeypatch.setattr("citymodel.bench_shadow._SECOND", 0.01)


def test_eyes_stand_in_streets_and_on_roofs():
    dsm = town(300)
    found = bench_viewshed.eyes_of(dsm, 5)
    ground = np.add.outer(np.linspace(0, 30, 300), np.linspace(0, 10, 300))
    assert all(dsm[cell] - ground[cell] < 0.01 for cell in found["street"])
    assert all(dsm[cell] - ground[cell] > 12 for cell in found["roof"])
    assert found == bench_viewshed.eyes_of(dsm, 5)


def test_our_own_rows_come_without_the_peers(small):
    done = CliRunner().invoke(main, ["viewshed", "--size", "250", "--runs", "1", "--no-peers", "--json"])
    assert done.exit_code == 0, done.output
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    ours = [row for row in rows if row.get("measurement") == "viewshed"]
    assert [(row["place"], row["program"]) for row in ours] == [
        ("street", "ours, exact"), ("street", "ours, preview"), ("roof", "ours, exact"), ("roof", "ours, preview"),
    ]  # fmt: skip
    assert all(row["seconds"] > 0 and row["peak_bytes"] > 1e7 for row in ours)
    assert ours[0]["iou"] == ours[2]["iou"] == 1.0
    assert {"note": "no peer: left out as asked"} in rows


def test_gdal_of_the_wheel_is_measured_beside_and_is_less_exact(small, tmp_path):
    there, missing = bench_viewshed.programs(peers=True)
    assert any(one.startswith("xarray-spatial: not installed") for one in missing)
    if "gdal" not in there:
        pytest.skip("rasterio's wheel carries no libgdal here")
    surface = bench_viewshed.Surface(town(200), tmp_path)
    cell = bench_viewshed.eyes_of(surface.dsm)["roof"][0]
    rows = list(bench_viewshed._case(surface, "roof", cell, 1, {"gdal": there["gdal"]}))
    assert [row["program"].split()[0] for row in rows] == ["ours,", "ours,", "gdal"]
    assert 0.6 < rows[2]["iou"] < 1.0
    assert rows[2]["seconds"] > 0
    assert all("IoU" in bench_viewshed.line(row) for row in rows)


@pytest.mark.slow
def test_grass_sees_nearly_the_same(small, tmp_path):
    if not shutil.which("grass"):
        pytest.skip("GRASS is not installed")
    there, _ = bench_viewshed.programs(peers=True)
    surface = bench_viewshed.Surface(town(200), tmp_path)
    cell = bench_viewshed.eyes_of(surface.dsm)["roof"][0]
    _, (seen,) = surface.run(there["grass"], "grass", [cell], 1)
    eye = bench_viewshed.eye_at(surface.dsm, cell)
    own = bench_viewshed.prepare_view(surface.dsm, 1.0).visible(eye, bench_viewshed.FLAT) == 1
    assert bench_viewshed.overlap(seen, own) > 0.9


def test_a_peer_that_fails_leaves_its_reason(small, monkeypatch, tmp_path):
    surface = bench_viewshed.Surface(town(120), tmp_path)
    monkeypatch.setattr(bench_viewshed, "RUNNER", tmp_path / "nothing.py")
    there, _ = bench_viewshed.programs(peers=True)
    rows = list(bench_viewshed._case(surface, "roof", (60, 60), 1, {"gdal": there["gdal"]} if "gdal" in there else {}))
    notes = [row["note"] for row in rows if "note" in row]
    assert len(notes) == ("gdal" in there)
    assert all("gdal ended with 2" in note for note in notes)
