"""The columns of a point cloud while they are filled from LAS points, chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.errors import ResourceError
from citymodel.report import Report

DEFAULT = ("classification", "intensity", "return_number", "number_of_returns")
_RETURNS = ("return_number", "number_of_returns")
_RGB = ("red", "green", "blue")
_FLAGS = {"synthetic", "key_point", "withheld", "overlap", "scan_direction_flag", "edge_of_flight_line"}
_NOT_COLUMNS = {"X", "Y", "Z", *_RGB}


class Columns(Mapping[str, NDArray[Any]]):
    """Columns by name; return number and number of returns share a byte and are unpacked when asked for.

    That keeps coordinates, classification, intensity and returns at 16 B a point.
    """

    def __init__(self, arrays: Mapping[str, NDArray[Any]], returns: NDArray[np.uint8] | None = None) -> None:
        self._arrays, self._returns = dict(arrays), returns

    def __getitem__(self, name: str) -> NDArray[Any]:
        if self._returns is not None and name in _RETURNS:
            return self._returns & 15 if name == "return_number" else self._returns >> 4
        return self._arrays[name]

    def __iter__(self) -> Iterator[str]:
        yield from self._arrays
        if self._returns is not None:
            yield from _RETURNS

    def __len__(self) -> int:
        return len(self._arrays) + (0 if self._returns is None else len(_RETURNS))

    def __repr__(self) -> str:
        return f"Columns({', '.join(self)})"


def available(point_format: Any) -> list[str]:
    """Names of all columns of a laspy point format, ours for colour and scan angle."""
    names = [n for n in point_format.dimension_names if n not in _NOT_COLUMNS]
    names = ["scan_angle" if n == "scan_angle_rank" else n for n in names]
    return names + (["rgb"] if "red" in point_format.dimension_names else [])


def parts_of(columns: Sequence[str] | str) -> Any:
    """What LASzip's layered compressor (point formats 6 to 10) has to decode for these columns."""
    from laspy import DecompressionSelection as Parts

    if columns == "all":
        return Parts.all()
    wanted = Parts.base() | Parts.XY_RETURNS_CHANNEL | Parts.Z
    for name in [columns] if isinstance(columns, str) else columns:
        if name in _RETURNS or name == "scanner_channel":
            continue
        if name in _FLAGS:
            wanted |= Parts.FLAGS
        elif name.upper() in Parts.__members__:
            wanted |= Parts[name.upper()]
        else:
            wanted |= Parts.ALL_EXTRA_BYTES | Parts.WAVEPACKET
    return wanted


class Filler:
    """Arrays of one length made once and filled in order; pages never filled cost nothing."""

    def __init__(self, points: int, point_format: Any, columns: Sequence[str] | str, report: Report) -> None:
        known = available(point_format)
        wanted = known if columns == "all" else [columns] if isinstance(columns, str) else list(columns)
        for name in wanted:
            if name not in known:
                report.add("absent-column", f"{name}; the file has {', '.join(known)}")
        self.names = [name for name in known if name in wanted and name not in _RETURNS]
        self._old = point_format.id < 6
        self._n = 0
        try:
            self.xyz = np.empty((points, 3), dtype=np.int32)
            self._returns = np.empty(points, dtype=np.uint8) if set(_RETURNS) & set(wanted) else None
            empty = _EmptyPoints(point_format)
            self._arrays = {name: _like(self._take(empty.record, name), points) for name in self.names}
        except MemoryError:
            raise ResourceError(f"{points:,} points do not fit into memory; choose a part of them (--bbox)") from None

    def add(self, record: Any, rows: Any) -> None:
        """Append the chosen rows (a mask, or a slice for all) of a laspy point record."""
        raw = record.array
        chosen = raw["X"][rows]
        begin, self._n = self._n, self._n + len(chosen)
        here = slice(begin, self._n)
        self.xyz[here, 0] = chosen
        self.xyz[here, 1] = raw["Y"][rows]
        self.xyz[here, 2] = raw["Z"][rows]
        if self._returns is not None:
            self._returns[here] = self._packed_returns(raw, rows)
        for name, array in self._arrays.items():
            array[here] = self._take(record, name)[rows]

    def _packed_returns(self, raw: NDArray[Any], rows: Any) -> NDArray[np.uint8]:
        bits: NDArray[np.uint8] = raw["bit_fields"][rows]
        return (bits & np.uint8(7)) | ((bits & np.uint8(0x38)) << np.uint8(1)) if self._old else bits

    def _take(self, record: Any, name: str) -> NDArray[Any]:
        if name == "rgb":
            return np.stack([np.asarray(record[part]) for part in _RGB], axis=-1)
        if name == "classification" and self._old:
            return record.array["raw_classification"] & np.uint8(31)  # type: ignore[no-any-return]
        if name == "scan_angle":
            if self._old:
                return np.asarray(record["scan_angle_rank"]).astype(np.float32)
            return np.asarray(record["scan_angle"]).astype(np.float32) * np.float32(0.006)
        return np.asarray(record[name])

    def done(self) -> tuple[NDArray[np.int32], Columns]:
        """Coordinates and columns of what was added."""
        n = self._n
        arrays = {name: _part(array, n) for name, array in self._arrays.items()}
        return _part(self.xyz, n), Columns(arrays, None if self._returns is None else _part(self._returns, n))


class _EmptyPoints:
    """A record of no points, to learn the columns' types from."""

    def __init__(self, point_format: Any) -> None:
        from laspy.point.record import ScaleAwarePointRecord

        self.record = ScaleAwarePointRecord.zeros(0, point_format=point_format, scales=np.ones(3), offsets=np.zeros(3))


def _like(sample: NDArray[Any], points: int) -> NDArray[Any]:
    return np.empty((points, *sample.shape[1:]), dtype=sample.dtype)


def _part(array: NDArray[Any], n: int) -> NDArray[Any]:
    """The first n rows; copied where most of the array would be kept for nothing."""
    if n == len(array):
        return array
    return array[:n].copy() if n < len(array) // 2 else array[:n]
