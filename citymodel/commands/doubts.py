"""Doubts about data that neither a picture nor a raster shows: said on standard error, a line each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from citymodel.layers import Layer

_TOLD = ("wrong-crs", "far-from-origin")


def tell_doubts(layers: Iterable[Layer]) -> None:
    """Warn of layers whose coordinates are hardly where they are meant to be."""
    for layer in layers:
        report = getattr(layer.data, "report", None)
        for code in _TOLD:
            if report is not None and code in report.counts:
                click.echo(f"warning: {layer.name}: {code.replace('-', ' ')}: {report.examples[code]}", err=True)
