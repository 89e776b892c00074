"""``python -m citymodel.bench``: how fast files are read (io) and shade follows the sun (live), a row a measurement."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import click


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("what", type=click.Choice(["io", "live"]))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a row.")
@click.option("--runs", default=3, show_default=True, type=click.IntRange(1), help="Runs; their median counts.")
@click.option("--megabytes", default=100.0, show_default=True, help="Size of the generated CityGML file.")
@click.option("--points", default=10_000_000, show_default=True, help="Points of the simulated LAZ file.")
@click.option("--size", default=1000, show_default=True, type=click.IntRange(100), help="Rows and columns (live).")
@click.option("--city", type=click.Path(exists=True, path_type=Path), help="A CityGML file instead of a generated one.")
@click.option("--laz", type=click.Path(exists=True, path_type=Path), help="A LAZ file instead of a simulated one.")
def main(
    what: str,
    as_json: bool,
    runs: int,
    megabytes: float,
    points: int,
    size: int,
    city: Path | None,
    laz: Path | None,
) -> None:
    """Measure the readers, every read in a process of its own (io), or shade under a moving sun (live)."""
    from citymodel.bench_city import measure_citygml, race_citygml
    from citymodel.bench_points import measure_laz

    def show(row: Mapping[str, object]) -> None:
        click.echo(json.dumps(row) if as_json else text(row))

    if what == "live":
        from citymodel.bench_live import measure_live

        for row in measure_live(size, runs):
            show(row)
        return
    show(measure_citygml(city, megabytes=megabytes, runs=runs))
    for row in race_citygml(city, megabytes=megabytes, runs=runs):
        show(row)
    show(measure_laz(laz, points=points, runs=runs))


def text(row: Mapping[str, object]) -> str:
    """A row in one readable line."""
    parts = [
        f"{name.replace('_', ' ')} {value:,.2f}" if isinstance(value, float) else
        f"{name.replace('_', ' ')} {value:,}" if isinstance(value, int) else str(value)
        for name, value in row.items()
    ]  # fmt: skip
    return ", ".join(parts)


if __name__ == "__main__":
    main()
