"""Desk: the project on the table, what is selected, what time it is, and the jobs that serve them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from PySide6.QtCore import QObject, Signal

from citymodel.document import Document, Source
from citymodel.errors import Cancelled, CrsError
from citymodel.jobs import Job
from citymodel.project import Edit, Project, add_layers, load_layer, source_of
from gui.bridge import Bridge
from gui.words import tr

Selection = tuple[str, str]  # layer id, object id ("" the layer itself)
Wanted = tuple[Path, str | None]  # a file, and the CRS a person gave for it


@dataclass(frozen=True, eq=False, slots=True)
class _Added:
    """A file's layers as a document of their own."""

    path: Path
    alone: Document
    source: Source


@dataclass(frozen=True, eq=False, slots=True)
class _Loaded:
    """What a load brought, and the file at which it stopped."""

    added: Sequence[_Added]
    failed: Wanted | None = None
    error: Exception | None = None
    left: Sequence[Wanted] = field(default_factory=tuple)


class Desk(QObject):
    """The window's one source of truth; panels read it, and change it through it.

    document_changed(before, after), project_opened(), selection_changed(),
    moment_changed() when the clock or a flood's own count of seconds moves,
    scene_resolved((document, state, the two sides of a swipe or None)), noticed(text, is a warning), crs_wanted(path)
    """

    document_changed = Signal(object, object)
    project_opened = Signal()
    selection_changed = Signal()
    moment_changed = Signal()
    scene_resolved = Signal(object)
    noticed = Signal(str, bool)
    crs_wanted = Signal(str)
    opened = Signal(str)

    def __init__(self, moment: datetime, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.bridge = Bridge(self)
        self.project = Project()
        self.project.changed.append(self._changed)
        self.selection: Selection | None = None
        self.moment = moment
        self.elapsed: float | None = None  # seconds since the start of a flood without a clock, None without one
        self.shader: Callable[[Document, datetime], Any] | None = None  # called in a worker
        self.drape: Any = None  # a tool's, before all others
        self._pins: dict[str, tuple[Any, ...]] = {}  # by who set them
        self._marks: dict[str, frozenset[str]] = {}
        self.prepare: Callable[[Any], None] = lambda state: None  # the view's, called in a worker
        self.split: Callable[[Document, datetime, Any], Any] | None = None  # of two sides at once, in a worker
        self._waiting: list[Wanted] = []
        self._unplaced: list[Path] = []  # files that do not say their CRS
        self._name = ""
        self._loading = False
        self._load_job: Job | None = None
        self.bridge.job_ended.connect(self._job_ended)
        self._resolving = False
        self._stale = False

    @property
    def document(self) -> Document:
        return self.project.document

    # --- the document ---

    def edit(self, label: str, change: Edit, merge: str = "") -> None:
        """One undoable step; a refusal is said, nothing changes."""
        try:
            self.project.edit(label, change, merge)
        except ValueError as wrong:
            self.noticed.emit(str(wrong), True)

    def _changed(self, before: Document, after: Document) -> None:
        if self.selection and all(layer.id != self.selection[0] for layer in after.layers):
            scenario = after.scenario
            if scenario is None or scenario.layer_id != self.selection[0]:
                self.select(None)
        if after.zone and after.zone != str(self.moment.tzinfo):  # the hands of the clock stay where they are
            self.set_moment(self.moment.replace(tzinfo=ZoneInfo(after.zone)))
        self.document_changed.emit(before, after)
        self.refresh()

    def use(self, project: Project) -> None:
        """Put another project on the table."""
        before = self.document
        self.project.changed.clear()
        self.project = project
        project.changed.append(self._changed)
        self.selection = self.elapsed = None
        self.project_opened.emit()
        self._changed(before, project.document)
        self.selection_changed.emit()
        for notice in project.notices:
            self.noticed.emit(notice, True)

    def select(self, selection: Selection | None) -> None:
        """Select an object, a layer or nothing."""
        if selection != self.selection:
            self.selection = selection
            self.selection_changed.emit()
            self.refresh()

    def set_moment(self, moment: datetime) -> None:
        """Move the clock; this is no undo step."""
        # Berlin's and Warsaw's noon are one instant, and yet another clock
        if moment != self.moment or moment.tzinfo != self.moment.tzinfo:
            self.moment = moment
            self.moment_changed.emit()
            self.refresh()

    def set_elapsed(self, seconds: float | None) -> None:
        """Show a flood without a clock so many seconds after its start; None for no such flood.

        The sun stays where the clock has it.
        """
        if seconds != self.elapsed:
            self.elapsed = seconds
            self.moment_changed.emit()
            self.refresh()

    def set_zone(self, zone: str) -> None:
        """The project's clock is of that zone from now on."""
        if zone != self.document.zone:
            self.edit(tr("Time zone {name}", name=zone.replace("_", " ")), lambda d: replace(d, zone=zone))

    @property
    def pins(self) -> tuple[Any, ...]:
        """All pins on the city."""
        return tuple(pin for some in self._pins.values() for pin in some)

    def set_pins(self, owner: str, pins: tuple[Any, ...]) -> None:
        """Show these pins of a tool on the city; they are no part of the document."""
        if pins != self._pins.get(owner, ()):
            self._pins[owner] = pins
            self.refresh()

    def set_marks(self, owner: str, ids: frozenset[str]) -> None:
        """Show these objects as selected on behalf of a tool, beside what is selected."""
        if ids != self._marks.get(owner, frozenset()):
            self._marks[owner] = ids
            self.refresh()

    def lay(self, owner: str, drape: Any, pins: tuple[Any, ...]) -> None:
        """Lay a tool's drape on the city together with its pins, in one picture; None for no drape."""
        if drape is not self.drape or pins != self._pins.get(owner, ()):
            self.drape, self._pins[owner] = drape, pins
            self.refresh()

    @property
    def shows_result(self) -> bool:
        """Whether a result lies on the ground; its colours stand pure, without cast shadows."""
        document = self.document
        return any(one.kind == "result" and document.style(one.id).visible for one in document.layers)

    # --- the picture ---

    def refresh(self) -> None:
        """Work out the picture anew in a worker; of many wishes in a row only the last is drawn."""
        if self._resolving:
            self._stale = True
            return
        self._resolving, self._stale = True, False
        document, moment, selection, pins = self.document, self.moment, self.selection, self.pins
        laid, elapsed = self.drape, self.elapsed
        marked = frozenset(("", one) for ids in self._marks.values() for one in ids)
        shader = None if self.shows_result else self.shader  # a result's colours have to stand pure
        split = self.split

        def work(job: Job) -> Any:
            from citymodel.scene.state import View, resolve

            drape = laid if laid is not None else shader(document, moment) if shader is not None else None
            chosen = frozenset({selection}) if selection and selection[1] else frozenset()
            view = View(camera=None, selection=chosen | marked, drape=drape, pins=pins, seconds=elapsed)
            state = resolve(document, moment, view)
            sides = split(document, moment, view) if split is not None else None
            if sides is None:
                self.prepare(state)
            return document, state, sides

        self.bridge.start("", work, self._resolved, self._unresolved)

    def _resolved(self, result: Any) -> None:
        self._resolving = False
        self.scene_resolved.emit(result)
        if self._stale:
            self.refresh()

    def _unresolved(self, error: BaseException) -> None:
        self._resolving = False
        self.noticed.emit(tr("The picture could not be drawn: {why}", why=error), True)

    # --- files ---

    def open_paths(self, paths: Sequence[str | Path], crs: str | None = None, name: str = "") -> None:
        """Open a project, or add data files one after the other; ``name`` is that of a new project."""
        self._name = name
        every = [Path(path) for path in paths]
        projects = [path for path in every if path.suffix == ".city"]
        self._waiting += [(path, crs) for path in every if path not in projects]
        if projects:
            self._open_project(projects[-1])  # data given with a project are added to it
        else:
            self._load_next()

    def _open_project(self, path: Path) -> None:
        def done(project: Project) -> None:
            self.use(project)
            self.opened.emit(str(path))
            self._load_next()

        name = tr("Open {name}", name=path.name)
        self.bridge.start(name, lambda job: Project.open(path, job), done, self._refused)

    def _load_next(self) -> None:
        """Load what waits in one job and add it in one step; a file that fails is said, the rest goes on."""
        if self._loading:
            return
        if not self._waiting:
            asked, self._unplaced = self._unplaced, []
            for path in asked:  # only now: the CRS of a file that came with them is the likeliest answer
                self.crs_wanted.emit(str(path))
            return
        self._loading = True
        batch, frame, project = list(self._waiting), self.document.frame, self.project
        self._waiting.clear()

        def work(job: Job) -> _Loaded:
            added: list[_Added] = []
            at = frame
            for number, (path, crs) in enumerate(batch):
                begin, share = number / len(batch), 0.9 / len(batch)
                try:
                    layers = load_layer(path, at, crs, lambda done, text="", b=begin, s=share: job(b + s * done, text))
                except Cancelled:
                    raise
                except Exception as error:
                    if not added:
                        raise  # the job itself has failed, and its row shows the details
                    return _Loaded(added, batch[number], error, batch[number + 1 :])
                alone = add_layers(Document(frame=at), layers)
                at = alone.frame
                added.append(_Added(path, alone, source_of(path, crs)))
            return _Loaded(added)

        def done(result: _Loaded) -> None:
            self._loading = False
            if project is not self.project:  # another one was opened meanwhile, in another frame
                self._load_next()
                return
            self._waiting[:0] = result.left
            if result.added:
                self.edit(self._words_for(result.added), lambda document: self._with(document, result.added))
            for one in result.added:
                self.opened.emit(str(one.path))
            if result.failed is not None and result.error is not None:
                self._not_loaded(result.failed, result.error)
            self._load_next()

        def failed(error: BaseException) -> None:
            self._loading = False
            self._waiting[:0] = batch[1:]
            self._not_loaded(batch[0], error)
            self._load_next()

        name = batch[0][0].name if len(batch) == 1 else tr("{count} files", count=len(batch))
        self._load_job = self.bridge.start(tr("Load {name}", name=name), work, done, failed)

    def _job_ended(self, job: Job) -> None:
        """A cancelled load ends without a word; the next one may begin."""
        if job is self._load_job and job.state == "cancelled":
            self._loading = False

    def _not_loaded(self, wanted: Wanted, error: BaseException) -> None:
        """Ask for the CRS where that is all that is missing, else say what is wrong."""
        path, crs = wanted
        if isinstance(error, CrsError) and crs is None:
            self._unplaced.append(path)
        else:
            self._refused(error)

    @property
    def loading(self) -> bool:
        """Whether files are on their way."""
        return self._loading

    def _words_for(self, added: Sequence[_Added]) -> str:
        if len(added) == 1:
            return tr("Add {name}", name=added[0].path.name)
        return tr("Add {count} files", count=len(added))

    def _with(self, document: Document, added: Sequence[_Added]) -> Document:
        for one in added:
            name = document.name or self._name or one.alone.layers[0].name
            zone = document.zone or one.alone.zone
            document = replace(document, frame=document.frame or one.alone.frame, name=name, zone=zone)
            for layer in one.alone.layers:
                document = document.with_layer(layer, None, one.source)
        return document

    def _refused(self, error: BaseException) -> None:
        from citymodel.cli import plain

        self.noticed.emit(plain(error), True)

    def save(self, path: Path, thumbnail: bytes, done: Callable[[], None]) -> None:
        """Write the project in a worker."""
        project = self.project

        def ended(_: Path) -> None:
            self.noticed.emit(tr("Saved {name}", name=path.name), False)
            self.opened.emit(str(path))
            done()

        name = tr("Save {name}", name=path.name)
        self.bridge.start(name, lambda job: project.save(path, thumbnail), ended, self._refused)

    def run(self, name: str, work: Callable[[Job], Any], done: Callable[[Any], None]) -> Job:
        """Run long work; its failure is said in plain words."""
        return self.bridge.start(name, work, done, self._refused)

    def close(self) -> None:
        """Stop everything."""
        self._waiting.clear()
        self.project.changed.clear()
        self.bridge.close()
