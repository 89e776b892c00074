"""``python -m citymodel.bench io|shadow|viewshed|live``: readers, ours beside others, shade as the sun moves, sight."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import click

_OWN = 2000  # rows and columns at the most of the kernels' own rows, of which some look from twenty eyes


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Measurements, a row each."""


@main.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a row.")
@click.option("--runs", default=3, show_default=True, type=click.IntRange(1), help="Runs; their median counts.")
@click.option("--megabytes", default=100.0, show_default=True, help="Size of the generated CityGML file.")
@click.option("--points", default=10_000_000, show_default=True, help="Points of the simulated LAZ file.")
@click.option("--city", type=click.Path(exists=True, path_type=Path), help="A CityGML file instead of a generated one.")
@click.option("--laz", type=click.Path(exists=True, path_type=Path), help="A LAZ file instead of a simulated one.")
def io(as_json: bool, runs: int, megabytes: float, points: int, city: Path | None, laz: Path | None) -> None:
    """Measure the readers; every read runs in a process of its own."""
    from citymodel.bench_city import measure_citygml, race_citygml
    from citymodel.bench_points import measure_laz

    def show(row: Mapping[str, object]) -> None:
        click.echo(json.dumps(row) if as_json else text(row))

    show(measure_citygml(city, megabytes=megabytes, runs=runs))
    for row in race_citygml(city, megabytes=megabytes, runs=runs):
        show(row)
    show(measure_laz(laz, points=points, runs=runs))


@main.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a row.")
@click.option("--size", "sizes", multiple=True, type=click.IntRange(100), help="Rows and columns; may be repeated.")
@click.option("--large", is_flag=True, help="4000² too: UMEP alone takes a minute.")
@click.option("--runs", default=5, show_default=True, type=click.IntRange(1), help="Runs of ours; their median counts.")
@click.option("--peers/--no-peers", default=True, show_default=True, help="Measure solweig and UMEP too.")
@click.option("--device", default="cpu", show_default=True, type=click.Choice(["cpu", "gpu"]), help="Of our kernels.")
def shadow(as_json: bool, sizes: tuple[int, ...], large: bool, runs: int, peers: bool, device: str) -> None:
    """Measure our shadow kernels beside a copy, then beside solweig and UMEP in an environment of their own."""
    from citymodel import bench_shadow
    from kernels import bench

    chosen = list(sizes) or [1000, 2000, *([4000] if large else [])]
    words = ["shadow", "--size", str(max(chosen)), "--runs", str(runs), "--device", device]
    bench.main([*words, "--json"] if as_json else words)
    if device == "cpu":
        bench_shadow.show(chosen, runs, peers, as_json)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a row.")
@click.option("--size", "sizes", multiple=True, type=click.IntRange(100), help="Rows and columns; may be repeated.")
@click.option("--large", is_flag=True, help="4000² too: GRASS and xarray-spatial take minutes.")
@click.option("--runs", default=5, show_default=True, type=click.IntRange(1), help="Runs; the fastest counts.")
@click.option("--peers/--no-peers", default=True, show_default=True, help="Measure GDAL, GRASS and xarray-spatial too.")
@click.option("--device", default="cpu", show_default=True, type=click.Choice(["cpu", "gpu"]), help="Of our kernels.")
def viewshed(as_json: bool, sizes: tuple[int, ...], large: bool, runs: int, peers: bool, device: str) -> None:
    """Measure our viewshed kernels, then beside GDAL, GRASS and xarray-spatial where they are, each its own process."""
    from citymodel import bench_viewshed
    from kernels import bench

    chosen = list(sizes) or [1000, 2000, *([4000] if large else [])]
    words = ["viewshed", "--size", str(min(max(chosen), _OWN)), "--runs", str(runs), "--device", device]
    bench.main([*words, "--json"] if as_json else words)
    if device == "cpu":
        bench_viewshed.show(chosen, runs, peers, as_json)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a row.")
@click.option("--size", "sizes", multiple=True, type=click.IntRange(100), help="Rows and columns; may be repeated.")
@click.option("--large", is_flag=True, help="4000² too: landlab takes 10 GB of memory.")
@click.option("--runs", default=5, show_default=True, type=click.IntRange(1), help="Rounds; their median counts.")
@click.option("--peers/--no-peers", default=True, show_default=True, help="Measure landlab and Itzï too.")
@click.option("--cores", type=click.IntRange(1), help="Of every program; all where left out. One on a busy machine.")
@click.option("--device", default="cpu", show_default=True, type=click.Choice(["cpu", "gpu"]), help="Of our kernels.")
def flood(
    as_json: bool, sizes: tuple[int, ...], large: bool, runs: int, peers: bool, cores: int | None, device: str
) -> None:
    """Measure our flood kernels by scheme, without and with the record, then beside landlab and Itzï, turn by turn."""
    import numba

    from citymodel import bench_flood
    from kernels import bench

    chosen = list(sizes) or [500, 1000, 2000, *([4000] if large else [])]
    numba.set_num_threads(min(cores or numba.config.NUMBA_NUM_THREADS, numba.config.NUMBA_NUM_THREADS))
    for size in chosen:
        words = ["flood", "--size", str(size), "--runs", str(runs), "--device", device]
        bench.main([*words, "--json"] if as_json else words)
    if device == "cpu":
        bench_flood.show(chosen, runs, peers, as_json)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a row.")
@click.option("--size", default=1000, show_default=True, type=click.IntRange(100), help="Rows and columns.")
@click.option("--runs", default=3, show_default=True, type=click.IntRange(1), help="Times each sun and eye is taken.")
def live(as_json: bool, size: int, runs: int) -> None:
    """Measure what follows a moving sun or eye: kernel, picture, upload, and the display's frame beside them."""
    from citymodel.bench_eye import measure_eye
    from citymodel.bench_live import measure_live

    for row in (*measure_live(size, runs), *measure_eye(size, runs)):
        click.echo(json.dumps(row) if as_json else text(row))


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
