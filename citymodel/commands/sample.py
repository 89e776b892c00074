"""The verb ``sample``: write the sample city into a folder, and open it."""

from __future__ import annotations

from pathlib import Path

import click

from citymodel.commands.open import show
from citymodel.sample import SEED, write


@click.command("sample")
@click.argument("folder", metavar="[DIR]", default="sample", type=click.Path(path_type=Path, file_okay=False))
@click.option("--open", "open_window", is_flag=True, help="Open it in the window afterwards.")
@click.option("--project", is_flag=True, help="Also a project with a planned tower and a water square as proposals.")
@click.option("--seed", default=SEED, show_default=True, help="Another number makes another town.")
def command(folder: Path, open_window: bool, project: bool, seed: int) -> None:
    """Write the sample city into DIR (default ./sample): CityGML, LAZ, GeoTIFF, GeoPackage; about 1 km²."""

    def say(fraction: float, text: str = "") -> None:
        click.echo(f"{fraction:4.0%} {text}", err=True)

    facts = write(folder, seed, say)
    for name in (*facts["files"], *facts["more"], *facts["proposals"], *facts["floods"], "sample.json", "README.txt"):
        click.echo(folder / name)
    if project:
        from citymodel.sample.project import write_project

        click.echo(write_project(folder, seed, say))
    if open_window:
        show([str(folder / name) for name in facts["files"]])
