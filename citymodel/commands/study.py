"""``citymodel study NAME``: a study of a project or of data, its options made from its parameters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from citymodel.errors import ParameterError

if TYPE_CHECKING:
    from citymodel.analysis.registry import Study
    from citymodel.document import Document
    from citymodel.parameters import Parameter


MAPS_AND_TABLES = (".tif", ".tiff", ".png", ".gpkg", ".csv")
SECTIONS = (".pdf", ".svg")
_UNITS = ("s", "min", "h", "d", "min,", "s,", "h,", "d,")


class Studies(click.Group):
    """One subcommand a study, made when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        from citymodel.analysis.registry import studies

        return list(studies())

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        from citymodel.analysis.registry import studies

        return _command_of(studies()[name]) if name in studies() else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from citymodel.analysis.registry import studies

        with formatter.section("Studies"):
            formatter.write_dl([(one.name, one.question) for one in studies().values()])


@click.group(cls=Studies)
def command() -> None:
    """Ask a study of a PROJECT.city or of DATA files, as it is and as its scenario has it."""


def _command_of(study: Study) -> click.Command:
    from citymodel.parameters import parameters_of

    asked = parameters_of(study.parameters())
    options = [_option(one) for one in asked]
    data = click.Argument(["data"], nargs=-1, required=True, type=click.Path(path_type=Path))
    out = click.Option(
        ["-o", "--output"], required=True, type=click.Path(path_type=Path),
        help=f"What to write: .tif or .png for maps, .png for façades, .gpkg or .csv for tables{_section(study)}.",
    )  # fmt: skip
    crs = click.Option(["--crs"], metavar="C", help="Coordinate system of data that do not say theirs.")
    field = click.Option(["--field"], help="One map or table of several.")
    as_json = click.Option(["--json", "as_json"], is_flag=True, help="What was computed as one JSON object.")

    def run(
        data: tuple[Path, ...], output: Path, crs: str | None, field: str | None, as_json: bool, **texts: Any
    ) -> None:
        _run(study, data, output, crs, field, as_json, texts)

    return click.Command(
        study.name, params=[data, out, crs, field, *options, as_json], callback=run, help=study.question
    )


def _section(study: Study) -> str:
    """Words on the drawing of a section, "" for a study without one."""
    return ", .pdf or .svg for the section" if study.name == "vista" else ""


def _option(parameter: Parameter) -> click.Option:
    default = "" if parameter.default is None else parameter.text(parameter.default)
    unit = f", {parameter.kind.unit}" if parameter.kind.unit and parameter.kind.name not in ("duration",) else ""
    words = f"{parameter.label}{unit}. {parameter.help}".strip()
    one_of = parameter.kind.name == "choice"
    kind: Any = click.Choice([value for value, _ in parameter.choices]) if one_of else str
    said = f"{words}{f'  [default: {default}]' if default else ''}"
    return click.Option(
        [parameter.option, parameter.name],
        type=kind,
        default=None,
        metavar=None if one_of else "VALUE",
        help=said,
        nargs=4 if parameter.kind.name == "extent" else 1,
    )


def _run(
    study: Study, data: tuple[Path, ...], output: Path, crs: str | None, field: str | None, as_json: bool,
    texts: dict[str, Any],
) -> None:  # fmt: skip
    from citymodel.analysis.pictures import write_result
    from citymodel.formats.whole_file import check_target
    from citymodel.parameters import checked, parameters_of

    if output.suffix.lower() not in MAPS_AND_TABLES + (SECTIONS if _section(study) else ()):
        raise click.UsageError(f"{output}: name it .tif or .png for maps, .gpkg or .csv for tables{_section(study)}")
    check_target(output)
    model = study.parameters()
    by_name = {one.name: one for one in parameters_of(model)}
    given = {name: _value(by_name[name], text) for name, text in texts.items() if text is not None}
    document = _document(data, crs)
    if "zone" in by_name and "zone" not in given:
        from citymodel.commands.clock import clock_of

        given["zone"] = clock_of(document, data[0])
    parameters = checked(model, **given)
    progress = _Told()
    result = study.function()(document, parameters, progress)
    written = write_result(document, result, output, field=field)
    for note in result.notes:
        click.echo(note, err=True)
    if as_json:
        facts = {"output": [str(path) for path in written], "title": result.title, "notes": list(result.notes)}
        click.echo(json.dumps({**facts, **result.provenance}, default=str))
    else:
        for path in written:
            click.echo(str(path))


class _Told:
    """Tells each new step of the work; of a count that goes on, like the time of a flood, one line a twentieth."""

    def __init__(self) -> None:
        self.words, self.share = "", 0.0

    def __call__(self, share: float, text: str = "") -> None:
        words = " ".join(word for word in text.split() if not word[0].isdigit() and word not in _UNITS)
        if text and (words != self.words or share >= self.share + 0.05):
            self.words, self.share = words, share
            click.echo(f"{share:4.0%} {text}", err=True)


def _value(parameter: Parameter, text: Any) -> Any:
    try:
        return parameter.parse(" ".join(map(str, text)) if isinstance(text, tuple) else str(text))
    except ParameterError as wrong:
        raise click.BadParameter(str(wrong)) from None


def _document(data: tuple[Path, ...], crs: str | None) -> Document:
    from citymodel.project import Project, open_data

    if len(data) == 1 and data[0].suffix.lower() == ".city":
        return Project.open(data[0]).document
    return open_data(data, crs)
