"""Fixtures for all tests: the folder of real data."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def data_folder() -> Path | None:
    """CITYMODEL_DATA, else ../shared/data beside the project, else None."""
    named = os.environ.get("CITYMODEL_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    return folder if folder.is_dir() else None


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real files; skips where it is absent."""
    folder = data_folder()
    if folder is None:
        pytest.skip("no real data: set CITYMODEL_DATA or put it into ../shared/data")
    return folder
