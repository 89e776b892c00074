"""The shadow bench: its own rows without the peers, and one plain line where they cannot be had."""

import json
import sys

import pytest
from click.testing import CliRunner

from citymodel import bench_peers, bench_shadow
from citymodel.bench import main


@pytest.fixture
def quick(monkeypatch):
    """Leave out what starts processes."""
    monkeypatch.setattr(bench_shadow, "first_call", lambda: {"note": "first"})
    monkeypatch.setattr(bench_shadow, "memory", lambda size: iter(()))


def test_our_own_rows_come_without_the_peers(quick):
    done = CliRunner().invoke(main, ["shadow", "--size", "100", "--runs", "1", "--no-peers", "--json"])
    assert done.exit_code == 0, done.output
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    ours = [row for row in rows if row.get("measurement") == "shadow"]
    assert [(row["altitude"], row["program"]) for row in ours] == [
        (62.0, "ours, one mask"), (62.0, "ours, of 8 suns"), (12.0, "ours, one mask"), (12.0, "ours, of 8 suns"),
    ]  # fmt: skip
    assert all(row["cells_per_second"] > 0 for row in ours)


def test_peers_that_cannot_be_installed_are_named_in_one_line(quick, monkeypatch, tmp_path):
    monkeypatch.setattr(bench_peers, "HOME", tmp_path / "none")
    monkeypatch.setattr(bench_peers, "_MARK", tmp_path / "none" / "installed")
    monkeypatch.setattr(bench_peers, "_ways", lambda python: [[[sys.executable, "-c", "raise SystemExit(1)"]]])
    done = CliRunner().invoke(main, ["shadow", "--size", "100", "--runs", "1"])
    assert done.exit_code == 0, done.output
    said = [line for line in done.stdout.splitlines() if line.startswith("no peers")]
    assert said == ["no peers: the other programs could not be installed: check the network and the package index"]


def test_a_peer_that_fails_leaves_its_reason(quick, monkeypatch):
    def fail(*args, **job):
        raise RuntimeError("umep ended with 1: no such module")

    monkeypatch.setattr(bench_shadow, "peers_python", lambda: ("python", ""))
    monkeypatch.setattr(bench_shadow, "run_peer", fail)
    lines = [bench_shadow.line(row) for row in bench_shadow.rows([100], 1, peers=True)]
    assert lines.count("umep ended with 1: no such module") == 5  # two suns by two programs, and one sky view
    assert sum("ours, one mask" in line for line in lines) == 2


@pytest.mark.slow
def test_the_first_call_of_a_process_and_its_memory_are_measured():
    row = bench_shadow.first_call()
    assert 0 < row["seconds"] < 30
    assert all("rasters" in one or "note" in one for one in bench_shadow.memory(400))
