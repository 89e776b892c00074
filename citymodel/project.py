"""Project: the document on the table, its undo and redo, and its life as NAME.city on the disk."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from citymodel.document import Bookmark, Document, Source, default_style, unique_id
from citymodel.document_json import from_mapping, to_mapping
from citymodel.errors import CityModelError, CrsError, FormatError
from citymodel.jobs import Progress, part_of, silent
from citymodel.layers import Kind, Layer
from citymodel.project_results import result_entry, result_of_entry

if TYPE_CHECKING:
    from citymodel.geo import Frame

__all__ = ["Bookmark", "Document", "Project", "Source", "default_style", "load_layer", "open_data"]

Listener = Callable[[Document, Document], None]
Edit = Callable[[Document], Document]

LOCAL = "local"  # what a person gives as CRS for data that have none on purpose
_UNKNOWN = ("crs-without-epsg-code", "unknown-crs", "local-or-unknown-crs", "unreadable-crs")  # warnings of readers
MEMBERS_AT_MOST = 64
BYTES_AT_MOST = 64 << 20
RATIO_AT_MOST = 200.0


@dataclass(frozen=True, slots=True, eq=False)
class _Step:
    label: str
    document: Document
    merge: str = ""


@dataclass(slots=True, eq=False)
class Project:
    """The one mutable thing: a document, what it was before, and who wants to know.

    changed : called with (before, after) after every change, in order
    undo_bytes : data kept alive by undo and redo alone may take so much; older steps are dropped
    notices : plain lines about the last opening (a source changed or gone)
    """

    document: Document = field(default_factory=Document)
    path: Path | None = None
    undo_bytes: int = 2 << 30
    changed: list[Listener] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    _past: list[_Step] = field(default_factory=list)
    _future: list[_Step] = field(default_factory=list)
    _missing: list[Mapping[str, Any]] = field(default_factory=list)
    _saved: Document | None = None

    @property
    def undo_label(self) -> str:
        """What undo would take back, "" for nothing."""
        return self._past[-1].label if self._past else ""

    @property
    def redo_label(self) -> str:
        """What redo would do again, "" for nothing."""
        return self._future[-1].label if self._future else ""

    @property
    def modified(self) -> bool:
        """Whether the document differs from the one saved or opened last."""
        return self.document is not self._saved and bool(self.document.layers or self._past)

    def edit(self, label: str, change: Edit, merge: str = "") -> None:
        """Swap the document for ``change(document)`` and keep the old one for undo.

        Edits in a row with the same non-empty ``merge`` key are one step: a drag, a spin box.
        """
        before, after = self.document, change(self.document)
        if after is before:
            return
        if not (merge and self._past and self._past[-1].merge == merge):
            self._past.append(_Step(label, before, merge))
        self._future.clear()
        self._swap(after)

    def amend(self, change: Edit) -> None:
        """Change the document and every step of undo and redo alike: for results that arrive."""
        self._past = [replace(step, document=change(step.document)) for step in self._past]
        self._future = [replace(step, document=change(step.document)) for step in self._future]
        self._swap(change(self.document))

    def layer_ids(self) -> set[str]:
        """The ids of all layers, those of undo and redo included."""
        documents = (self.document, *(step.document for step in (*self._past, *self._future)))
        return {layer.id for document in documents for layer in document.layers}

    def undo(self) -> None:
        """Take the last edit back; nothing happens where there is none."""
        self._step(self._past, self._future)

    def redo(self) -> None:
        """Do again what undo took back."""
        self._step(self._future, self._past)

    def _step(self, source: list[_Step], target: list[_Step]) -> None:
        if source:
            step = source.pop()
            target.append(_Step(step.label, self.document))
            self._swap(step.document)

    def _swap(self, after: Document) -> None:
        before, self.document = self.document, after
        self._forget()
        for listener in tuple(self.changed):
            listener(before, after)

    def _forget(self) -> None:
        """Drop the oldest steps while undo and redo alone keep more than ``undo_bytes`` alive."""
        while self._past or self._future:
            shown = {id(layer.data) for layer in self.document.layers}
            kept = {id(x.data): x.data for s in (*self._past, *self._future) for x in s.document.layers}
            if sum(_nbytes(data) for key, data in kept.items() if key not in shown) <= self.undo_bytes:
                return
            (self._past or self._future).pop(0)

    def save(self, path: str | Path | None = None, thumbnail: bytes = b"") -> Path:
        """Write NAME.city: a zip with a readable ``project.json`` and ``thumbnail.png``; whole or not at all."""
        target = Path(path or self.path or "").absolute()
        if target.suffix != ".city":
            raise FormatError(target, "", "a project's name ends in .city; choose another name")
        results = target.with_suffix(".results")
        whole = [one for one in self.document.layers if one.kind != "result" or not one.data.provenance.get("growing")]
        layers = [_layer_entry(self.document, layer, target.parent, results) for layer in whole]
        entries = to_mapping(self.document, [*layers, *self._missing])
        text = json.dumps(entries, indent=1, ensure_ascii=False, allow_nan=False)
        with _whole(target) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("project.json", text)
            if thumbnail:
                archive.writestr("thumbnail.png", thumbnail)
        self.path, self._saved = target, self.document
        _collect(results, {name for entry in [*layers, *self._missing] for name in entry.get("files", {}).values()})
        return target

    @classmethod
    def open(cls, path: str | Path, progress: Progress = silent) -> Project:
        """Read NAME.city and the data it names; what is gone or changed stands in ``notices``."""
        path = Path(path).absolute()
        data = _project_json(path)
        try:
            document = from_mapping(data)
            entries = [dict(entry) for entry in data.get("layers", ())]
        except (TypeError, ValueError) as wrong:
            raise FormatError(path, "", str(wrong)) from wrong
        project = cls(path=path)
        for number, entry in enumerate(entries):
            share = number / len(entries)
            progress(share, str(entry.get("name", "")))
            try:
                layer, source = _layer_of_entry(entry, path, document.frame, part_of(progress, share, 1 / len(entries)))
            except CityModelError as wrong:
                project.notices.append(f"{entry.get('name', 'a layer')} could not be loaded: {wrong}")
                project._missing.append(entry)
                continue
            was = entry.get("source") or {}
            if source and was.get("sha256") and was["sha256"] != source.sha256:
                project.notices.append(f"{layer.name}: {source.path} has changed since the project was saved")
            style = document.styles.get(layer.id)
            document = document.with_layer(layer, style, source)
        if not document.zone:  # saved before projects had one
            document = replace(document, zone=zone_of(document, unknown=""))
        progress(1.0)
        project.document = project._saved = document
        return project


def load_layer(
    path: str | Path, frame: Frame | None = None, crs: str | None = None, progress: Progress = silent
) -> tuple[Layer, ...]:
    """Read a data file into the layers it holds, brought into ``frame``.

    crs : what the file's coordinates are where it does not say, "local" for none on purpose;
    without it such a file raises CrsError
    """
    from citymodel.formats import columns, las, read
    from citymodel.instances import place_instances
    from citymodel.model import CityModel

    path = Path(path).absolute()
    progress(0.0, path.name)
    data: Any = columns.kept(path)
    if data is None:
        is_las = path.suffix.lower() in las.SUFFIXES and path.is_file()
        data = read(path, columns=las.columns_to_show(path)) if is_las else read(path)
    if hasattr(data, "rio") and not bool(data.notnull().any()):
        raise FormatError(path, "", "holds no values at all; check its no-data value")
    if isinstance(data, CityModel):
        data = place_instances(data)
    progress(0.6, path.name)
    known = data_crs(data)
    if known is None and crs and crs != LOCAL:
        data = _with_crs(data, crs)
    elif known is None and crs is None and (frame is None or frame.crs is not None):
        raise CrsError(f"{path}: {_nameless(data)}; say which it is with --crs, such as EPSG:25833, or local for none")
    if frame is not None and frame.crs is not None and data_crs(data) is not None:
        data = _brought(data, frame)
    progress(1.0, path.name)
    kind = _kind(data, path)
    if kind == "result" and hasattr(data, "rio"):
        data = _hours_result(data, path)
    name = path.stem.removesuffix(".city")  # NAME.city.json
    return (Layer(unique_id(path.stem, ()), name, kind, data, source=str(path)),)


def open_data(paths: Sequence[str | Path], crs: str | None = None, progress: Progress = silent) -> Document:
    """A document of data files; the frame is made around the first file that has a CRS."""
    document = Document(name=Path(paths[0]).stem if paths else "")
    for number, path in enumerate(paths):
        step = part_of(progress, number / len(paths), 1 / len(paths))
        document = add_data(document, path, crs, step)
    return document


def add_data(document: Document, path: str | Path, crs: str | None = None, progress: Progress = silent) -> Document:
    """The document with the layers of one more data file on top."""
    layers = load_layer(path, document.frame, crs, progress)
    source = source_of(path, crs)
    return add_layers(document, layers, source)


def add_layers(document: Document, layers: Sequence[Layer], source: Source | None = None) -> Document:
    """The document with these layers on top; the first layer of a project makes its frame."""
    for layer in layers:
        first = document.frame is None
        if first:
            frame = _frame_for(layer.data, layer.source or layer.name)
            document = replace(document, frame=frame, name=document.name or layer.name)
        if document.frame and document.frame.crs and data_crs(layer.data) not in (None, document.frame.crs):
            layer = replace(layer, data=_brought(layer.data, document.frame))
        if first and not document.zone:
            document = replace(document, zone=zone_of(replace(document, layers=(layer,)), unknown=""))
        document = document.with_layer(layer, None, source)
    return document


def zone_of(document: Document, unknown: str = "UTC") -> str:
    """The time zone of the data, guessed from their place; ``unknown`` where that says nothing."""
    from citymodel.timezones import zone_of_crs

    boxes = [box for box in (data_bounds(one.data) for one in document.layers) if box is not None]
    if document.frame is None or document.frame.crs is None or not boxes:
        return unknown
    return zone_of_crs(document.frame.crs, (boxes[0][0] + boxes[0][3]) / 2, (boxes[0][1] + boxes[0][4]) / 2)


def source_of(path: str | Path, crs: str | None = None) -> Source:
    """Size and hash of a file as it is now."""
    path = Path(path).absolute()
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return Source(str(path), path.stat().st_size, digest.hexdigest(), crs)


def _brought(data: Any, frame: Frame) -> Any:
    """The data in the frame's CRS; a result is computed in the system that it stays in."""
    if not hasattr(data, "fields"):
        return frame.bring(data)
    from citymodel.project_results import check_system

    check_system(data, data_crs(data), frame.crs)
    return data


def data_crs(data: Any) -> str | None:
    """The CRS of a model, a cloud, a raster or a result's maps, None where it says nothing."""
    if hasattr(data, "fields"):
        maps = (one.data for one in data.fields.values() if hasattr(one.data, "rio"))
        return next((data_crs(one) for one in maps), None)
    if hasattr(data, "rio"):
        from citymodel.geo import normalise_crs

        found = data.rio.crs
        return None if found is None else normalise_crs(found.to_string())[0]
    crs: str | None = getattr(data, "crs", None)
    return crs


def data_bounds(data: Any) -> tuple[float, float, float, float, float, float] | None:
    """(xmin, ymin, zmin, xmax, ymax, zmax) of a model, a cloud, a raster or a result in its CRS."""
    if hasattr(data, "fields"):
        rasters = [one.data for one in data.fields.values() if hasattr(one.data, "rio")]
        return data_bounds(rasters[0]) if rasters else None
    if hasattr(data, "rio"):
        left, bottom, right, top = (float(v) for v in data.rio.bounds())
        low, high = float(data.min()), float(data.max())
        return (left, bottom, low, right, top, high)
    found: tuple[float, float, float, float, float, float] | None = data.bounds()
    return found


def _with_crs(data: Any, crs: str) -> Any:
    from citymodel.geo import normalise_crs

    known, _ = normalise_crs(crs)
    if known is None:
        raise CrsError(f"{crs!r} is no known coordinate system; give one such as EPSG:25833")
    if hasattr(data, "rio"):
        return data.rio.write_crs(known)
    return replace(data, crs=known)


def _nameless(data: Any) -> str:
    """What a file without a known coordinate system says of it."""
    if hasattr(data, "rio"):
        said = data.rio.crs is not None
    else:
        report = getattr(data, "report", None)
        said = report is not None and any(code in report.counts for code in _UNKNOWN)
    return "names a coordinate system that EPSG does not know" if said else "does not say its coordinate system"


def _frame_for(data: Any, source: str) -> Frame:
    from citymodel.geo import Frame

    bounds = data_bounds(data)
    if bounds is None:
        raise FormatError(source, "", "holds nothing with coordinates; open another file first")
    return Frame.around(bounds, data_crs(data))


def _kind(data: Any, path: Path) -> Kind:
    if hasattr(data, "xyz"):
        return "points"
    if hasattr(data, "fields"):
        return "result"
    if hasattr(data, "vertices"):
        return "city"
    if hasattr(data, "geometry"):
        return "areas"
    if getattr(data, "attrs", {}).get("units") == "h":
        return "result"
    words = f"{path.stem} {getattr(data, 'attrs', {}).get('long_name', '')}".lower()
    return "surface" if any(word in words for word in ("dsm", "surface", "ndsm", "chm")) else "terrain"


def _hours_result(data: Any, path: Path) -> Any:
    """Hours of sun that a file holds, as a result to drape, with the title and notes it was written with."""
    from citymodel.legends import HOURS, HOURS_DIFFERENCE
    from citymodel.results import Field, Result

    try:
        said = json.loads(data.attrs.get("provenance") or "{}", parse_constant=_no_constant)
    except ValueError:
        said = {}
    facts = dict(said) if isinstance(said, Mapping) else {}
    notes = facts.pop("notes", ())
    title = str(facts.pop("title", "") or f"Hours of sun, {path.stem}")
    change = float(data.min()) < 0.0
    name = "sun_hours_difference" if change else "sun_hours"
    heading = str(data.attrs.get("long_name") or "hours of sun")
    field = Field(name, heading[:1].upper() + heading[1:], "h", data, HOURS_DIFFERENCE if change else HOURS)
    lines = [str(line) for line in notes] if isinstance(notes, list) else []
    return Result("shadow", title, {name: field}, {**facts, "file": path.name}, lines)


def _nbytes(data: Any) -> int:
    """Bytes of the arrays that a layer's data hold, without what they nest."""
    if hasattr(data, "nbytes"):
        return int(data.nbytes)
    if hasattr(data, "fields"):
        return sum(_nbytes(one.data) for one in data.fields.values())
    names = getattr(data, "__slots__", ())
    arrays = [getattr(data, name) for name in names]
    columns = [value for one in arrays if isinstance(one, Mapping) for value in one.values()]
    return sum(int(one.nbytes) for one in (*arrays, *columns) if hasattr(one, "nbytes"))


# --- the file ---


def _layer_entry(document: Document, layer: Layer, folder: Path, results: Path) -> dict[str, Any]:
    entry: dict[str, Any] = {"id": layer.id, "name": layer.name, "kind": layer.kind, "licence": layer.licence}
    if layer.kind == "result":
        return entry | result_entry(layer.data, results)
    source = document.sources.get(layer.id) or Source(layer.source)
    if not source.path:
        raise FormatError(layer.name, "", "was made here and is in no file; export it first, then save")
    path = Path(source.path)
    with contextlib.suppress(ValueError):  # another drive on Windows has no relative path
        path = Path(os.path.relpath(path, folder))
    facts = {"path": path.as_posix(), "size": source.size, "sha256": source.sha256, "crs": source.crs}
    return entry | {"source": facts}


def _layer_of_entry(
    entry: Mapping[str, Any], project: Path, frame: Frame | None, progress: Progress
) -> tuple[Layer, Source | None]:
    if entry.get("kind") == "result":
        data = result_of_entry(entry, project.with_suffix(".results"))
        return Layer(str(entry["id"]), str(entry["name"]), "result", data), None
    facts = entry.get("source")
    if not isinstance(facts, Mapping) or not isinstance(facts.get("path"), str):
        raise FormatError(project, str(entry.get("name", "")), "names no source file")
    if "://" in facts["path"] or facts["path"].startswith(("//", "\\\\")):
        raise FormatError(project, facts["path"], "is on the network; copy the file here and add it again")
    path = Path(os.path.normpath(project.parent / facts["path"]))
    layers = load_layer(path, frame, facts.get("crs"), progress)
    found = replace(layers[0], id=str(entry["id"]), name=str(entry["name"]), licence=str(entry.get("licence", "")))
    return found, source_of(path, facts.get("crs"))


def _project_json(path: Path) -> Mapping[str, Any]:
    """``project.json`` of a .city file, after the zip was found harmless."""
    try:
        with zipfile.ZipFile(path) as archive:
            _check_members(path, archive.infolist())
            text = archive.read("project.json")
        data = json.loads(text, parse_constant=_no_constant)
    except FileNotFoundError as gone:
        raise FormatError(path, "", "there is no such file; check the name and the folder") from gone
    except (zipfile.BadZipFile, KeyError, EOFError, NotImplementedError) as wrong:
        raise FormatError(path, "", "is no citymodel project, or is cut short; open its backup") from wrong
    except (ValueError, RecursionError) as wrong:
        raise FormatError(path, "project.json", f"is not readable JSON: {wrong}") from wrong
    if not isinstance(data, Mapping):
        raise FormatError(path, "project.json", "holds no project")
    return data


def _check_members(path: Path, members: Iterable[zipfile.ZipInfo]) -> None:
    total, count = 0, 0
    for one in members:
        count, total = count + 1, total + one.file_size
        parts = one.filename.replace("\\", "/").split("/")
        if ".." in parts or one.filename.startswith(("/", "\\")) or ":" in parts[0]:
            raise FormatError(path, one.filename, "points out of the project; the file is not safe to open")
        if one.file_size > max(one.compress_size, 1) * RATIO_AT_MOST and one.file_size > 1 << 20:
            raise FormatError(path, one.filename, f"unpacks to {one.file_size:,} bytes; the file is not safe to open")
    if total > BYTES_AT_MOST or count > MEMBERS_AT_MOST:
        raise FormatError(path, "", f"unpacks to {total:,} bytes in {count} parts; the file is not safe to open")


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number")


@contextlib.contextmanager
def _whole(target: Path) -> Any:
    """A file beside ``target`` that takes its name at the end, or vanishes."""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.stem}.", suffix=".part", dir=target.parent)
    except OSError as wrong:
        raise FormatError(target, "", f"cannot be written: {wrong.strerror}; choose another folder") from wrong
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _rename(part, target)
    finally:
        part.unlink(missing_ok=True)


def _rename(part: Path, target: Path) -> None:
    """Windows refuses while a scanner or a viewer holds the old file; it lets go within a moment."""
    for attempt in range(5):
        try:
            part.replace(target)
            return
        except PermissionError:
            if attempt == 4:
                raise
            time.sleep(0.1 * 2**attempt)


def _collect(folder: Path, used: set[str]) -> None:
    """Remove results that no layer names any more; only after a save went well."""
    if folder.is_dir():
        for path in (one for end in (".tif", ".nc") for one in folder.glob("[0-9a-f]" * 24 + end)):
            if path.name not in used:
                with contextlib.suppress(PermissionError):  # Windows keeps what somebody still looks at
                    path.unlink(missing_ok=True)
