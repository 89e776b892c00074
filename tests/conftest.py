"""Fixtures for all tests: the folder of real data."""

from __future__ import annotations

import gc
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def data_folder() -> Path | None:
    """CITYMODEL_DATA, else ../shared/data beside the project, else None."""
    named = os.environ.get("CITYMODEL_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    return folder if folder.is_dir() else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests first, then those with many, so that the workers of ./dev test end together."""
    slow = Counter(item.path for item in items if item.get_closest_marker("slow"))
    all_of = Counter(item.path for item in items)
    items.sort(key=lambda item: (-slow[item.path], -all_of[item.path], str(item.path)))


@pytest.fixture(autouse=True)
def _tidy() -> Iterator[None]:
    """Once a window was there its timer collects garbage, and most tests end before it ticks."""
    yield
    if "gui.collector" in sys.modules and not gc.isenabled():
        sys.modules["gui.collector"].collect_if_due()


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real files; skips where it is absent."""
    folder = data_folder()
    if folder is None:
        pytest.skip("no real data: set CITYMODEL_DATA or put it into ../shared/data")
    return folder


@pytest.fixture
def city_file(tmp_path: Path) -> Path:
    """Four 20 m blocks around a square, as CityJSON in EPSG:25833."""
    import json

    objects, vertices = {}, []
    for number, (x, y, height) in enumerate([(0, 0, 10), (60, 0, 20), (0, 60, 15), (60, 60, 30)]):
        start = len(vertices)
        for z in (0, height):
            vertices += [[x + dx, y + dy, z] for dx, dy in ((0, 0), (20, 0), (20, 20), (0, 20))]
        a, b, c, d, e, f, g, h = range(start, start + 8)
        faces = [[d, c, b, a], [e, f, g, h], [a, b, f, e], [b, c, g, f], [c, d, h, g], [d, a, e, h]]
        objects[f"block-{number}"] = {
            "type": "Building",
            "attributes": {"use": "homes", "floors": number + 2},
            "geometry": [{"type": "Solid", "lod": "2", "boundaries": [[[face] for face in faces]]}],
        }
    data = {
        "type": "CityJSON",
        "version": "2.0",
        "transform": {"scale": [1.0, 1.0, 1.0], "translate": [390000.0, 5820000.0, 30.0]},
        "metadata": {"referenceSystem": "https://www.opengis.net/def/crs/EPSG/0/25833"},
        "CityObjects": objects,
        "vertices": vertices,
    }
    path = tmp_path / "blocks.city.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    return path
