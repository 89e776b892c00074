"""Floods in the window: the water bar, the time bar's range, gauges, balance, and what a click in the water says."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFileDialog

from gui.balance_panel import BalancePanel, state_words
from gui.gauges_pane import GaugesPane
from gui.storm_preview import StormPreview
from gui.time_range import Day, Stretch, hand_of, put_hand, since_words
from gui.water_bar import WaterBar
from gui.water_panel import WaterPanel
from gui.window_actions import flip
from gui.words import tr

if TYPE_CHECKING:
    from gui.window import Window

PIN, GAUGES = "water here", "flood gauges"


class Floods(QObject):
    """What a flood needs of a window, tied together."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self.window, self.desk, self.live = window, window.desk, window.studies.flood
        self.layer: Any = None
        self.span: Any = None
        self._shown: Any = None
        self.bar = WaterBar(self.live)
        self.gauges = GaugesPane(self.desk)
        self.balance, self.water = BalancePanel(), WaterPanel()
        window.inspector.add_page(self.balance)
        window.inspector.add_page(self.water)
        self.bar.latest.toggled.connect(self._latest)
        self.gauges.moved.connect(self._move)
        self.gauges.place_wanted.connect(self.set_gauges)
        self.gauges.save_wanted.connect(lambda picture, name: window.files.ask_for_picture(picture, name))
        self.gauges.export_wanted.connect(self._export)
        self.water.gauge_wanted.connect(self._make_gauge)
        window.inspector.layer.balance_wanted.connect(self.show_balance)
        window.inspector.study.form_made.connect(self._dress_form)
        window.time_bar.moved_by_hand.connect(self._moved_by_hand)
        self.live.began.connect(self._began)
        self.live.grew.connect(self._grew)
        self.live.ended.connect(self.follow)
        self.live.ended.connect(self._ended)
        self.live.began.connect(self.allow)
        self.live.ended.connect(self.allow)
        self.desk.document_changed.connect(lambda *_: self.follow())
        self.desk.moment_changed.connect(self._moment)
        self.desk.selection_changed.connect(self._deselected)
        self.desk.project_opened.connect(self._opened)

    def _opened(self) -> None:
        """Another project is on the table: its flood is another, though it should have the same name."""
        self.layer = self._shown = None
        self.bar.latest.setChecked(True)

    def _ended(self) -> None:
        """What was asked of a run that left nothing is shown again, to be asked otherwise."""
        if self.desk.selection is None and self.window.inspector.page() is self.window.inspector.hint:
            self.window.inspector.show_study("flood")

    def allow(self) -> None:
        """Only a flood that is computed can be held or ended."""
        for key in ("water.hold", "water.keep", "water.cancel"):
            self.window.registry.qt[key].setEnabled(self.live.run is not None)

    # --- the flood that is shown ---

    def follow(self) -> None:
        """The document changed: another flood, or none, is shown."""
        from gui.flood_requests import rain_of, shown_flood, span_of

        layer = shown_flood(self.desk.document)
        span = span_of(layer) if layer is not None else None
        shown = None if layer is None else (layer.id, layer.data.revision, span, tuple(layer.data.water))
        if shown == self._shown:
            return
        another = self.layer is None or layer is None or self.layer.id != layer.id
        self._shown, self.layer, self.span = shown, layer, span
        bar = self.window.time_bar
        if span is None or span.begins is not None:
            self.desk.set_elapsed(None)
        if span is None or layer is None:
            if isinstance(bar.range, Stretch):
                bar.run_over(Day())
        else:
            if span.begins is None and another:
                self.desk.set_elapsed(0.0)
            bar.run_over(Stretch(span), rain_of(layer.data))
            self._come_inside(another)
        self.gauges.follow(layer, span)
        self._pin_gauges()
        self._show_balance(layer)
        self._show_water()

    def _come_inside(self, another: bool) -> None:
        """A moment beside the flood goes to its nearer end; the picture of a growing one follows the water."""
        range_ = self.window.time_bar.range
        assert isinstance(range_, Stretch)
        if self.span.growing and self.bar.latest.isChecked():
            self._to_the_latest()
        elif another and not range_.within(self.now):
            self._go(0.0)

    def _moment(self) -> None:
        """The clock moved, perhaps out of the flood: to another zone, by a project's own moment."""
        range_ = self.window.time_bar.range
        if isinstance(range_, Stretch) and self.span is not None and not range_.within(self.now):
            self._go(self._seconds())
            return
        self._show_water()

    @property
    def now(self) -> datetime:
        """What is shown of the flood, as a moment of its span."""
        return hand_of(self.desk, self.span)

    def _go(self, seconds: float) -> None:
        """Show the flood so long after its start, at most as far as it is computed."""
        moment = self.span.moment(min(seconds, self.span.reached), self.desk.moment.tzinfo)
        put_hand(self.desk, self.span, moment)

    # --- while it is computed ---

    def _began(self) -> None:
        self.bar.latest.setChecked(True)

    def _grew(self) -> None:
        """More water: the range stays, what is computed of it grows, and the hand goes with it where it is let."""
        self._shown = None
        self.follow()
        self.desk.refresh()

    def _to_the_latest(self) -> None:
        run, bar = self.live.run, self.window.time_bar
        if run is None or bar.playing or bar.slider.isSliderDown():
            return
        self._go(run.reached)

    def _latest(self, wanted: bool) -> None:
        if wanted and self.span is not None:
            self.window.time_bar.stop()
            self._to_the_latest()

    def _moved_by_hand(self) -> None:
        """An earlier moment lets go of the growing water; its end takes hold of it again."""
        if self.span is not None and self.span.growing and self.live.run is not None:
            passed = self.span.passed(self.now)
            self.bar.latest.setChecked(passed >= min(self.live.run.reached, self.span.reached) - 1e-3)

    # --- gauges ---

    def show_gauges(self, _: bool = False) -> None:
        """Bring the gauges' pane to the front, or put it away where it is there already."""
        flip(self.window, "gauges")

    def set_gauges(self) -> None:
        """Open the form of the flood and let clicks set gauges."""
        asked = self._gauge_field()
        if asked is not None:
            asked.widget.pick.setChecked(False)
            asked.widget.pick.click()

    def _gauge_field(self) -> Any:
        """The form's field of gauges, brought into view; None where there is no study of floods."""
        study = self.window.inspector.study
        if "flood" not in study.known():
            self.desk.noticed.emit(tr("The study of floods is not installed."), True)
            return None
        self.window.show_study("flood")
        asked = study.form.fields.get("gauges") if study.form is not None else None
        if asked is not None and study.form is not None:
            if asked.parameter.detail:
                study.form.fold.setChecked(True)
            self.window.inspector.bring(asked.widget)
        return asked

    def _make_gauge(self) -> None:
        """The place of the water's page becomes a gauge of the next run."""
        place = self.water.place
        asked = self._gauge_field() if place is not None else None
        if asked is not None and place is not None:
            asked.put((*(asked.widget.places()), place))

    def _pin_gauges(self) -> None:
        """Gauges stand in the scene under their names, and sections as lines."""
        from gui.flood_requests import gauges_of, section_pins
        from gui.requests import pins_at

        found = gauges_of(self.layer.data) if self.layer is not None else []
        pins = pins_at(self.desk.document, [one[1:] for one in found], [one[0] for one in found])
        lines: tuple[Any, ...] = ()
        if self.layer is not None:
            lines = section_pins(self.desk.document, self.layer.data, lambda name: tr("Section {name}", name=name))
        self.desk.set_pins(GAUGES, (*pins, *lines))

    def _move(self, seconds: float) -> None:
        """A click in a plot moves the clock."""
        if self.span is not None:
            self.window.time_bar.stop()
            self._go(seconds)
            self._moved_by_hand()

    def _export(self) -> None:
        from gui.flood_requests import write_readings

        if self.layer is None:
            return
        first = str(Path(self.window.memory.text("folder")) / f"{self.layer.id}-gauges.csv")
        path, _ = QFileDialog.getSaveFileName(self.window, tr("Export"), first, "CSV (*.csv)")
        if path:
            target, result = Path(path).with_suffix(".csv"), self.layer.data
            said = tr("Wrote {name}", name=target.name)
            self.desk.run(tr("Write {name}", name=target.name), lambda job: write_readings(result, target),
                          lambda _: self.desk.noticed.emit(said, False))  # fmt: skip

    # --- its balance ---

    def show_balance(self, layer_id: str = "") -> None:
        """Open the page of the balance: of the flood on screen, or of a layer named."""
        self.window.raise_inspector()
        self.window.inspector.show_page(self.balance)
        self._show_balance(next((one for one in self.desk.document.layers if one.id == layer_id), self.layer))

    def _show_balance(self, layer: Any) -> None:
        from gui.flood_requests import balance_of

        if layer is None:
            self.balance.show_balance("", {}, {})
        else:
            self.balance.show_balance(layer.name, balance_of(layer.data), state_words(layer.data))

    # --- water at a place ---

    def click(self, hit: Any) -> bool:
        """Say what the water is where somebody clicked into it; False where there is none."""
        from gui.flood_requests import place_in

        frame = self.desk.document.frame
        if hit is None or frame is None or self.layer is None or self.span is None:
            return False
        x, y, z = (float(a) + float(b) for a, b in zip(hit.position, frame.origin, strict=True))
        found = place_in(self.layer.data, x, y, self._seconds())
        if not any(one.depth > 0.005 and z < one.level + 1.0 for one in found.values()):
            return False
        self.desk.select(None)
        self.water.place = (round(x, 2), round(y, 2))
        self.window.inspector.show_page(self.water)
        self._show_water()
        return True

    def _seconds(self) -> float:
        return min(max(float(self.span.passed(self.now)), 0.0), float(self.span.reached))

    def _show_water(self) -> None:
        """The page of the water follows moment and flood, for as long as it is seen."""
        from gui.flood_requests import place_in
        from gui.requests import pins_at

        seen = self.window.inspector.page() is self.water and self.water.place is not None
        if not seen or self.layer is None or self.span is None:
            self.desk.set_pins(PIN, ())
            return
        place = self.water.place
        assert place is not None
        found = place_in(self.layer.data, *place, self._seconds())
        when, after = since_words(self._seconds(), self.window.time_bar.rains)
        said = f"{when} {after}" if self.span.begins is None else f"{self.now:%H:%M}, {when} {after}"
        self.water.show_place(self.layer.name, place, said, found, state_words(self.layer.data))
        self.desk.set_pins(PIN, pins_at(self.desk.document, [place], [tr("Water here")]))

    def _deselected(self) -> None:
        if self.desk.selection is not None:
            self.water.place = None
            self.desk.set_pins(PIN, ())

    # --- the form ---

    def _dress_form(self, name: str, form: Any) -> None:
        """A picture of the storm stands in the form of a flood."""
        from gui.flood_requests import storm_of

        if name != "flood":
            return
        storm = partial(storm_of, self.desk.document)
        after = next((one for one in ("uplift", "depth", "rain") if one in form.fields), "")
        if after:
            form.put_after(after, StormPreview(self.desk, form, storm))

    # --- the window ---

    def dress(self) -> None:
        """After the theme changed."""
        self.bar.dress()
        self.gauges.dress()
        for page in (self.balance, self.water):
            page.update()

    def close(self) -> None:
        """The window goes, and a run with it."""
        self.live.close()


def dock_area() -> Qt.DockWidgetArea:
    """Where the gauges stand: below the scene, beside the tables."""
    return Qt.DockWidgetArea.BottomDockWidgetArea
