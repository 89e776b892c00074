"""What verbs that write one raster check before they begin."""

from __future__ import annotations

from pathlib import Path

import click


def check_output(path: Path, *inputs: Path | None) -> None:
    """Refuse a name that is no raster's, one of the inputs, and a place that cannot be written."""
    from citymodel.formats import raster
    from citymodel.formats.whole_file import check_target

    if path.suffix.lower() not in raster.SUFFIXES:
        raise click.UsageError(f"{path}: the result is a raster; name it .tif or .asc")
    if path.exists() and any(one is not None and one.exists() and path.samefile(one) for one in inputs):
        raise click.UsageError(f"{path}: is an input, which the result would replace; give the result another name")
    check_target(path)
