"""The status line: what a click does, coordinates with CRS and height under the pointer, scale, jobs, device."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QStatusBar

from gui.bridge import Bridge
from gui.desk import Desk
from gui.requests import compute_device
from gui.words import number, tr


class Status:
    """Fills a status bar and keeps it true."""

    def __init__(self, bar: QStatusBar, desk: Desk, bridge: Bridge) -> None:
        self.desk, self.bridge = desk, bridge
        bar.setSizeGripEnabled(False)
        self.hand, self.place, self.scale, self.device = QLabel(), QLabel(), QLabel(), QLabel()
        self.hand.setProperty("role", "hand")
        self.place.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.jobs = JobsButton()
        self.device.setToolTip(tr("Where studies are computed"))
        bridge.start("", compute_device, self.device.setText)
        bar.addWidget(self.hand)
        bar.addWidget(self.place, 1)
        for widget in (self.scale, self.jobs, self.device):
            bar.addPermanentWidget(widget)
        for signal in (bridge.job_started, bridge.job_changed, bridge.job_ended):
            signal.connect(lambda _: self._jobs())
        self.point(None)
        self._jobs()

    def point(self, hit: Any) -> None:
        """Show where the pointer is; metres are of the project's frame."""
        frame = self.desk.document.frame
        crs = (frame.crs or tr("no place on the globe")) if frame else ""
        if hit is None or frame is None:
            self.place.setText(crs)
            return
        x, y, z = (float(a) + float(b) for a, b in zip(hit.position, frame.origin, strict=True))
        self.place.setText(
            tr("{x}  {y}   height {z} m   {crs}", x=number(x, 1), y=number(y, 1), z=number(z, 1), crs=crs)
        )

    def show_scale(self, metres_a_pixel: float, dots_an_inch: float) -> None:
        """The map's scale at the point looked at."""
        ratio = metres_a_pixel * dots_an_inch / 0.0254
        digits = max(len(str(int(ratio))) - 2, 0)
        self.scale.setText(tr("1 : {ratio}", ratio=number(round(ratio, -digits))))

    def _jobs(self) -> None:
        named = [job for job in self.bridge.running if job.name]
        if not named:
            self.jobs.setText(tr("No jobs"))
        elif len(named) == 1:
            self.jobs.setText(f"{named[0].name} · {100 * named[0].fraction:.0f}\u00a0%")
        else:
            self.jobs.setText(tr("{count} jobs", count=len(named)))


class JobsButton(QPushButton):
    """Opens the job list."""

    wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("quiet", True)
        self.setAccessibleName(tr("Jobs"))
        self.clicked.connect(self.wanted)
