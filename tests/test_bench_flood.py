"""The flood bench: our rows without the peers, and each peer's water beside ours where it is installed."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from citymodel import bench_flood, bench_peers
from citymodel.bench import main

#: Water for a hundredth of the bench's own time.
SPAN = 24.0


@pytest.fixture
def small(monkeypatch):
    """A short run, and no environment to install."""
    monkeypatch.setattr(bench_flood, "SPAN", SPAN)
    monkeypatch.setattr(bench_flood, "peers_python", lambda: (None, "not installed in tests"))


@pytest.mark.slow
def test_our_own_rows_come_without_the_peers(small):
    done = CliRunner().invoke(main, ["flood", "--size", "120", "--runs", "1", "--no-peers", "--json"])
    assert done.exit_code == 0, done.output
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    kernels = [row["variant"] for row in rows if row.get("kernel") == "flood"]
    assert kernels == [f"{one}{more}" for one in bench_flood.SCHEMES for more in ("", ", record")]
    race = [row for row in rows if row.get("measurement") == "flood"]
    assert [row["program"] for row in race] == [f"ours, {one}" for one in bench_flood.SCHEMES]
    assert all(row["updates"] == 120 * 120 * row["steps"] for row in race)
    assert {"note": "no peers: left out as asked"} in rows


def test_second_order_is_nearer_to_a_broken_dam_than_first_and_local_inertia_is_far(small):
    rows = [row for row in bench_flood.rows([], 1, peers=True) if row.get("measurement") == "dam break"]
    for bed in ("wet", "dry"):
        second, first, preview = (row["error"] for row in rows if row["bed"] == bed)
        assert second < 0.004 < first < 0.01 < 0.05 < preview


def test_a_ratio_to_landlab_counts_updates_and_the_time_to_the_end_counts_seconds():
    water = np.ones((2, 3))
    found = {
        "second-order": [bench_flood.Run(1.0, 2.0, 10, water)],
        "first-order": [bench_flood.Run(0.5, 1.0, 10, water)],
        "landlab": [bench_flood.Run(4.0, 4.0, 5, water, "1.0", 10)],
    }
    row = bench_flood._rates("first-order", found["first-order"], found)
    assert row["times_landlab"] == 16.0
    assert row["times_landlab_a_core"] == 8.0
    assert row["sooner_than_landlab"] == 8.0
    assert row["times_lisflood"] == pytest.approx(16.0 * 29 / 22)
    said = bench_flood.line({"measurement": "flood", "size": 2} | row)
    assert "the ratio to it by landlab of this run is 21.1" in said


def test_a_peer_that_fails_leaves_its_reason(small, monkeypatch, tmp_path):
    monkeypatch.setattr(bench_flood, "RUNNER", tmp_path / "nothing.py")
    rows = list(bench_flood._race(60, 1, Path(sys.executable), tmp_path))
    assert [row["note"].split(":")[0] for row in rows if "note" in row] == ["landlab ended with 2", "itzi ended with 2"]
    assert [row["program"] for row in rows if "program" in row] == [f"ours, {one}" for one in bench_flood.SCHEMES]


@pytest.mark.slow
@pytest.mark.parametrize("program", bench_flood.PEERS)
def test_a_peer_carries_the_same_water(small, tmp_path, program):
    if not bench_peers._MARK.exists():
        pytest.skip("the programs to compare with are not installed: ./dev bench flood does it")
    terrain, level = bench_flood.hill_and_level(60)
    job = bench_flood.Job(terrain, level - terrain, 1.0, 0.03, 2.0)
    ours = bench_flood.own(job, "preview")
    theirs = bench_flood.other(job, program, bench_peers.peers_python()[0], tmp_path)
    assert np.sqrt(np.mean((ours.depth - theirs.depth) ** 2)) < 0.05 * np.ptp(level)
    assert theirs.depth.sum() == pytest.approx(job.depth.sum(), rel=1e-4)
    assert theirs.steps > 5
