"""The eye tool: a click sets an eye on the city, and what it sees lights up while it is moved."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from citymodel.jobs import Job
from gui.desk import Desk
from gui.picking import Picking, Tool
from gui.words import tr

if TYPE_CHECKING:
    from gui.view import CityView

PAUSE = 180  # milliseconds the city is left alone before it is made ready anew
STILL = 120  # milliseconds the eye stands still before the exact picture is asked for
GRASP = 16.0  # pixels around the pin within which it is taken by the hand
STEP, LONG = 1.0, 5.0  # metres of a step, and with Shift
WALKS = {
    Qt.Key.Key_W: 0.0, Qt.Key.Key_Up: 0.0, Qt.Key.Key_D: 90.0, Qt.Key.Key_Right: 90.0,
    Qt.Key.Key_S: 180.0, Qt.Key.Key_Down: 180.0, Qt.Key.Key_A: 270.0, Qt.Key.Key_Left: 270.0,
}  # fmt: skip


class EyeTool(QObject):
    """One eye, where it stands, and what is known of what it sees.

    While it moves a quick picture follows it; once it stands still the exact one takes its place. Both are computed in
    workers: of many places in a row only the last is asked for, and an exact picture nobody waits for is cancelled.

    changed() when the page has something else to say; moved() when the eye stands elsewhere;
    toggled(whether there is an eye or a click would set one)
    """

    changed = Signal()
    moved = Signal()
    toggled = Signal(bool)

    def __init__(self, desk: Desk, picking: Picking, view: CityView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        from gui.requests import look_model

        self.desk, self.picking, self.view = desk, picking, view
        self.on = False
        self.parameters: Any = look_model()()
        self.live: Any = None  # the city ready for any eye
        self.stand: Any = None
        self.seen: Any = None
        self.error = self.said = ""
        self._place: tuple[float, float, float | None, tuple[float, float]] | None = None
        self._tried: Any = None
        self._preparing: Job | None = None
        self._looking: Job | None = None
        self._exact = self._again = self._exactly = False
        self._revisions = itertools.count(1)
        self._held = False
        self._gaze: tuple[float, float] | None = None
        self.tool = Tool(
            tr("Click where the eye stands, or drag it; arrows or W A S D walk; Esc ends."), self._click, self._put_away
        )
        self._soon = QTimer(self, singleShot=True, interval=PAUSE)
        self._soon.timeout.connect(self._prepare)
        self._still = QTimer(self, singleShot=True, interval=STILL)
        self._still.timeout.connect(self._look_exactly)
        desk.document_changed.connect(lambda *_: self._document_changed())
        desk.project_opened.connect(self.take_away)
        desk.bridge.job_ended.connect(self._ended)
        view.navigation.grab = self._grab
        view.navigation.pulled.connect(self._pull)
        view.navigation.let_go.connect(self._let_go)
        view.keys = self._key

    # --- on and off ---

    @property
    def active(self) -> bool:
        """Whether a click sets the eye."""
        return self.picking.tool is self.tool

    @property
    def busy(self) -> bool:
        """Whether the city is being made ready."""
        return self._preparing is not None

    def begin(self) -> None:
        """Take the eye in the hand."""
        self.on = True
        self.picking.take(self.tool)
        if self.live is None:
            self._tried = None  # what was cancelled or failed before may be tried again
        self._document_changed(at_once=True)
        self._stand_anew()
        self.toggled.emit(True)
        self.changed.emit()

    def _put_away(self) -> None:
        """Clicks select again; the eye stays where it is."""
        if self._place is None:
            self.take_away()
        else:
            self.changed.emit()

    def take_away(self) -> None:
        """No eye any more; the city looks as before."""
        if not self.on:
            return
        self.on = False
        self.picking.drop(self.tool)
        self._soon.stop()
        self._still.stop()
        for job in (self._preparing, self._looking):
            if job is not None:
                job.cancel()
        self._again = self._held = False
        self._place = self.stand = self.seen = self.live = self._tried = None
        self.error = self.said = ""
        self.desk.lay("eye", None, ())
        self.toggled.emit(False)
        self.moved.emit()
        self.changed.emit()

    # --- where it stands ---

    def _click(self, hit: Any) -> None:
        found = self.picking.world(hit)
        if found is not None:
            eye = self.view.navigation.pose.position
            self.put(*found, self.picking.world_of(eye)[:2])

    def put(self, x: float, y: float, z: float | None, seen_from: tuple[float, float]) -> None:
        """The eye stands at a place of the frame's CRS; z : what was clicked there, None for the ground."""
        self._place = (x, y, z, seen_from)
        self._stand_anew()

    def _stand_anew(self) -> None:
        """Work out where the eye stands, now that it or the city is another."""
        if self._place is None or self.live is None:
            return
        x, y, z, seen_from = self._place
        self._stand_at(self.live.stand(x, y, z, self.parameters.eye_height, seen_from))

    def show_gaze(self, gaze: tuple[float, float] | None) -> None:
        """Show on the map where the eye looks, heading and width in degrees; None for all around."""
        self._gaze = gaze
        self._show_pin()

    def _show_pin(self) -> None:
        self.desk.lay("eye", self.desk.drape, self._pins_at(self.stand))

    def _pins_at(self, stand: Any) -> tuple[Any, ...]:
        from gui.requests import eye_pin

        if stand is None:
            return ()
        return (eye_pin(self.picking.local(stand.x, stand.y, stand.z), tr("Eye"), self._gaze),)

    def _stand_at(self, stand: Any) -> None:
        """The picture follows with the first answer: pin and drape move as one."""
        self.stand, self.said = stand, ""
        self.view.hurry()
        self._look(exact=False)
        self._still.start()
        self.moved.emit()
        self.changed.emit()

    def onto_the_roof(self) -> None:
        """Stand on what is in the way."""
        if self.live is not None and self.stand is not None:
            roof = self.live.roof(self.stand.x, self.stand.y)
            self._place = (roof.x, roof.y, roof.z, (roof.x, roof.y))
            self._stand_at(roof)

    def walk(self, heading: float, metres: float) -> None:
        """A step at eye height, unless a wall, the end of the roof or of the data is in the way."""
        if self.live is None or self.stand is None:
            return
        old = self.stand
        x, y = old.x + metres * math.sin(math.radians(heading)), old.y + metres * math.cos(math.radians(heading))
        found = self.live.step(old, x, y, self.parameters.eye_height)
        if found is None:
            ends = tr("The roof ends here.") if old.where == "roof" else tr("Something stands in the way.")
            self.said = ends
            self.changed.emit()
            return
        self._place = (found.x, found.y, found.z, (found.x, found.y))
        self._stand_at(found)

    # --- the hand ---

    def _grab(self, x: float, y: float) -> bool:
        """Whether a press at a place of the view takes the pin."""
        if not self.on or self.stand is None:
            return False
        stand = self.stand
        foot = self.view.on_screen(self.picking.local(stand.x, stand.y, stand.z))
        head = self.view.on_screen(self.picking.local(stand.x, stand.y, stand.z + 1.5))
        self._held = any(math.dist((x, y), one) < GRASP for one in (foot, head, (head[0], head[1] - 10.0)))
        return self._held

    def _pull(self, x: float, y: float) -> None:
        hit = self.view.hit(x, y) if self._held else None
        if hit is not None:
            self._click(hit)

    def _let_go(self) -> None:
        self._held = False

    def _key(self, key: Any, shift: bool, act: bool) -> bool:
        """Whether a key is ours; with ``act`` the step is taken."""
        if not self.active or self.stand is None or key not in WALKS:
            return False
        if act:
            self.walk(self.view.navigation.pose.heading + WALKS[key], LONG if shift else STEP)
        return True

    # --- the city ---

    def set_parameters(self, parameters: Any) -> None:
        """Look in another way."""
        before, self.parameters = self.parameters, parameters
        if before.surface != parameters.surface:
            self._document_changed(at_once=True)
        elif before != parameters:
            if before.eye_height != parameters.eye_height:
                self._stand_anew()
            else:
                self._look(exact=False)
                self._still.start()

    def _key_now(self) -> Any:
        from gui.requests import shade_key

        return shade_key(self.desk.document), self.parameters.surface

    def _document_changed(self, at_once: bool = False) -> None:
        if self.on and self.desk.document.layers and not self.desk.loading and self._key_now() != self._tried:
            self._soon.start(0 if at_once or self.live is None else PAUSE)

    def _prepare(self) -> None:
        from gui.requests import live_view

        if not self.on:
            return
        if self._preparing is not None:
            self._preparing.cancel()
        document, surface, key = self.desk.document, self.parameters.surface, self._key_now()
        self._tried = key

        def done(found: Any) -> None:
            self._preparing = None
            if self.on and key == self._key_now():
                self.live = found
                self.error = (
                    "" if found is not None else tr("There is nothing to look at yet: open a city or a terrain.")
                )
                self._stand_anew()
                self.changed.emit()

        def failed(error: BaseException) -> None:
            from citymodel.cli import plain

            self._preparing, self.live, self.seen, self.error = None, None, None, plain(error)
            self.desk.lay("eye", None, self._pins_at(self.stand))
            self.changed.emit()

        name = tr("Prepare the view")
        self._preparing = self.desk.bridge.start(name, lambda job: live_view(document, surface, job), done, failed)
        self.changed.emit()

    # --- what it sees ---

    def _look_exactly(self) -> None:
        self._look(exact=True)

    def _look(self, exact: bool) -> None:
        """Ask for what the eye sees now; while an answer is on its way, only the last wish is kept."""
        from gui.requests import look

        self._exact = exact
        if self._looking is not None:
            self._again = True
            if self._exactly:
                self._looking.cancel()
            return
        if self.live is None or self.stand is None or not self.on:
            return
        live, stand, parameters, revision = self.live, self.stand, self.parameters, next(self._revisions)
        self._again, self._exactly = False, exact

        def done(found: tuple[Any, Any]) -> None:
            if self.on and self.live is live:
                self.seen = found[0]
                self.desk.lay("eye", found[1], self._pins_at(stand))
                self.changed.emit()

        def failed(error: BaseException) -> None:
            from citymodel.cli import plain

            self.error = plain(error)
            self.changed.emit()

        self._looking = self.desk.bridge.start(
            "", lambda job: look(live, stand, parameters, exact, revision, job), done, failed
        )

    def _ended(self, job: Job) -> None:
        if job is self._looking:
            self._looking = None
            # the answer itself comes right after this; what was wished for meanwhile may wait as long
            if self._again:
                QTimer.singleShot(0, self, lambda: self._look(self._exact))
        elif job is self._preparing and job.state == "cancelled":
            self._preparing = None
        elif job.name and job is not self._preparing:
            self._document_changed()  # files that were on their way have come
