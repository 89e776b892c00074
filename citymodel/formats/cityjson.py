"""CityJSON 1.0, 1.1, 2.0 and CityJSONSeq: the format's door."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from citymodel.errors import FormatError
from citymodel.formats.cityjson_reader import Reader
from citymodel.formats.cityjson_writer import feature_lines, whole_city
from citymodel.formats.model_info import model_info
from citymodel.formats.whole_file import whole_file
from citymodel.geo import parse_crs
from citymodel.jobs import Progress, silent
from citymodel.model import CityModel

NAME = "CityJSON"
SUFFIXES = (".json", ".jsonl")
_BLANK = b" \t\r\n\x1e"  # with the record separator of RFC 8142, which some sequences have
_BROKEN = (TypeError, ValueError, KeyError, IndexError, AttributeError, OverflowError, RecursionError)


def sniff(head: bytes, path: Path) -> bool:
    """JSON that calls itself CityJSON, or that has the suffix and begins as an object."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip(_BLANK)
    return text.startswith(b"{") and (b'"CityJSON' in text or path.suffix.lower() in SUFFIXES)


def read(
    path: str | Path,
    *,
    bbox: Sequence[float] | None = None,
    lod: str | int | float | None = None,
    types: Iterable[str] | str | None = None,
    crs: str | None = None,
    progress: Progress = silent,
    **_: Any,
) -> CityModel:
    """Read CityJSON or CityJSONSeq.

    Parameters
    ----------
    bbox : (xmin, ymin, xmax, ymax) in the file's CRS, x east; keeps top-level objects that reach into it
    lod : keeps geometry of this level only
    types : keeps top-level objects of these class names only ("Building")
    crs : "EPSG:H[+V]" for a file that names none or a wrong one
    """
    path = Path(path)
    reader = Reader(NAME)
    for number, (line, document) in enumerate(_documents(path, progress)):
        try:
            reader.document(document, first=number == 0)
        except _BROKEN as error:
            place = ": ".join(part for part in (f"line {line}" if line else "", reader.place) if part)
            raise FormatError(path, place, _reason(error)) from error
    progress(0.9, "joining vertices")
    try:
        model = reader.finish()
    except _BROKEN as error:
        raise FormatError(path, reader.place, _reason(error)) from error
    if crs is not None:
        model = dataclasses.replace(model, crs=parse_crs(crs))
    if bbox is None and lod is None and types is None:
        return model
    from citymodel.subset import subset

    return subset(model, bbox=bbox, lod=lod, types=types)


def info(path: str | Path) -> dict[str, Any]:
    """The contract's mapping of a CityJSON file."""
    return model_info(read(path))


def write(model: CityModel, path: str | Path, **_options: Any) -> None:
    """Write CityJSON 2.0; a name that ends in .jsonl gets CityJSONSeq."""
    import orjson

    path = Path(path)
    if not isinstance(model, CityModel):
        raise FormatError(path, "", "CityJSON holds city models only; choose .laz for points and .tif for rasters")
    try:
        with whole_file(path) as part, part.open("wb") as file:
            if path.suffix.lower() == ".jsonl":
                for line in feature_lines(model):
                    file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS))
            else:
                file.write(orjson.dumps(whole_city(model), option=orjson.OPT_NON_STR_KEYS))
    except TypeError as error:
        raise FormatError(path, "", f"an attribute cannot be written as JSON ({error})") from error


def _documents(path: Path, progress: Progress) -> Iterator[tuple[int, Any]]:
    """(line, parsed JSON) of each document; line 0 where the file is one document."""
    import orjson

    content = path.read_bytes().removeprefix(b"\xef\xbb\xbf").lstrip(_BLANK)
    if not content.strip():
        raise FormatError(path, "", "is empty; get the file again from its source")
    progress(0.1, "reading JSON")
    first, _, rest = content.partition(b"\n")
    if rest.strip():
        try:
            orjson.loads(first)
        except orjson.JSONDecodeError:
            pass
        else:
            del content, rest
            yield from _lines(path, progress)
            return
    yield 0, _parse(path, content, 0)


def _lines(path: Path, progress: Progress) -> Iterator[tuple[int, Any]]:
    """CityJSONSeq, a line at a time."""
    size, done = max(path.stat().st_size, 1), 0
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            done += len(line)
            if number % 500 == 0:
                progress(0.1 + 0.8 * done / size, f"line {number}")
            text = line.removeprefix(b"\xef\xbb\xbf").strip(_BLANK)
            if text:
                yield number, _parse(path, text, number)


def _parse(path: Path, text: bytes, line: int) -> Any:
    import orjson

    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        where = f"line {line}" if line else f"line {error.lineno}"
        reason = str(error).partition(": line")[0]
        raise FormatError(path, where, f"is no valid JSON: {reason}; get the file again from its source") from None


def _reason(error: Exception) -> str:
    """What is wrong, for a person."""
    text = " ".join(str(error).split())[:160]
    if type(error) is ValueError and text:
        return text
    if isinstance(error, IndexError):
        return "an index points past the end of its list; the file is broken, get it again from its source"
    return f"is not built as CityJSON demands ({type(error).__name__}: {text}); check it with a schema validator"
