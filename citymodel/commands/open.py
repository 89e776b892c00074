"""The verb ``open``: finds the window by its entry point and hands it the files."""

from __future__ import annotations

import os
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import NoReturn

import click

from citymodel.errors import FormatError, MissingPart


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[PROJECT|DATA…]")
@click.option("--crs", help="Coordinate system of files that do not say theirs, such as EPSG:25833.")
@click.option("--sample", is_flag=True, help="Open the sample city, made when first asked for.")
def command(files: tuple[Path, ...], crs: str | None, sample: bool) -> None:
    """Open the window, with a project or data files in it."""
    for file in files:
        if not file.exists():
            raise FormatError(file, "", "there is no such file; check the name and the folder")
    show([str(file) for file in files], crs, sample)


def show(files: list[str], crs: str | None = None, sample: bool = False) -> NoReturn:
    """Hand the files to the window, found by its entry point, and stay until it is closed."""
    _check_display()
    found = list(entry_points(group="citymodel.window", name="open"))
    if not found:
        raise MissingPart('the window is not installed; run: pip install "citymodel[window]"')
    try:
        open_window = found[0].load()
    except ImportError as wrong:
        raise MissingPart(f'the window cannot start ({wrong}); run: pip install "citymodel[window]"') from wrong
    sys.exit(open_window(files, crs, sample))


def _check_display() -> None:
    """Qt ends the whole process where it finds no display or lacks a library; say which before."""
    from citymodel import doctor

    if os.environ.get("QT_QPA_PLATFORM"):
        return
    if any(one.state != "ok" for one in doctor.display()):
        raise MissingPart("there is no display for a window; log in to a desktop, or draw with: citymodel render")
    missing = [one.mend for one in doctor.graphics() if one.state != "ok"]
    if missing:
        raise MissingPart(f"the window lacks system libraries; run: {'; '.join(missing)}")
