"""A city model kept as columns beside its file."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from citymodel.formats import columns, read
from citymodel.project import load_layer
from citymodel.sample import citygml
from citymodel.sample.city import build


@pytest.fixture
def city_file(tmp_path: Path) -> Path:
    path = tmp_path / "tower.gml"
    path.write_text(citygml.proposal(build(1).tower), encoding="utf-8")
    return path


def equal(one: object, other: object) -> bool:
    if isinstance(one, np.ndarray):
        return isinstance(other, np.ndarray) and one.dtype == other.dtype and np.array_equal(one, other)
    if dataclasses.is_dataclass(one):
        return all(
            equal(getattr(one, field.name), getattr(other, field.name))
            for field in dataclasses.fields(one)
            if field.name != "revision"
        )
    return list(one) == list(other) if isinstance(one, (list, tuple)) else one == other  # type: ignore[call-overload]


def test_what_is_kept_is_what_was_read(city_file: Path) -> None:
    model = read(city_file)
    columns.keep(model, city_file)
    kept = columns.kept(city_file)
    assert kept is not None
    assert equal(model, kept)
    assert kept.revision != model.revision
    assert equal(load_layer(city_file)[0].data, load_layer(city_file)[0].data)


def test_columns_of_another_file_are_not_taken(city_file: Path) -> None:
    columns.keep(read(city_file), city_file)
    city_file.write_text(city_file.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert columns.kept(city_file) is None


def test_broken_columns_are_not_taken(city_file: Path) -> None:
    beside = columns.keep(read(city_file), city_file)
    beside.write_bytes(beside.read_bytes()[:200])
    assert columns.kept(city_file) is None
    beside.write_bytes(b"no columns at all")
    assert columns.kept(city_file) is None
