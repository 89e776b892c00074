"""The inspector's page for studies: which one, its parameters, what it will take, run, progress and a way out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QProgressBar, QPushButton, QScrollArea, QVBoxLayout, QWidget

from gui.area_tool import AreaTool
from gui.asked import Box, Surroundings
from gui.desk import Desk
from gui.object_panel import label
from gui.parameter_form import ParameterForm
from gui.picking import Picking
from gui.words import number, tr

if TYPE_CHECKING:
    from citymodel.analysis.registry import Study

LONG = 3600.0  # seconds from which the expected duration is a warning
SOON = 200  # milliseconds after a change before the expected duration is worked out


class StudyPanel(QWidget):
    """run_wanted(study, parameters), cancel_wanted()

    hold_wanted(whether to pause, else to go on), keep_wanted() of what grows in time
    form_made(name, form) when the form of a study is seen for the first time

    ``view_box`` says what the view shows, ``picking`` takes clicks in it, ``areas`` draws in it; the window sets them
    """

    run_wanted = Signal(object, object)
    cancel_wanted = Signal()
    hold_wanted = Signal(bool)
    keep_wanted = Signal()
    form_made = Signal(str, object)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.view_box: Callable[[], Box | None] = lambda: None
        self.picking: Picking | None = None
        self.areas: AreaTool | None = None
        self.studies: dict[str, Study] = {}
        self.forms: dict[str, ParameterForm] = {}
        self.form: ParameterForm | None = None
        self._running = self._held = False
        self._estimating: Any = None
        self._estimate: Any = None
        self._asked = 0
        self._zone = self._of = ""
        self.title, self.question = label(tr("Studies"), "title"), label("", "quiet")
        self.which = QComboBox()
        self.which.setAccessibleName(tr("Study"))
        self.which.currentIndexChanged.connect(lambda _: self._show(self.which.currentData()))
        self.place = QVBoxLayout()
        self.expected = label("", "quiet")
        self.expected.setAccessibleName(tr("Expected duration and memory"))
        self.run = QPushButton(tr("Compute"))
        self.run.setProperty("primary", True)
        self.run.clicked.connect(self._run)
        self.cancel = QPushButton(tr("Cancel"))
        self.cancel.clicked.connect(self._cancel)
        self.hold, self.keep = QPushButton(), QPushButton(tr("Stop and keep"))
        self.hold.clicked.connect(lambda: self.hold_wanted.emit(not self._held))
        self.keep.setToolTip(tr("End the run now; what was computed so far stays as the result"))
        self.keep.clicked.connect(self.keep_wanted)
        self.cancel.setToolTip(tr("End the run and take away what it showed"))
        row = QHBoxLayout()
        row.addWidget(self.run, 1)
        for part in (self.hold, self.keep, self.cancel):
            row.addWidget(part)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1000)
        self.bar.setAccessibleName(tr("Progress of the study"))
        self.note = label("", "quiet")
        self._lay_out(row)
        self._soon = QTimer(self, singleShot=True, interval=SOON)
        self._soon.timeout.connect(self._estimate_it)
        self.set_running(False)
        desk.document_changed.connect(lambda *_: self._follow())

    def _lay_out(self, row: QHBoxLayout) -> None:
        """The form scrolls; what it takes and the button that starts it stay in sight below."""
        form = QWidget()
        form.setProperty("role", "panel")
        inside = QVBoxLayout(form)
        inside.setContentsMargins(14, 10, 14, 10)
        inside.setSpacing(8)
        for part in (self.title, self.which, self.question):
            inside.addWidget(part)
        inside.addLayout(self.place)
        inside.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setMinimumHeight(160)
        scroll.setWidget(form)
        foot = QVBoxLayout()
        foot.setContentsMargins(14, 4, 14, 10)
        foot.setSpacing(8)
        foot.addWidget(self.expected)
        foot.addLayout(row)
        foot.addWidget(self.bar)
        foot.addWidget(self.note)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(scroll, 1)
        layout.addLayout(foot)

    # --- which study ---

    def begin(self, name: str = "") -> None:
        """The panel was opened, for that study where one is named."""
        self.known()
        if name:
            self.which.setCurrentIndex(max(self.which.findData(name), 0))
        self._follow()
        self.run.setFocus()

    def known(self) -> dict[str, Study]:
        """The studies there are, by name."""
        if not self.studies:
            from gui.requests import known_studies

            self.studies = known_studies()
            for one in self.studies.values():
                self.which.addItem(tr(one.title), one.name)
        return self.studies

    def _show(self, name: str) -> None:
        if name not in self.studies:
            return
        if name not in self.forms:
            around = Surroundings(lambda: self.desk.document, lambda: self.view_box(), self.picking, self.areas)
            form = ParameterForm(self.studies[name].parameters(), around)
            form.put(self._first_values())
            form.changed.connect(self._changed)
            self.forms[name] = form
            self.place.addWidget(form)
            self.form_made.emit(name, form)
        for key, form in self.forms.items():
            form.setVisible(key == name)
        self.form = self.forms[name]
        self.question.setText(tr(self.studies[name].question) + ".")
        self.note.setText("")
        self._follow()

    def _first_values(self) -> dict[str, Any]:
        """What the window knows better than the model's defaults: the day, the year, the zone of its clock."""
        from datetime import date

        moment = self.desk.moment
        return {
            "date": date(moment.year, 3, 21), "day": moment.date(), "year": moment.year, "zone": str(moment.tzinfo),
        }  # fmt: skip

    def put(self, name: str, values: dict[str, Any]) -> None:
        """Show a study with these values."""
        self.begin(name)
        if self.form is not None:
            self.form.put(values)

    def _follow(self) -> None:
        zone = str(self.desk.moment.tzinfo)
        if zone != self._zone:  # the project's clock is another one now
            self._zone = zone
            for form in self.forms.values():
                form.put({"zone": zone})
        if self.form is not None:
            self.form.follow()
        self._changed()

    # --- what it takes ---

    def _changed(self) -> None:
        self._estimate = None
        self._allow()
        if self.isVisible() and self.form is not None and self.desk.document.layers:
            self._soon.start()

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        self._changed()

    def _estimate_it(self) -> None:
        parameters = self.form.parameters() if self.form is not None else None
        study = self.studies.get(self.which.currentData())
        if parameters is None or study is None or self._running:
            self.expected.setText("")
            return
        self._asked += 1
        if self._estimating is not None and self._estimating.state in ("waiting", "running"):
            return  # of many wishes the last is worked out, once the one on its way has come
        from gui.requests import estimate

        if self._of != study.name:  # what was said of another study says nothing of this one
            self._of = study.name
            self.expected.setText(tr("Working out how long it takes…"))
            self._dress(False)
        asked, document = self._asked, self.desk.document

        def done(found: Any) -> None:
            if asked != self._asked:
                self._estimate_it()
            else:
                self._estimate = found
                self.expected.setText(expected_words(found))
                self._dress(found is not None and (not found.fits or found.seconds > LONG))
                self._allow()

        def failed(error: BaseException) -> None:
            if asked != self._asked:
                self._estimate_it()
            else:
                from citymodel.cli import plain

                self.expected.setText(plain(error))
                self._dress(True)

        work = self.desk.bridge.start("", lambda job: estimate(document, study, parameters), done, failed)
        self._estimating = work

    def _dress(self, warn: bool) -> None:
        self.expected.setProperty("role", "warning" if warn else "quiet")
        self.expected.style().unpolish(self.expected)
        self.expected.style().polish(self.expected)

    def _allow(self) -> None:
        fits = self._estimate is None or self._estimate.fits
        right = self.form is not None and not self.form.error.text()
        self.run.setEnabled(bool(self.desk.document.layers) and not self._running and right and fits)

    # --- running ---

    def _run(self) -> None:
        parameters = self.form.parameters() if self.form is not None else None
        if parameters is not None:
            self.run_wanted.emit(self.studies[self.which.currentData()], parameters)

    def _cancel(self) -> None:
        """A step that is under way is ended first; until then the page says that it is heard."""
        for part in (self.cancel, self.keep, self.hold):
            part.setEnabled(False)
        self.note.setText(tr("Stopping after this step…"))
        self.cancel_wanted.emit()

    def set_running(self, running: bool, in_time: bool = False) -> None:
        """While it runs there is a bar and a way out; ``in_time`` : it can be held, and stopped with what there is."""
        self._running = running
        self.run.setVisible(not (running and in_time))
        self.hold.setVisible(running and in_time)
        self.keep.setVisible(running and in_time)
        self.show_held(False)
        for part in (self.cancel, self.keep, self.hold):
            part.setEnabled(True)
        self.cancel.setVisible(running)
        self.bar.setVisible(running)
        self.which.setEnabled(not running)
        if not running:
            self.bar.setValue(0)
        self._changed()

    def show_held(self, held: bool) -> None:
        """Whether the run is paused."""
        self._held = held
        self.hold.setText(tr("Go on") if held else tr("Pause"))
        self.hold.setToolTip(tr("Let the water run on") if held else tr("Hold the water where it is"))

    def set_progress(self, share: float, text: str) -> None:
        """Show how far it is."""
        self.bar.setValue(round(1000 * share))
        if self.cancel.isEnabled():
            self.note.setText(text)


def expected_words(found: Any) -> str:
    """Duration and memory before the start, and what a coarser cell would cost; "" for unknown."""
    if found is None:
        return ""
    if not found.fits:
        return tr(
            "Too large: {cells} cells need about {need} GB, {free} GB are to be had. Take larger cells or a part of "
            "the city.",
            cells=number(found.cells),
            need=number(found.memory / 1e9, 1),
            free=number(found.free / 1e9, 1),
        )
    what = tr("{n} points", n=number(found.cells)) if found.what == "points" else tr("{n} cells", n=number(found.cells))
    words = tr(
        "{what}{suns}: about {time}, {memory} GB",
        what=what,
        suns=tr(", {n} suns", n=number(found.suns)) if found.suns else "",
        time=lasting(found.seconds),
        memory=number(max(found.memory / 1e9, 0.1), 1),
    )
    if found.coarser is None:
        return words
    cell, seconds = found.coarser
    return f"{words}; {tr('with {cell} m cells about {time}', cell=f'{cell:g}', time=lasting(seconds))}"


def lasting(seconds: float) -> str:
    """A duration as people say it."""
    if seconds < 1.5:
        return tr("1 s")
    if seconds < 90:
        return tr("{n} s", n=number(seconds if seconds < 10 else 5 * round(seconds / 5)))
    if seconds < 5400:
        return tr("{n} min", n=number(seconds / 60))
    if seconds < 48 * 3600:
        return tr("{n} h", n=number(seconds / 3600, 1))
    return tr("{n} days", n=number(seconds / 86400))
