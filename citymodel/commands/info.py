"""``citymodel info``: what a file holds, and what of it was not understood."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from citymodel import formats


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object on one line, for other programs.")
def command(file: Path, as_json: bool) -> None:
    """Say what FILE holds, and what of it was not understood."""
    found = formats.info(file)
    if as_json:
        click.echo(json.dumps(_finite(found), ensure_ascii=False, allow_nan=False))
        return
    for line in describe(found):
        click.echo(line)


def describe(found: Mapping[str, Any]) -> list[str]:
    """Lines of plain text: a name and its value; warnings last."""
    lines = []
    for name, value in found.items():
        if name == "warnings":
            continue
        lines.append(f"{name.replace('_', ' '):<12}  {_text(value)}")
    warnings = found.get("warnings", [])
    lines.append(f"{'warnings':<12}  {'none' if not warnings else ''}".rstrip())
    for warning in warnings:
        example = f", for example {warning['example']}" if warning.get("example") else ""
        lines.append(f"  {warning['count']:,} × {str(warning['code']).replace('-', ' ')}{example}")
    return lines


def _text(value: Any) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_text(part)}" for name, part in value.items()) or "none"
    if isinstance(value, list | tuple):
        return "  ".join(_text(part) for part in value)
    if isinstance(value, float):
        return f"{value:.8g}" if abs(value) < 1000 else f"{value:.3f}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)


def _finite(value: Any) -> Any:
    """The same with null for numbers that JSON cannot say."""
    if isinstance(value, Mapping):
        return {str(name): _finite(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
