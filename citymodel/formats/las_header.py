"""The header and variable length records of LAS and LAZ files, checked against the file's size.

Nothing is allocated by a count from the file before that count was found to fit into the file.
Layouts: ASPRS LAS 1.4 R15; the LASzip record: M. Isenburg, LASzip (2013).
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from citymodel.errors import FormatError
from citymodel.report import Report

_HEADER_SIZES = {(1, 0): 227, (1, 1): 227, (1, 2): 227, (1, 3): 235, (1, 4): 375}
_RECORD_SIZES = (20, 28, 26, 34, 57, 63, 30, 36, 38, 59, 67)  # bytes of a point, by point format
_VLR, _EVLR = 54, 60
_RECORDS_KEPT = 1 << 20  # bytes of one record that we read (WKT, GeoKeys, LASzip)
_CHUNKED = 0xFFFFFFFF  # LASzip chunk size: chunks of varying length (COPC)
_LARGEST_CHUNK = 100_000_000  # points
_LAYERS = {10: 9, 11: 1, 12: 2, 13: 1}  # of points, colour, colour with infrared, wave packets; extra bytes: one each
_AGAIN = "get the file again from its source"


@dataclass(frozen=True, slots=True)
class Laszip:
    """The LASzip record.

    compressor : 1 pointwise, 2 pointwise in chunks, 3 layered in chunks
    layers : streams of bytes a layered chunk holds
    """

    compressor: int
    chunk_size: int
    layers: int


@dataclass(frozen=True, slots=True)
class LasHeader:
    """What the first bytes say, checked.

    points : number of points; record : bytes a point; start : byte of the first point
    records : (user id, record id) → content; empty for records of more than 1 MiB
    laszip : None for uncompressed points; copc : the file begins as a COPC
    """

    version: tuple[int, int]
    point_format: int
    record: int
    points: int
    start: int
    scale: tuple[float, float, float]
    offset: tuple[float, float, float]
    low: tuple[float, float, float]
    high: tuple[float, float, float]
    wkt_says: bool
    laszip: Laszip | None
    copc: bool
    records: dict[tuple[str, int], bytes] = field(default_factory=dict)

    @property
    def encoding(self) -> str:
        return "COPC" if self.copc else "LAZ" if self.laszip else "LAS"


def read_header(path: Path, report: Report) -> LasHeader:
    """Read and check everything but the points; FormatError where the file cannot be what it says."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(375)
        version, header_size, start, vlrs = _first_fields(path, head, size)
        point_format, record, points, compressed = _point_fields(path, head, version)
        records = dict(_walk_vlrs(path, file, header_size, start, vlrs))
        if version >= (1, 4):
            records |= _walk_evlrs(path, file, head, size, report)
        header = LasHeader(
            version, point_format, record, points, start,
            scale=struct.unpack_from("<3d", head, 131), offset=struct.unpack_from("<3d", head, 155),
            low=struct.unpack_from("<6d", head, 179)[1::2], high=struct.unpack_from("<6d", head, 179)[0::2],
            wkt_says=bool(struct.unpack_from("<H", head, 6)[0] & 16),
            laszip=_laszip(path, records, record) if compressed else None, copc=("copc", 1) in records, records=records,
        )  # fmt: skip
        _check_scale(path, header)
        _check_points(path, file, header, size)
    return header


def _check_scale(path: Path, header: LasHeader) -> None:
    numbers = (*header.scale, *header.offset)
    if header.points and not (all(map(math.isfinite, numbers)) and all(header.scale)):
        said = " ".join(f"{number:g}" for number in numbers)
        raise FormatError(path, "byte 131", f"says scale and offset {said}, which place no point; {_AGAIN}")


def _first_fields(path: Path, head: bytes, size: int) -> tuple[tuple[int, int], int, int, int]:
    """Version, header size, byte of the first point, number of records; each fits the others."""
    if head[:4] != b"LASF":
        raise FormatError(path, "byte 0", "does not begin with LASF; this is no LAS or LAZ file")
    if len(head) < 227:
        raise FormatError(path, "", f"is cut short: {size:,} bytes, where a LAS header alone takes 227; {_AGAIN}")
    version = (head[24], head[25])
    if version not in _HEADER_SIZES:
        raise FormatError(path, "byte 24", f"says LAS {version[0]}.{version[1]}; known are 1.0 to 1.4")
    header_size, start, vlrs = struct.unpack_from("<HII", head, 94)
    if header_size < _HEADER_SIZES[version]:
        least = _HEADER_SIZES[version]
        raise FormatError(path, "byte 94", f"says the header has {header_size} bytes; LAS 1.{version[1]} takes {least}")
    if start > size or header_size > start:
        what = f"says the points begin at byte {start:,}; the header ends at {header_size:,}, the file at {size:,}"
        raise FormatError(path, "byte 96", f"{what}; {_AGAIN}")
    if vlrs * _VLR > start - header_size:
        room = (start - header_size) // _VLR
        raise FormatError(path, "byte 100", f"says {vlrs:,} records follow the header, there is room for {room:,}")
    return version, header_size, start, vlrs


def _point_fields(path: Path, head: bytes, version: tuple[int, int]) -> tuple[int, int, int, bool]:
    """Point format, bytes a point, number of points, compressed or not."""
    coded, record, points = struct.unpack_from("<BHI", head, 104)
    point_format, compressed = coded & 0x3F, bool(coded & 0xC0)
    if point_format >= len(_RECORD_SIZES):
        raise FormatError(path, "byte 104", f"says point format {point_format}; known are 0 to 10")
    if record < _RECORD_SIZES[point_format]:
        least = _RECORD_SIZES[point_format]
        raise FormatError(path, "byte 105", f"says {record} bytes a point; point format {point_format} takes {least}")
    if version >= (1, 4):
        points = struct.unpack_from("<Q", head, 247)[0] or points
    return point_format, record, points, compressed


def _walk_vlrs(
    path: Path, file: IO[bytes], begin: int, end: int, count: int
) -> Iterator[tuple[tuple[str, int], bytes]]:
    for k in range(count):
        if begin + _VLR > end:
            raise FormatError(path, "byte 100", f"says {count} records follow the header, there are {k}; {_AGAIN}")
        file.seek(begin)
        user, number, length = struct.unpack_from("<2x16sHH", file.read(_VLR))
        begin += _VLR + length
        if begin > end:
            raise FormatError(path, f"record {k + 1} of {count}", f"of {length:,} bytes runs into the points; {_AGAIN}")
        yield (_name(user), number), file.read(length)


def _walk_evlrs(path: Path, file: IO[bytes], head: bytes, size: int, report: Report) -> dict[tuple[str, int], bytes]:
    """Records behind the points. They are extras: what does not fit is a warning, the points still read."""
    begin, count = struct.unpack_from("<QI", head, 235)
    found: dict[tuple[str, int], bytes] = {}
    if count and (begin > size or count * _EVLR > size - begin):
        report.add("evlr-beyond-the-file", f"{count:,} records from byte {begin:,}, the file ends at {size:,}")
        return found
    for k in range(count):
        file.seek(begin)
        user, number, length = struct.unpack_from("<2x16sHQ", file.read(_EVLR).ljust(_EVLR, b"\0"))
        if begin + _EVLR + length > size:
            report.add("evlr-beyond-the-file", f"record {k + 1} of {count}, {length:,} bytes from byte {begin:,}")
            break
        found[_name(user), number] = file.read(length) if length <= _RECORDS_KEPT else b""
        begin += _EVLR + length
    return found


def _name(raw: bytes) -> str:
    return raw.split(b"\0", 1)[0].decode("latin-1").strip()


def _laszip(path: Path, records: dict[tuple[str, int], bytes], record: int) -> Laszip:
    """The decoder makes buffers of the sizes that stand here, so each is held against the header."""
    content, where = records.get(("laszip encoded", 22204), b""), "LASzip record"
    if len(content) < 34:
        raise FormatError(path, "", "says its points are compressed and has no LASzip record; " + _AGAIN)
    compressor, chunk_size, items = struct.unpack_from("<H10xI16xH", content)
    if compressor not in (1, 2, 3):
        raise FormatError(path, where, f"says compressor {compressor}; known are 1 to 3")
    if chunk_size > _LARGEST_CHUNK and chunk_size != _CHUNKED:
        raise FormatError(
            path, where, f"says chunks of {chunk_size:,} points; citymodel reads up to {_LARGEST_CHUNK:,}"
        )
    parts = [struct.unpack_from("<2H", content, 34 + 6 * k) for k in range(min(items, len(content) // 6 - 5))]
    described = sum(length for _, length in parts)
    if described != record:
        raise FormatError(path, where, f"describes points of {described:,} bytes, the header of {record:,}; {_AGAIN}")
    return Laszip(compressor, chunk_size, sum(_LAYERS.get(kind, length) for kind, length in parts))


def _check_points(path: Path, file: IO[bytes], header: LasHeader, size: int) -> None:
    """The file is long enough for the points that the header promises."""
    if header.laszip is not None:
        if header.points and header.laszip.compressor > 1:
            _check_chunks(path, file, header, header.laszip, size)
        return
    present = (size - header.start) // header.record
    if present < header.points:
        what = f"is cut short: {present:,} of {header.points:,} points are present"
        raise FormatError(path, "", f"{what}; {_AGAIN}")


def _check_chunks(path: Path, file: IO[bytes], header: LasHeader, laszip: Laszip, size: int) -> None:
    """The chunk table stands where the first bytes say, and names enough chunks."""
    lost = f"{header.points:,} points are promised"
    file.seek(header.start)
    raw = file.read(8)
    if len(raw) < 8:
        raise FormatError(path, "", f"is cut short: none of {header.points:,} points is present; {_AGAIN}")
    table = struct.unpack("<q", raw)[0]
    if table == -1:  # written to a stream: the place of the table is the file's last eight bytes
        file.seek(-8, 2)
        table = struct.unpack("<q", file.read(8))[0]
    if table < header.start + 8:
        raise FormatError(path, f"byte {header.start:,}", f"names no chunk table, {lost}; {_AGAIN}")
    if table + 8 > size:
        share = (size - header.start - 8) / max(table - header.start - 8, 1)
        about = f"about {int(share * header.points):,} of {header.points:,} points are present"
        raise FormatError(path, "", f"is cut short: {size:,} of {table:,} bytes and more, {about}; {_AGAIN}")
    file.seek(table)
    chunks = struct.unpack("<4xI", file.read(8))[0]
    if chunks * header.record > size:
        raise FormatError(path, f"byte {table:,}", f"says {chunks:,} chunks of points; {size:,} bytes cannot hold them")
    if laszip.chunk_size not in (0, _CHUNKED) and chunks * laszip.chunk_size < header.points:
        held = f"{chunks:,} chunks of {laszip.chunk_size:,} points"
        raise FormatError(path, "", f"is cut short: {held} are present, {lost}; {_AGAIN}")


def check_layers(path: Path, file: IO[bytes], header: LasHeader, begin: int, lengths: Sequence[int]) -> None:
    """Each layered chunk's streams fit into the chunk; the decoder makes buffers of the sizes that stand there.

    begin : byte of the first chunk; lengths : bytes of each chunk
    """
    if header.laszip is None or header.laszip.compressor != 3:
        return
    table = struct.Struct(f"<4x{header.laszip.layers}I")  # behind the first point: number of points, bytes a stream
    for k, length in enumerate(lengths):
        file.seek(begin + header.record)
        raw = file.read(table.size)
        named = sum(table.unpack(raw)) if len(raw) == table.size else 0
        if length and header.record + table.size + named > length:
            what = f"names streams of {named:,} bytes, the chunk has {length:,}; {_AGAIN}"
            raise FormatError(path, f"chunk {k + 1} of {len(lengths)}", what)
        begin += length
