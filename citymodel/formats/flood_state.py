"""The state of a flood on the disk, from which the same case goes on to the bit: a NumPy archive without objects."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from citymodel.errors import FormatError, ParameterError, ResourceError
from citymodel.formats.flood_case_keys import LONGEST
from citymodel.formats.whole_file import whole_file

SUFFIXES = (".npz",)
_NAME = "citymodel flood state 1"
_ABOUT_AT_MOST = 1 << 20  # bytes of what it says of itself
_SMALL = 4096  # values of what is no raster
_PLANES = {"whole": 2, "real": 4}
_SHAPES = {"sides": (4,), **dict.fromkeys(("time", "steps", "fastest", "pending", "owed", "start", "changed"), ())}
_NEEDED = ("h", "qx", "qy", "whole", "real", "z", "time", "steps", "fastest", "pending", "sides", "owed", "start",
           "changed")  # fmt: skip
_OPTIONAL = ("given_", "moved_", "soaked_")
_BROKEN = (zipfile.BadZipFile, zlib.error, ValueError, KeyError, EOFError, RuntimeError, TypeError)
"""What the libraries raise at archives that are cut short, broken, or locked with a password."""


@dataclass(frozen=True, eq=False, slots=True)
class Kept:
    """A state as it lay on the disk.

    case : the name of its case; digests : of the case's parts; seconds : after the start; arrays : of the kernel
    """

    case: str
    digests: Mapping[str, str]
    seconds: float
    arrays: Mapping[str, Any]


def write(state: Mapping[str, Any], path: str | Path, case: str, digests: Mapping[str, str]) -> Path:
    """Keep the state of a run (`Outcome.state`), the name of its case and digests of what the water depends on.

    The file appears whole or not at all.
    """
    path = Path(path)
    if path.suffix.lower() not in SUFFIXES:
        raise ParameterError(f"{path}: a flood's state is kept as .npz; name it {path.stem}.npz")
    about = {"format": _NAME, "case": case, "digests": dict(digests), "time": float(state["time"])}
    arrays: dict[str, Any] = {"about": np.array(json.dumps(about))}
    arrays |= {key: np.asarray(one) for key, one in state.items()}
    try:
        with whole_file(path) as part, part.open("wb") as file:
            np.savez(file, **arrays)
    except OSError as wrong:
        raise ResourceError(f"{path}: the state cannot be written ({wrong.strerror}); free space there") from wrong
    return path


def read(path: str | Path, cells: tuple[int, int]) -> Kept:
    """A state of so many rows and columns of cells; FormatError for a broken file and for one of another size."""
    path = Path(path)
    if not path.is_file():
        raise FormatError(path, "", "there is no such file; check the name and the folder")
    try:
        with zipfile.ZipFile(path) as archive:
            _check(path, archive, cells)
        with np.load(path, allow_pickle=False) as found:
            about = json.loads(str(found["about"]))
            arrays = {name: found[name] for name in found.files if name != "about"}
    except FormatError:
        raise
    except OSError as wrong:
        raise FormatError(path, "", f"cannot be read ({wrong.strerror or wrong})") from wrong
    except _BROKEN as wrong:
        raise FormatError(path, "", f"is no flood's state, or is cut short ({wrong}); make it again") from wrong
    if not isinstance(about, dict) or about.get("format") != _NAME or not isinstance(about.get("digests"), dict):
        raise FormatError(path, "", "is no flood's state of this version; make it again")
    odd = next((name for name, one in arrays.items() if not np.isfinite(one).all()), None)
    if odd is not None:
        raise FormatError(path, odd, "holds what is no number; make the state again")
    time = float(arrays["time"])
    if not 0 <= time <= LONGEST:
        raise FormatError(path, "time", f"{time} s is no time of a flood; make the state again")
    whole = {name: one if one.ndim else one.item() for name, one in arrays.items()}
    return Kept(str(about.get("case") or "unnamed"), about["digests"], time, whole)


def _check(path: Path, archive: zipfile.ZipFile, cells: tuple[int, int]) -> None:
    """FormatError where an array is not of the kind and size that the cells need; nothing is read before."""
    rows, cols = (side + 4 for side in cells)
    seen = set()
    for member in archive.infolist():
        name = member.filename.removesuffix(".npy")
        with archive.open(member) as file:
            version = np.lib.format.read_magic(file)
            header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, fortran, dtype = header(file)
        count = int(np.prod(shape, dtype=object)) if shape else 1
        if name == "about":
            fits = dtype.kind == "U" and not shape and dtype.itemsize <= _ABOUT_AT_MOST
        elif name in ("h", "qx", "qy", "z") or name.startswith("soaked_"):
            fits = dtype.kind in "if" and shape == (rows, cols)
        elif name in _SHAPES:
            fits = dtype.kind in "if" and shape == _SHAPES[name]
        elif name in _PLANES:
            fits = dtype.kind in "if" and shape == (_PLANES[name], rows, cols)
        else:
            most = (
                max(_SMALL, rows * cols) if name.startswith("given_") else _SMALL
            )  # a rain of rasters: a total a cell
            fits = (name in _NEEDED or name.startswith(_OPTIONAL)) and dtype.kind in "if" and count <= most
        if fortran or dtype.hasobject or (dtype.itemsize > 8 and name != "about") or not fits:
            other = f"{shape} for a case of {cells[0]} × {cells[1]} cells"
            raise FormatError(path, name, f"does not fit ({other}); take the state of this case")
        seen.add(name)
    missing = [name for name in ("about", *_NEEDED) if name not in seen]
    if missing:
        raise FormatError(path, "", f"is no flood's state: {missing[0]} is missing; make it again")
