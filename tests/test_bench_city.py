"""The generated city that the readers are measured on is a sound one."""

from __future__ import annotations

from pathlib import Path

from citymodel.bench import text
from citymodel.bench_city import generate
from citymodel.formats import citygml


def test_the_generated_city_reads_without_a_warning(tmp_path: Path) -> None:
    generate(tmp_path / "linked.gml", 200_000)
    generate(tmp_path / "inline.gml", 200_000, inline=True)
    linked, inline = citygml.info(tmp_path / "linked.gml"), citygml.info(tmp_path / "inline.gml")
    assert linked["warnings"] == inline["warnings"] == []
    assert linked["holes"] > 0
    assert linked["surfaces"]["WallSurface"] > 50
    assert (linked["crs"], inline["surfaces"]) == ("EPSG:25833+7837", {})
    assert linked["lods"] == {"2": linked["objects"]["Building"]}


def test_a_measurement_is_one_readable_line() -> None:
    assert text({"measurement": "x", "file_bytes": 1000, "seconds": 0.5}) == "x, file bytes 1,000, seconds 0.50"
