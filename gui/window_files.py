"""The window's files: opening, saving, leaving, exporting, and keeping pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QSize, Qt
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox

from gui.crs_prompt import CrsPrompt
from gui.requests import warm_up
from gui.words import tr

if TYPE_CHECKING:
    from gui.window import Window

THUMBNAIL = QSize(320, 200)


class Files(QObject):
    """What a window does with files; it asks, workers read and write."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self.window, self.desk, self.memory = window, window.desk, window.memory
        self.first_look: tuple[Any, Any] | None = None  # position and target that come with the sample city
        self._sample_files: tuple[str, ...] = ()
        self._prompt: CrsPrompt | None = None
        self.desk.crs_wanted.connect(self.ask_crs)
        self.desk.opened.connect(self._opened)

    # --- opening ---

    def open_files(self) -> None:
        """Choose files and open them."""
        known = "*.city *.las *.laz *.gml *.xml *.json *.jsonl *.tif *.tiff *.asc *.gpkg"
        filters = f"{tr('City data')} ({known});;{tr('All files')} (*)"
        paths, _ = QFileDialog.getOpenFileNames(self.window, tr("Open"), self.memory.text("folder"), filters)
        if paths:
            self.memory.keep("folder", str(Path(paths[0]).parent))
            self.open_paths(paths)

    def open_paths(self, paths: Sequence[str]) -> None:
        """Open files a person chose; a project among them takes the place of the one on the table."""
        if any(Path(path).suffix == ".city" for path in paths):
            self.leave(lambda: self.desk.open_paths(paths))
        else:
            self.desk.open_paths(paths)

    def open_sample(self) -> None:
        """Open the sample city as a project of its own, made when first asked for."""
        from gui.requests import sample_city

        def begin() -> None:
            self.desk.run(tr("Open the sample city"), sample_city, self._sample_found)

        self.leave(begin)

    def _sample_found(self, sample: Any) -> None:
        from citymodel.project import Document, Project

        if self.desk.document.layers:
            self._empty()
        self.desk.use(Project(Document(zone=str(sample.moment.tzinfo))))
        self._sample_files = sample.paths
        self.first_look = sample.position, sample.target
        self.desk.set_moment(sample.moment)
        self.desk.open_paths(sample.paths, name=sample.name)
        self.window.steps.setVisible(self.memory.flag("steps", True))
        self.window.time_bar.shadows.setChecked(True)

    def _opened(self, path: str) -> None:
        if path not in self._sample_files:
            self.memory.remember(path)

    def recent_menu(self) -> QMenu:
        """The files opened last, in a menu too: the start page is gone once a city is open."""
        menu = QMenu(tr("Open recent"), self.window)

        def fill() -> None:
            menu.clear()
            for path in self.memory.recent():
                menu.addAction(path.replace("&", "&&"), lambda p=path: self.open_paths([p]))
            menu.addSeparator()
            menu.addAction(tr("Forget these"), self.memory.forget_recent).setEnabled(bool(self.memory.recent()))

        menu.aboutToShow.connect(fill)
        return menu

    def wait(self) -> None:
        """Nothing to open yet: load the heavy libraries while the person looks for a file."""
        self.desk.bridge.start("", warm_up)

    def new(self) -> None:
        """An empty table."""
        self.leave(self._empty)

    def _empty(self) -> None:
        from citymodel.project import Project

        self.desk.use(Project())

    def ask_crs(self, path: str) -> None:
        """Ask for the coordinate system of a file that does not say it; of several files at once, ask once."""
        if self._prompt is not None:
            self._prompt.add(path)
            return
        frame = self.desk.document.frame
        prompt = self._prompt = CrsPrompt(path, frame.crs if frame else None, self.window)

        def answered(_: int) -> None:
            self._prompt = None
            if prompt.crs:
                self.desk.open_paths(prompt.paths, prompt.crs)

        prompt.finished.connect(answered)
        prompt.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        prompt.open()

    # --- saving ---

    def save(self, then: Callable[[], None] | None = None) -> None:
        """Save where the project lies, else ask."""
        if self.desk.project.path is None:
            self.save_as(then)
        else:
            self.save_to(self.desk.project.path, then)

    def save_as(self, then: Callable[[], None] | None = None) -> None:
        """Ask for a name and save there; ``then`` follows once all is written."""
        name = f"{self.desk.document.name.removesuffix('.city') or tr('project')}.city"
        first = str(Path(self.memory.text("folder")) / name)
        path, _ = QFileDialog.getSaveFileName(self.window, tr("Save the project"), first, f"{tr('Project')} (*.city)")
        if path:
            self.save_to(Path(path).with_suffix(".city"), then)

    def save_to(self, path: Path, then: Callable[[], None] | None = None) -> None:
        """Save there, with a small picture of the view."""

        def saved() -> None:
            self.window.show_what_there_is()
            if then is not None:
                then()

        self.desk.save(path, png_bytes(self.window.view.picture(THUMBNAIL)), saved)

    @property
    def has_work(self) -> bool:
        """Whether there is something unsaved that a person made: a proposal, or what a study found."""
        document = self.desk.document
        made = any(one.kind == "result" and one.id not in document.sources for one in document.layers)
        return self.desk.project.modified and (bool(document.scenarios) or made)

    def leave(self, then: Callable[[], None]) -> None:
        """Do what ends this project, after asking whether to save where there is work in it."""
        if not self.has_work:
            then()
            return
        buttons = QMessageBox.StandardButton
        answer = QMessageBox.question(
            self.window,
            tr("Save the project?"),
            tr("The project has changes that are not saved."),
            buttons.Save | buttons.Discard | buttons.Cancel,
        )
        if answer == buttons.Save:
            self.save(then)
        elif answer == buttons.Discard:
            then()

    # --- what leaves the window ---

    def screenshot(self) -> None:
        """Keep the picture as PNG."""
        self.ask_for_picture(self.window.view.picture(), self.desk.document.name or "citymodel")

    def ask_for_picture(self, picture: Any, name: str) -> None:
        """Ask where to keep a QImage as PNG; ``name`` is what is suggested, without a suffix."""
        first = str(Path(self.memory.text("folder")) / f"{name}.png")
        path, _ = QFileDialog.getSaveFileName(self.window, tr("Keep the picture"), first, "PNG (*.png)")
        if path:
            self.keep_picture(Path(path).with_suffix(".png"), png_bytes(picture))

    def keep_picture(self, path: Path, data: bytes) -> None:
        """Write a picture in a worker."""
        from gui.requests import write_bytes

        said = tr("Wrote {name}", name=path.name)
        self.desk.run(tr("Write {name}", name=path.name), lambda job: write_bytes(path, data),
                      lambda _: self.desk.noticed.emit(said, False))  # fmt: skip
        self.window.steps.finish("keep")

    def export_tables(self, layer_id: str) -> None:
        """Write a result, its tables proposed first."""
        self.export(layer_id, "CSV (*.csv)")

    def export(self, layer_id: str, proposed: str = "") -> None:
        """Write a layer for other programs: a map, tables, a model or points; ``proposed`` : the kind named first."""
        from gui.requests import drawn_on_facades, export_kinds, export_layer

        layer = self.desk.document.layer(layer_id)
        kinds = sorted(export_kinds(layer), key=lambda kind: kind != proposed)
        suffix = kinds[0].partition("*")[2].rstrip(")")
        first = str(Path(self.memory.text("folder")) / f"{layer.id}{suffix}")
        filters = ";;".join(kinds)
        path, _ = QFileDialog.getSaveFileName(self.window, tr("Export"), first, filters)
        if path and Path(path).suffix.lower() == ".png" and drawn_on_facades(layer):
            self.keep_picture(Path(path), png_bytes(self.window.view.picture()))
        elif path:
            document = self.desk.document
            field = document.style(layer_id).colour_by
            work = partial(export_layer, layer, field, Path(path), document)
            self.desk.run(tr("Export {name}", name=layer.name), lambda job: work(),
                          lambda found: self.desk.noticed.emit(written_words(found), False))  # fmt: skip


def written_words(paths: Sequence[Path]) -> str:
    """Which files were written: by name, of many the first."""
    names = [path.name for path in paths]
    if len(names) < 4:
        return tr("Wrote {name}", name=", ".join(names))
    return tr("Wrote {name} and {n} more", name=names[0], n=len(names) - 1)


def png_bytes(picture: Any) -> bytes:
    """A QImage as PNG."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")
    return bytes(data.data())
