"""The layout of a NetCDF classic file (CDF-1 and CDF-2): where each value lies, so that a growing file can be read.

After the NetCDF classic format specification (Unidata/UCAR).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from citymodel.errors import FormatError

TYPES = {1: np.dtype(">i1"), 2: np.dtype("S1"), 3: np.dtype(">i2"), 4: np.dtype(">i4"), 5: np.dtype(">f4"),
         6: np.dtype(">f8")}  # fmt: skip
HEADER_AT_MOST = 8 << 20
"""Bytes of a header."""
PARTS_AT_MOST = 2000
"""Dimensions, variables, or attributes of one of them."""
RECORDS_AT = 4
"""Byte at which the number of records stands."""


@dataclass(frozen=True, eq=False, slots=True)
class Variable:
    """One array of the file.

    shape : of one record where the array grows, else of the whole
    begin : byte of its first value; record : whether it grows with the record dimension
    places : byte and type of each attribute's values; size : bytes of a record or the whole, without padding
    """

    name: str
    dimensions: tuple[str, ...]
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    begin: int
    record: bool
    attributes: Mapping[str, Any]

    @property
    def size(self) -> int:
        return int(np.prod(self.shape, dtype=np.int64)) * self.dtype.itemsize


@dataclass(frozen=True, eq=False, slots=True)
class Layout:
    """Where all lies. places : of each global attribute, byte of its values, their number and type."""

    variables: Mapping[str, Variable]
    attributes: Mapping[str, Any]
    places: Mapping[str, tuple[int, int, np.dtype[Any]]]
    records: int
    record_size: int


@dataclass(slots=True)
class _Reader:
    path: Path
    data: bytes
    at: int = 0
    places: dict[str, tuple[int, int, np.dtype[Any]]] = field(default_factory=dict)

    def wrong(self, what: str) -> FormatError:
        return FormatError(self.path, f"byte {self.at}", f"{what}; get the file again from its source")

    def take(self, count: int) -> bytes:
        if count < 0 or self.at + count > len(self.data):
            raise self.wrong("the NetCDF header is cut short or broken")
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, kind: str = ">I") -> int:
        return int(struct.unpack(kind, self.take(struct.calcsize(kind)))[0])

    def padded(self, count: int) -> bytes:
        found = self.take(count)
        self.take(-count % 4)
        return found

    def name(self) -> str:
        try:
            return self.padded(self.number()).decode("utf-8")
        except UnicodeDecodeError as wrong:
            raise self.wrong("a name in the NetCDF header is no text") from wrong

    def count(self, tag: int) -> int:
        """How many of a list follow."""
        found, count = self.number(), self.number()
        if found not in (0, tag) or (found == 0 and count) or count > PARTS_AT_MOST:
            raise self.wrong("the NetCDF header is broken")
        return count

    def dtype(self) -> np.dtype[Any]:
        kind = self.number()
        if kind not in TYPES:
            raise self.wrong(f"values of type {kind} are none of NetCDF classic")
        return TYPES[kind]

    def attributes(self, keep: bool = False) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for _ in range(self.count(0x0C)):
            name, dtype, count = self.name(), self.dtype(), self.number()
            at = self.at
            raw = self.padded(count * dtype.itemsize)
            if keep:
                self.places[name] = (at, count, dtype)
            if dtype.kind == "S":
                found[name] = raw.decode("utf-8", errors="replace").rstrip(" \0")
            else:
                values = np.frombuffer(raw, dtype)
                found[name] = values[0].item() if count == 1 else values
        return found


def is_classic(head: bytes) -> bool:
    """True for CDF-1 and CDF-2."""
    return head[:3] == b"CDF" and head[3:4] in (b"\1", b"\2")


def layout(path: Path, file: BinaryIO) -> Layout:
    """Read the header; FormatError where it is broken or the file is shorter than it says."""
    size = file.seek(0, 2)
    file.seek(0)
    reader = _Reader(path, bytes(_bytes(file, 0, min(size, HEADER_AT_MOST))))
    if not is_classic(reader.take(4)):
        raise FormatError(path, "", "is no NetCDF classic file; get the file again from its source")
    offsets = ">I" if reader.data[3] == 1 else ">Q"
    records = reader.number()
    dimensions = [(reader.name(), reader.number()) for _ in range(reader.count(0x0A))]
    attributes = reader.attributes(keep=True)
    variables = {}
    for _ in range(reader.count(0x0B)):
        one = _variable(reader, dimensions, offsets)
        variables[one.name] = one
    growing = [one for one in variables.values() if one.record]
    each = growing[0].size if len(growing) == 1 else sum(one.size + -one.size % 4 for one in growing)
    if records == 0xFFFFFFFF:
        records = 0
    for one in variables.values():
        end = one.begin + one.size + (each * (records - 1) if one.record else 0)
        if one.begin < reader.at or ((records or not one.record) and end > size):
            raise FormatError(
                path, one.name, f"is cut short: {end:,} bytes are named, {size:,} are there; get it again"
            )
    return Layout(variables, attributes, reader.places, records, each)


def _variable(reader: _Reader, dimensions: list[tuple[str, int]], offsets: str) -> Variable:
    name = reader.name()
    ids = [reader.number() for _ in range(_few(reader))]
    if any(one >= len(dimensions) for one in ids):
        raise reader.wrong(f"{name} names a dimension that is not there")
    attributes, dtype = reader.attributes(), reader.dtype()
    reader.number()  # the size, which 4 bytes cannot always tell
    begin = reader.number(offsets)
    sizes = [dimensions[one][1] for one in ids]
    record = bool(sizes) and sizes[0] == 0
    if 0 in sizes[1 if record else 0 :]:
        raise reader.wrong(f"{name} grows along a dimension that is not its first")
    shape = tuple(sizes[1:] if record else sizes)
    total = dtype.itemsize
    for one in shape:
        total *= one
    if total > 1 << 40:
        raise reader.wrong(f"{name} would be {total:,} bytes large")
    return Variable(name, tuple(dimensions[one][0] for one in ids), shape, dtype, begin, record, attributes)


def _few(reader: _Reader) -> int:
    count = reader.number()
    if count > 16:
        raise reader.wrong("the NetCDF header is broken")
    return count


def values(file: BinaryIO, variable: Variable, record: int = 0, record_size: int = 0) -> NDArray[Any]:
    """An array of the file in the machine's own byte order; of a growing one, one record."""
    raw = _bytes(file, variable.begin + record * record_size, variable.size)
    found = np.frombuffer(raw, variable.dtype).reshape(variable.shape)
    return found if variable.dtype.kind == "S" else found.astype(variable.dtype.newbyteorder("="), copy=False)


def _bytes(file: Any, begin: int, count: int) -> bytearray:
    """So many bytes of the file."""
    file.seek(begin)
    raw = bytearray(count)
    view, at = memoryview(raw), 0
    while at < count:
        got = file.readinto(view[at : at + (64 << 20)])
        if not got:
            raise OSError(f"the file ends before byte {begin + count:,}")
        at += got
    return raw
