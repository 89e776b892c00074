"""``python -m citymodel.validation [OUT_DIR]``: measure every chapter, write the page and its pictures."""

from __future__ import annotations

import os
import platform
from importlib import import_module, metadata
from pathlib import Path

import click

from citymodel.validation.page import Chapter, Place, page

CHAPTERS = (
    "truth_city",
    "boxes",
    "slopes",
    "trees",
    "time_step",
    "sky_view",
    "year",
    "facades",
    "stations",
    "delft",
    "solar",
    "scenarios",
    "viewshed",
    "vista",
    "flood_still",
    "flood_dams",
    "flood_bowls",
    "flood_steady",
    "flood_rain",
    "flood_wall",
    "flood_humps",
    "flood_column",
    "flood_blocks",
    "flood_benchmark",
    "flood_valley",
    "flood_cloudburst",
    "flood_open",
)
ROOT = Path(__file__).resolve().parents[2]


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("out_dir", required=False, type=click.Path(file_okay=False, path_type=Path))
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Folder of real files.")
@click.option(
    "--only",
    multiple=True,
    type=click.Choice(CHAPTERS),
    help="Print this chapter; nothing is written but its pictures.",
)
@click.option("--small", is_flag=True, help="Reduced sizes: quick, and no page to publish.")
def main(out_dir: Path | None, data: Path | None, only: tuple[str, ...], small: bool) -> None:
    """Measure what the validation page states and write it to OUT_DIR/validation.md (docs/ when left out).

    Exit 1 when a bound does not hold.
    """  # fmt: skip
    out = out_dir or ROOT / "docs"
    place = Place(data or data_folder(), out / "pictures", small)
    chapters = []
    for name in only or CHAPTERS:
        click.echo(f"measuring {name}", err=True)
        chapters.append(measured(name, place))
    text = page(chapters, machine())
    if only:
        click.echo(text)
    else:
        write(out / "validation.md", text)
    broken = [
        f"{one.what}: {' '.join(one.row()[1:3])}" for chapter in chapters for one in chapter.checks if not one.holds
    ]
    for line in broken:
        click.echo(f"does not hold: {line}", err=True)
    raise SystemExit(1 if broken else 0)


def measured(name: str, place: Place) -> Chapter:
    """One chapter by its module's name."""
    chapter: Chapter = import_module(f"citymodel.validation.{name}").chapter(place)
    return chapter


def data_folder() -> Path | None:
    """CITYMODEL_DATA, else ../shared/data beside the project, else None."""
    named = os.environ.get("CITYMODEL_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    return folder if folder.is_dir() else None


def machine() -> str:
    """What the figures were made with; no times, so that the same versions make the same page."""
    made = []
    for name, of in (("numpy", "NumPy"), ("numba", "Numba"), ("pvlib", "pvlib"), ("open3d-cpu", "Open3D")):
        try:
            made.append(f"{of} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            continue
    return f"Made on the CPU with Python {platform.python_version()}, {', '.join(made)}."


def write(path: Path, text: str) -> None:
    """The page, whole or not at all."""
    from citymodel.formats.whole_file import whole_file

    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as part:
        part.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
