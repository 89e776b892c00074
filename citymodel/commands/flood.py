"""``citymodel flood``: the flood of a case file, its frames written as they come."""

from __future__ import annotations

import json
import math
import signal
import sys
import threading
import time as clock
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from citymodel.analysis.flood.case import Case
    from citymodel.analysis.flood.control import Control
    from citymodel.flood.run import Outcome
    from citymodel.formats.flood_case import CaseFile

ASKED_FROM = 3600.0
"""Seconds of computation from which on a person is asked first."""
REFUSED_FROM = 86_400.0
"""Seconds from which on a run without a terminal wants --yes."""
_SAID_FROM = 10.0  # seconds from which on the expected time is said


@click.command()
@click.argument("case", type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="NetCDF to write (.nc).")
@click.option(
    "--scheme", type=click.Choice(["second-order", "first-order", "preview"]),
    help="Instead of the case's: second-order (the default), first-order (quicker, more diffusive) or preview (local "
    "inertia).",
)  # fmt: skip
@click.option("--crs", metavar="C", help="The terrain's coordinate system where its file does not say: EPSG:25833.")
@click.option(
    "--save-state", "save", type=click.Path(path_type=Path), metavar="STATE",
    help="Write the last state there (.npz), to go on from; a run that is stopped writes OUT.state.npz without it.",
)  # fmt: skip
@click.option(
    "--restart", type=click.Path(path_type=Path), metavar="STATE",
    help="Go on from a state of the same case, to the bit.",
)  # fmt: skip
@click.option("--yes", is_flag=True, help="Run however long it is expected to take.")
@click.option(
    "--device", default="auto", show_default=True, type=click.Choice(["auto", "cpu", "gpu"]),
    help="Where to compute; auto: the GPU where there is one.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="What was computed as one JSON object.")
def command(
    case: Path, output: Path, scheme: str | None, crs: str | None, save: Path | None, restart: Path | None, yes: bool,
    device: str, as_json: bool,
) -> None:  # fmt: skip
    """The flood of CASE.toml: depth in time, maxima, arrival, duration, hazard, gauges and the volume balance.

    \b
    A case file, beside its terrain (docs/flood.md has all keys and units):
      terrain = "dem.tif"      # metres
      duration = "2h"
      manning = 0.03
      [[rain]]
      mm_per_hour = 30
      end = "1h"

    Times are seconds or texts like 12h and 15min, lengths metres, rain
    mm/h, inflow m³/s. Frames are appended as they come: the file can be read at any moment and says complete = 0 until
    the end. Ctrl-C and SIGTERM end the run at its next step, keep the file and write the state beside it.
    """
    from citymodel.analysis.flood import doubts
    from citymodel.analysis.flood.from_file import case_of
    from citymodel.formats import flood_case

    file = flood_case.read(case)
    _check_outputs(file, output, save, restart)
    made = case_of(file, crs, scheme)
    told = [*made.notes, *doubts.of_case(made)]
    for note in told:
        click.echo(f"note: {note}", err=True)
    begun = _begun(made, restart)
    _tell_cost(made, device, yes, begun)
    outcome, trouble = _computed(file, made, output, begun, device)
    place = save or (None if outcome.complete else output.with_suffix(".state.npz"))
    if place is not None:
        _save_state(made, outcome, place)
    for note in outcome.notes:
        if note not in told and note != trouble:
            click.echo(f"note: {note}", err=True)
    if not outcome.complete:
        raise _unfinished(case, outcome, output, place, trouble)
    click.echo(_words(outcome), err=True)
    if as_json:
        click.echo(json.dumps(_facts(made, outcome, output, save), allow_nan=False))


def _check_outputs(file: CaseFile, output: Path, save: Path | None, restart: Path | None) -> None:
    """Refuse names that are no result's, an input's, or cannot be written, before the work."""
    from citymodel.errors import FormatError
    from citymodel.formats.flood_case import inputs_of
    from citymodel.formats.whole_file import check_target

    if output.suffix.lower() != ".nc":
        raise click.UsageError(f"{output}: the result is a NetCDF; name it .nc")
    if save is not None and save.suffix.lower() != ".npz":
        raise click.UsageError(f"{save}: the state is kept as .npz; name it {save.stem}.npz")
    inputs = [one.path for one in inputs_of(file)] + ([restart] if restart is not None else [])
    for path in (output, *(() if save is None else (save,))):
        if path.exists() and any(one.exists() and path.samefile(one) for one in inputs):
            raise click.UsageError(f"{path}: is an input, which the result would replace; give the result another name")
        check_target(path)
    if save is not None and save.resolve() == output.resolve():
        raise click.UsageError(f"{save}: cannot be the result and the state; give the state another name")
    if restart is not None and output.exists():
        raise FormatError(
            output, "", "is there already and would lose the frames before the restart; give another name with -o"
        )


# --- before ---


def _tell_cost(made: Case, device: str, yes: bool, begun: Mapping[str, Any] | None) -> None:
    """Say what the run will take, where that is more than a moment; ask, or refuse, where it is very long."""
    from citymodel.analysis.flood import estimate
    from citymodel.errors import ParameterError

    left = 1.0 - (float(begun["time"]) / made.duration if begun is not None else 0.0)
    if estimate.is_quick(made):
        return
    cost = estimate.cost(made, device)
    seconds = cost.seconds * left
    if seconds < _SAID_FROM:
        return
    said = estimate.words(made, cost, left)
    if yes or seconds < ASKED_FROM:
        click.echo(f"expected: {said}", err=True)
        return
    longer = f"expected: {said}. {estimate.cheaper(made, cost, left)}"
    if _on_a_terminal():
        click.echo(longer, err=True)
        if not click.confirm("Run it?", err=True):
            raise click.Abort
        return
    if seconds >= REFUSED_FROM:
        raise ParameterError(f"{longer}; give --yes to run it as it is")
    click.echo(longer, err=True)


def _on_a_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _begun(made: Case, restart: Path | None) -> Mapping[str, Any] | None:
    """The state to go on from."""
    if restart is None:
        return None
    from citymodel.analysis.flood.restart import begun

    return begun(restart, made)


# --- the run ---


def _computed(
    file: CaseFile, made: Case, output: Path, begun: Mapping[str, Any] | None, device: str
) -> tuple[Outcome, str]:
    """How the run came out, and why where it ran away; its frames are in the file."""
    from citymodel.analysis.flood.control import Control
    from citymodel.analysis.flood.simulate import simulate
    from citymodel.analysis.flood.words import title_of_case
    from citymodel.errors import RanAway
    from citymodel.formats.flood_nc import FloodFile

    ends: list[Outcome] = []

    class Kept(FloodFile):
        """The file, which hands on the outcome that it was given."""

        def end(self, outcome: Outcome) -> None:
            ends.append(outcome)
            super().end(outcome)

    control = Control()
    with (
        Kept(output, title=title_of_case(made), debris=file.debris, thresholds=file.hazard_thresholds) as kept,
        _stopping(control),
    ):
        try:
            return simulate(made, kept, _Progress(), device, state=begun, control=control, with_state=True), ""
        except RanAway as wrong:
            return ends[-1], str(wrong)


@contextmanager
def _stopping(control: Control) -> Iterator[None]:
    """Ctrl-C and SIGTERM end the run at its next step; the second one ends it at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, _frame: FrameType | None) -> None:
        if control.stopped:
            raise KeyboardInterrupt
        click.echo(f"{signal.Signals(number).name}: ends at the next step; once more to end at once", err=True)
        control.stop()

    before = {one: signal.signal(one, stop) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


class _Progress:
    """A line on standard error every tenth of the run, or every half a minute, with the time left."""

    def __init__(self) -> None:
        self.began = self.said = clock.monotonic()
        self.share, self.first, self.calls = 0.0, 0.0, 0

    def __call__(self, fraction: float, text: str = "") -> None:
        from citymodel.analysis.flood.estimate import spoken

        now = clock.monotonic()
        self.calls += 1
        if self.calls <= 2:  # the first step compiles, or loads what was compiled: it says nothing on the rest
            self.began, self.first, self.share = now, fraction, fraction
            return
        due = fraction - self.share >= 0.1 and now - self.said >= 1.0
        if not (due or now - self.said >= 30.0):
            return
        left = (1.0 - fraction) * (now - self.began) / max(fraction - self.first, 1e-9)
        self.said, self.share = now, fraction
        told = f", about {spoken(left)} left" if fraction < 1 else ""
        click.echo(f"{fraction:4.0%} {text}{told}", err=True)


# --- after ---


def _save_state(made: Case, outcome: Outcome, place: Path) -> None:
    from citymodel.analysis.flood.restart import keep

    if outcome.state is not None:
        keep(outcome.state, place, made)


def _unfinished(case: Path, outcome: Outcome, output: Path, place: Path | None, trouble: str) -> Exception:
    """One line: why it ended, what there is, and how to go on."""
    from citymodel.errors import Cancelled, RanAway
    from citymodel.frames import lasting

    kept = f"{output} holds it up to {lasting(outcome.reached)} (complete = 0), {place} its state"
    again = f"citymodel flood {case} -o {output.with_stem(output.stem + '-2')} --restart {place}"
    if trouble:
        return RanAway(f"{trouble}; {kept}; mended, go on with: {again}", outcome.reached, math.nan, math.nan)
    return Cancelled(f"stopped after {lasting(outcome.reached)}; {kept}; go on with: {again}")


def _maxima(made: Case, outcome: Outcome) -> dict[str, dict[str, float]]:
    """The greatest of each map and where it is; nothing of what stayed dry."""
    import numpy as np

    found = {}
    for name in ("max_depth", "max_speed", "max_unit_discharge", "wet_duration"):
        values = np.nan_to_num(outcome.maps[name])
        row, column = np.unravel_index(int(values.argmax()), values.shape)
        found[name] = {
            "value": float(values[row, column]), "x": float(made.grid.x[column]), "y": float(made.grid.y[row])
        }  # fmt: skip
    return found


def _facts(made: Case, outcome: Outcome, output: Path, save: Path | None) -> dict[str, Any]:
    """The object that --json prints; m³, m, m/s, s, and m² of ground that was ever wet."""
    import numpy as np

    wet = int(np.isfinite(outcome.maps["arrival_time"]).sum())
    return {
        "output": str(output), "case": made.name, "complete": outcome.complete, "reached": outcome.reached,
        "size": list(made.grid.shape), "cell": made.grid.cell, "crs": made.grid.crs, "scheme": made.scheme,
        "volumes": {name: float(volume) for name, volume in outcome.balance.items()},
        "maxima": _maxima(made, outcome), "wet_m2": wet * made.grid.cell**2,
        "steps": outcome.steps, "seconds": round(outcome.seconds, 3), "device": outcome.device,
        "state": None if save is None else str(save), "notes": list(outcome.notes),
    }  # fmt: skip


def _words(outcome: Outcome) -> str:
    """The balance, as a line to be read aloud."""
    from citymodel.analysis.flood.estimate import spoken

    balance = outcome.balance
    named = [
        f"{name.partition('_')[2]} {'+' if volume > 0 else ''}{_cubic(volume)}"
        for name, volume in balance.items()
        if name.startswith(("source_", "side_")) and abs(volume) > 1e-4 * balance["volume_in"]
    ]
    parts = f" ({', '.join(named)})" if named else ""
    stood = f" with {_cubic(balance['volume_initial'])} that stood there" if balance["volume_initial"] else ""
    return (
        f"in m³: {_cubic(balance['volume_in'])} in{stood}, {_cubic(balance['volume_out'])} out, "
        f"{_cubic(balance['volume_stored'])} still there, error {balance['volume_error']:.3g}{parts}; "
        f"{outcome.steps:,} steps in {spoken(outcome.seconds)} on the {outcome.device.upper()}"
    )


def _cubic(volume: float) -> str:
    """Cubic metres: whole from a hundred on, three figures below."""
    return f"{volume:,.0f}" if abs(volume) >= 100 else f"{volume:.3g}"
