"""A city model kept beside its file as the columns it is, and read again in a tenth of the time.

``keep`` writes ``NAME.gml.columns``; ``kept`` gives the model back where the file, its bytes' hash and this version
are those it was made from, else None. It is a convenience that may be deleted at any time.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from citymodel import __version__
from citymodel.formats.whole_file import whole_file
from citymodel.model import Appearance, CityModel, Geometries, Instances, Nodes, Objects
from citymodel.report import Report

SUFFIX = ".columns"
PARTS = {
    "objects": Objects,
    "geometries": Geometries,
    "nodes": Nodes,
    "appearance": Appearance,
    "instances": Instances,
    "report": Report,
}
SKIPPED = ("revision",)  # counts the models of one process


def keep(model: CityModel, path: str | Path) -> Path:
    """Write the columns of a model that was read from ``path`` beside it."""
    path = Path(path)
    arrays: dict[str, Any] = {}
    words: dict[str, Any] = {"made_by": __version__, "made_from": _sha256(path)}
    for name, value in _columns(model):
        if isinstance(value, np.ndarray):
            arrays[name] = value
        else:
            words[name] = value
    text = json.dumps(words, ensure_ascii=False)
    target = path.with_name(path.name + SUFFIX)
    with whole_file(target) as part, part.open("wb") as file:
        np.savez(file, allow_pickle=False, words=np.frombuffer(text.encode(), np.uint8), **arrays)
    return target


def kept(path: str | Path) -> CityModel | None:
    """The model of ``path`` from the columns beside it; None where there are none, or they are of another file."""
    path = Path(path)
    beside = path.with_name(path.name + SUFFIX)
    if not beside.is_file():
        return None
    try:
        with beside.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        words = json.loads(arrays.pop("words").tobytes())
        if (words.pop("made_by"), words.pop("made_from")) != (__version__, _sha256(path)):
            return None
        found: Mapping[str, Any] = {**words, **arrays}
        parts = {name: _made(kind, found, f"{name}.") for name, kind in PARTS.items()}
        model: CityModel = _made(CityModel, {**found, **parts}, "")
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, MemoryError, zipfile.BadZipFile):
        return None
    return model


def _columns(model: CityModel) -> list[tuple[str, Any]]:
    """(name, column) of the model's own columns and of its tables', as "objects.type"."""
    own = [(one.name, getattr(model, one.name)) for one in dataclasses.fields(model) if one.name not in SKIPPED]
    tables = [(name, value) for name, value in own if name in PARTS]
    found = [(name, value) for name, value in own if name not in PARTS]
    for name, table in tables:
        found += [(f"{name}.{one.name}", getattr(table, one.name)) for one in dataclasses.fields(table)]
    return found


def _made(kind: Any, found: Mapping[str, Any], prefix: str) -> Any:
    names = [one.name for one in dataclasses.fields(kind) if one.name not in SKIPPED]
    return kind(**{name: found[prefix + name] for name in names})


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
