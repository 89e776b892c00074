"""The verb ``doctor``: hands over to the doctor that needs only the standard library."""

from __future__ import annotations

import click

from citymodel import doctor


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def command(as_json: bool) -> None:
    """What works on this machine, what is missing, and how to mend it."""
    doctor.main(["--json"] if as_json else [])
