"""Going on from a state on the disk: kept with the digest of its case, and refused for another one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from citymodel.analysis.flood.case import Case
from citymodel.analysis.flood.digest import differences, of_case
from citymodel.errors import ParameterError
from citymodel.formats import flood_state
from citymodel.frames import lasting


def keep(state: Mapping[str, Any], path: str | Path, case: Case) -> Path:
    """Write the state of a case's run (`citymodel.flood.run.Outcome.state`)."""
    return flood_state.write(state, path, case.name, of_case(case))


def begun(path: str | Path, case: Case) -> Mapping[str, Any]:
    """The state from which the case goes on.

    Raises
    ------
    FormatError : the file is broken, or of another size
    ParameterError : it is another case's; the line says in what the two differ
    """
    kept = flood_state.read(path, case.grid.shape)
    changed = differences(case, kept.digests)
    if changed:
        raise ParameterError(
            f"{path}: is the state of another case ({kept.case}, {lasting(kept.seconds)} after its start): "
            f"{_listed(changed)} not the same; take the case that it was made with, or start from the beginning"
        )
    return kept.arrays


def _listed(words: list[str]) -> str:
    """ "the terrain is", "the grid and the terrain are"."""
    if len(words) == 1:
        return f"{words[0]} {'are' if words[0].endswith('s') and 'Manning' not in words[0] else 'is'}"
    return f"{', '.join(words[:-1])} and {words[-1]} are"
