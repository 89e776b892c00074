"""The time zone of a date that names none: the project's, else the one guessed from its place; either is said."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from citymodel.document import Document


def clock_of(document: Document, opened: Path) -> str:
    """The zone, told on the error stream; opened : the project or the first of its data files."""
    from citymodel.project import zone_of

    found = document.zone or zone_of(document)
    whose = "the project's" if opened.suffix.lower() == ".city" else "guessed from the place"
    click.echo(f"no zone was given (--tz): times are of {found}, {whose}", err=True)
    return found
