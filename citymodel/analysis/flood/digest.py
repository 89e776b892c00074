"""The digest of a case: whether a state belongs to it, part by part."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from citymodel.analysis.flood.case import Case

PARTS = {
    "grid": "the grid",
    "terrain": "the terrain",
    "blocked": "the blocked cells",
    "manning": "Manning's n",
    "sources": "rain, inflows or losses",
    "edges": "the edges",
    "depth": "the first water",
    "level": "the first water",
    "changes": "the changes of the ground",
    "scheme": "the scheme",
    "wet": "the depth that counts as wet",
}
"""What the water depends on, as a person calls it. Duration, frames, gauges, sections and the Courant number may differ
from those of the run that made a state."""


def of_case(case: Case) -> dict[str, str]:
    """A SHA-256 for each of `PARTS`."""
    found = {}
    for name in PARTS:
        digest = hashlib.sha256()
        _feed(digest, getattr(case, name))
        found[name] = digest.hexdigest()
    return found


def differences(case: Case, digests: Mapping[str, str]) -> list[str]:
    """The parts in which a case differs from another's digests, in words."""
    own = of_case(case)
    return list(dict.fromkeys(words for name, words in PARTS.items() if own[name] != digests.get(name)))


def _feed(digest: Any, value: Any) -> None:
    """Feed a value with its type, so that no two different ones look alike."""
    digest.update(f"<{type(value).__name__}>".encode())
    if isinstance(value, np.ndarray):
        digest.update(f"{value.dtype.str}{value.shape}".encode())
        digest.update(np.ascontiguousarray(value).tobytes())
    elif dataclasses.is_dataclass(value):
        for one in dataclasses.fields(value):
            if not one.name.startswith("_"):
                digest.update(one.name.encode())
                _feed(digest, getattr(value, one.name))
    elif isinstance(value, tuple | list):
        digest.update(str(len(value)).encode())
        for part in value:
            _feed(digest, part)
    else:
        digest.update(repr(value).encode())
