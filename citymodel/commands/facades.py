"""``citymodel facades``: hours of sun and daylight measures on façades, windows and roofs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from citymodel.errors import ParameterError

if TYPE_CHECKING:
    from citymodel.document import Document
    from citymodel.results import Result


@click.command()
@click.argument("data", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="Tables to write (.gpkg, .csv).")
@click.option("--date", "day", required=True, metavar="D", help="The day: 2026-03-21.")
@click.option("--from", "start", default="00:00", show_default=True, help="The day's first clock time, HH:MM.")
@click.option("--to", "end", default="24:00", show_default=True, help="The day's last clock time, HH:MM up to 24:00.")
@click.option("--step", default="5min", show_default=True, help="Time between two suns.")
@click.option("--tz", metavar="ZONE", help="Time zone of --date, --from and --to; without it the project's.")
@click.option("--min-altitude", default=0.0, show_default=True, help="Degrees below which the sun does not count.")
@click.option("--kinds", default="window,wall,roof", show_default=True, help="Faces that get points.")
@click.option("--spacing", default=3.0, show_default=True, help="Metres of façade a point, and of the roofs' grid.")
@click.option("--storey-height", default=3.0, show_default=True, help="Metres a storey where no attribute tells.")
@click.option("--hours-wanted", default=1.5, show_default=True, help="Hours that count as enough.")
@click.option("--annual", is_flag=True, help="Also the year's hours, their share and its winter part.")
@click.option("--vsc", is_flag=True, help="Also the vertical sky component.")
@click.option("--irradiation", is_flag=True, help="Also kWh/m² a year under a clear sky.")
@click.option("--scenario", help="Compare with this scenario of the project, by name or id.")
@click.option("--crs", metavar="C", help="Coordinate system of data that do not say theirs: EPSG:25833.")
@click.option("--device", default="auto", show_default=True, type=click.Choice(["auto", "cpu", "gpu"]))
@click.option("--json", "as_json", is_flag=True, help="What was computed as one JSON object.")
def command(
    data: tuple[Path, ...], output: Path, day: str, start: str, end: str, step: str, tz: str | None,
    min_altitude: float, kinds: str, spacing: float, storey_height: float, hours_wanted: float, annual: bool, vsc: bool,
    irradiation: bool, scenario: str | None, crs: str | None, device: str, as_json: bool,
) -> None:  # fmt: skip
    """Sun on the façades, windows and roofs of PROJECT, or of city models and terrain rasters in DATA.

    A GeoPackage holds the points, the buildings and their storeys; a CSV the points alone.
    """
    from citymodel.analysis.facade.parameters import FacadeParameters
    from citymodel.analysis.facade.study import run
    from citymodel.commands.clock import clock_of
    from citymodel.commands.render import opened
    from citymodel.formats.whole_file import check_target

    if output.suffix.lower() not in (".gpkg", ".csv"):
        raise click.UsageError(f"{output}: the result is tables; name it .gpkg or .csv")
    check_target(output)
    document = opened(data, crs)
    parameters = FacadeParameters.checked(
        date=day, start=start, end=end, step=step, zone=tz or clock_of(document, data[0]), min_altitude=min_altitude,
        kinds=tuple(word.strip() for word in kinds.split(",")), spacing=spacing, storey_height=storey_height,
        hours_wanted=hours_wanted, annual=annual, vsc=vsc, irradiation=irradiation, device=device,
        scenario=_scenario(document, scenario),
    )  # fmt: skip
    result = run(replace(document, active_scenario=""), parameters)
    for note in result.notes:
        click.echo(note, err=True)
    _write(result, output)
    if as_json:
        click.echo(json.dumps({"output": str(output), **_facts(result)}, ensure_ascii=False))


def _scenario(document: Document, name: str | None) -> str | None:
    if name is None:
        return None
    for one in document.scenarios:
        if name in (one.id, one.name):
            return one.id
    known = ", ".join(one.name for one in document.scenarios) or "none"
    raise ParameterError(f"there is no scenario {name!r}; the project has {known}")


def _write(result: Result, output: Path) -> None:
    if output.suffix.lower() == ".gpkg":
        from citymodel.analysis.export import export_result

        export_result(result, output)
        return
    import csv

    from citymodel.formats.whole_file import whole_file

    table = result.fields["facade_points"].data
    with whole_file(output) as part, part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(table)
        writer.writerows(zip(*table.values(), strict=True))


def _facts(result: Result) -> dict[str, Any]:
    """Provenance, and the mean of each measure over façades and windows."""
    import numpy as np

    table = result.fields["facade_points"].data
    upright = np.array([kind != "roof" for kind in table["kind"]], dtype=bool)
    means = {}
    for name in table:
        if name.endswith(("_base", "_scenario", "_difference")):
            values = np.asarray(table[name], dtype=np.float64)[upright]
            known = values[np.isfinite(values)]
            means[name] = round(float(known.mean()), 4) if len(known) else None
    return {"facade_means": means, "notes": list(result.notes), **result.provenance}
