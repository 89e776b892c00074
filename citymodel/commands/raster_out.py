"""What verbs that write one raster check before they begin."""

from __future__ import annotations

from pathlib import Path

import click


def check_output(path: Path) -> None:
    """Refuse a name that is no raster's and a place that cannot be written."""
    from citymodel.formats import raster
    from citymodel.formats.whole_file import check_target

    if path.suffix.lower() not in raster.SUFFIXES:
        raise click.UsageError(f"{path}: the result is a raster; name it .tif or .asc")
    check_target(path)
