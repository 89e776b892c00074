"""The command line: a lazy group; each verb is a module of ``citymodel.commands``, loaded when called."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence

import click

from citymodel.errors import CityModelError

VERBS = {
    "open": "the window",
    "sample": "write the sample city into a folder, and open it",
    "doctor": "what works, what is missing, how to mend it",
    "info": "what a file holds, and what of it was not understood",
    "convert": "one or more files into another format, part or CRS",
    "surface": "surface and terrain rasters from points and models",
    "shadow": "shade at a time, or hours of sun over a day, on a surface raster",
    "study": "a study of a project or of data, as it is and as proposed",
    "diagram": "a sheet of shade on days and hours, for a committee: PDF or PNG",
    "skyview": "the share of the sky that each place sees, on a surface raster",
    "viewshed": "what is seen from one or more places, on a surface raster",
    "flood": "water of a storm, a river or a tide in time, from a case file",
    "sunlight": "hours of sun or energy over a year, on a surface raster",
    "facades": "hours of sun and daylight on façades, windows and roofs",
    "render": "a picture of any of the data, without a screen",
    "export": "results and layers for other tools",
}


class LazyGroup(click.Group):
    """Verbs listed from VERBS; a verb's module is imported when the verb is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in VERBS:
            return None
        command: click.Command = importlib.import_module(f"citymodel.commands.{name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="citymodel")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.pass_context
def app(ctx: click.Context, debug: bool) -> None:
    """Cities in one window: LiDAR and CityGML, sun, flood and view studies, with proof."""
    ctx.obj = {"debug": debug}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; one plain line and exit 1 where the work cannot be done."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words
    words = [w for w in words if w != "--debug"]
    try:
        app.main(words, prog_name="citymodel", standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo("error: stopped by the user; nothing was written", err=True)
        sys.exit(1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        if debug:
            raise
        click.echo(f"error: {plain(error)}", err=True)
        sys.exit(1)


def plain(error: BaseException) -> str:
    """One line in plain words for any error."""
    if isinstance(error, CityModelError):
        return " ".join(str(error).split())
    if isinstance(error, MemoryError):
        return "not enough memory; close other programs, or choose a smaller area or a coarser cell"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'a file'}: {error.strerror}; check the path and your rights on it"
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}; this is a fault of citymodel, run again with --debug and report it"
