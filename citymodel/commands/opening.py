"""How a verb opens a project: what is missing is warned of, and all of it missing is an error."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from citymodel.errors import ParameterError

if TYPE_CHECKING:
    from citymodel.document import Document


def is_project(path: Path) -> bool:
    """Whether a file's name is that of a project."""
    return path.suffix.lower() == ".city"


def opened_project(path: Path) -> Document:
    """A project's document; ParameterError where none of its data could be loaded."""
    from citymodel.project import Project

    project = Project.open(path)
    for notice in project.notices:
        click.echo(f"warning: {notice}", err=True)
    if project.notices and not project.document.layers:
        raise ParameterError(f"{path}: none of its data could be loaded; put the files back where they were")
    return project.document
