"""What stands on the glass: title, legend, north arrow, scale bar and attribution, legible at any size."""

from __future__ import annotations

import math
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from citymodel.scene import colours
from citymodel.scene.actors import polydata
from citymodel.scene.camera import Camera, heading_of
from citymodel.scene.legend import Legend
from citymodel.scene.state import Caption

FONT_FILE = 4  # vtkTextProperty's VTK_FONT_FILE
SMALLEST = 10  # pixels of type below which nobody reads


class Furniture:
    """Draws a caption in the corners of a plotter; laid out anew when the size or the camera changes."""

    def __init__(self, plotter: Any, density: float = 1.0) -> None:
        self.plotter, self.density = plotter, density
        self.caption: Caption | None = None
        self._props: list[Any] = []
        self._key: tuple[Any, ...] = ()

    def say(self, caption: Caption | None) -> None:
        """Show these words, None for none."""
        self.caption, self._key = caption, ()

    def lay_out(self, camera: Camera, metres_a_pixel: float) -> None:
        """Place everything for the present size and camera."""
        width, height = self.plotter.renderer.GetSize()
        key = (width, height, round(heading_of(camera), 1), round(math.log10(max(metres_a_pixel, 1e-9)), 3))
        if key == self._key:
            return
        self._key = key
        for prop in self._props:
            self.plotter.renderer.RemoveViewProp(prop)
        self._props = []
        if self.caption is None or width < 40 or height < 40:
            return
        type_size = self.type_size(width, height)
        gap = type_size
        floor = self._attribution(gap, type_size, width)
        right = self._scale_and_north(camera, metres_a_pixel, width, floor, type_size)
        top = self._title(width, height, gap, type_size)
        self._legends(floor, top, type_size, right - gap)

    def type_size(self, width: int, height: int) -> int:
        """Height of the plain type in pixels of the plotter."""
        shown = min(width / 1.6, height) / self.density
        return round(max(SMALLEST, 0.0165 * shown) * self.density)

    # --- parts; y counts from below

    def _title(self, width: int, height: int, gap: int, size: int) -> int:
        caption, y = self.caption, height - gap
        assert caption is not None
        lines = [
            (self._fitted(words, round(size * scale), bold, width - 2 * gap), scale, bold)
            for words, scale, bold in ((caption.title, 1.75, True), (caption.subtitle, 1.1, False))
            if words
        ]
        if lines:  # legible over the city too
            wide = max(self._width(words, round(size * scale), bold) for words, scale, bold in lines)
            tall = round(size * (0.6 + sum(1.2 * scale for _, scale, _ in lines)))
            pad = round(0.4 * gap)
            self._box(gap - pad, y - tall, wide + 2 * pad, tall + pad, colours.PAPER, 0.5)
        for fitted, scale, bold in lines:
            if fitted:
                prop = self._text(fitted, gap, y, round(size * scale), bold=bold, anchor=("left", "top"))
                y -= self._extent(prop)[1] + round(0.45 * size)
        return y

    def _attribution(self, gap: int, size: int, width: int) -> int:
        assert self.caption is not None
        if not self.caption.attribution:
            return gap
        small = max(round(0.82 * size), round(SMALLEST * self.density * 0.9))
        words = self._fitted(self.caption.attribution, small, False, width - 2 * gap)
        pad = round(0.3 * gap)
        wide = self._width(words, small, False) + 2 * pad
        self._box(gap - pad, round(0.55 * gap) - pad, wide, round(1.2 * small) + 2 * pad, colours.PAPER, 0.6)
        prop = self._text(words, gap, round(0.55 * gap), small, colour="#5c6068")
        return round(0.55 * gap) + self._extent(prop)[1] + round(0.8 * gap)

    def _legends(self, floor: int, top: int, size: int, right: int) -> None:
        """Panels side by side along the lower edge; rows that do not fit are counted in words."""
        assert self.caption is not None
        at_right, gap = self.caption.at_right, size
        x = min(right, self.plotter.renderer.GetSize()[0] - 5 * size) if at_right else size  # the arrow's room
        for number, legend in enumerate(self.caption.legends):
            room = int((min(top, 0.62 * top + 0.38 * floor) - floor - 2.6 * size) / (1.45 * size))
            if room < 2:
                return
            rows = list(legend.classes)
            more = 0
            if len(rows) > room:
                more, rows = len(rows) - room + 1, rows[: room - 1]
            room_left = (size, x) if at_right else (x, right)
            edge = self._panel(legend, rows, more, room_left, floor, size, top - floor, number > 0)
            if edge is None:
                return
            x = edge - gap if at_right else edge + gap
            if (x < 7 * size) if at_right else (x > right - 6 * size):
                return

    def _panel(
        self,
        legend: Legend,
        rows: list[tuple[str, str]],
        more: int,
        room: tuple[int, int],
        y: int,
        size: int,
        high: int,
        further: bool,
    ) -> int | None:
        """One panel at the outer end of the room across; its inner edge, None where a further one would be too wide.

        room : from where to where across, pixels; high : pixels above ``y``
        """
        assert self.caption is not None
        at_right, whole = self.caption.at_right, self.plotter.renderer.GetSize()[0]
        line, pad = round(1.45 * size), round(0.75 * size)
        title = legend.title + (f" ({legend.unit})" if legend.unit else "")
        words = [label for _, label in rows] + ([f"and {more} more"] if more else [])
        small = round(0.85 * size)
        column = max(round(15 * size), max((self._width(word, size, False) for word in words), default=0) + line)
        notes: list[str] = []
        for note in legend.notes:
            longer = notes + self._wrapped(note, small, column)
            if line * (len(words) + 2) + 1.2 * size * len(longer) <= 0.45 * high:
                notes = longer
        widths = [self._width(word, size, False) + line for word in words] + [self._width(title, size, True)]
        widths += [self._width(note, small, False) for note in notes]
        wide = max(widths) + 2 * pad
        x = max(room[1] - wide, size) if at_right else room[0]
        if further and ((x < 0.45 * whole) if at_right else (x + wide > min(room[1], 0.55 * whole))):
            return None
        tall = line * (len(words) + 1) + round(1.2 * size) * len(notes) + round(1.6 * pad)
        self._box(x, y, wide, tall, colours.PAPER, 0.92)
        level = y + tall - round(0.8 * pad) - line // 2
        self._text(title, x + pad, level, size, bold=True, anchor=("left", "middle"))
        for k, word in enumerate(words):
            level -= line
            if k < len(rows):
                side = round(0.95 * size)
                self._box(x + pad, level - side // 2, side, side, rows[k][0], 1.0, edge=True)
            self._text(word, x + pad + line, level, size, anchor=("left", "middle"))
        level -= line // 2 + round(0.6 * size)
        for note in notes:
            self._text(note, x + pad, level, small, anchor=("left", "middle"), colour="#5c6068")
            level -= round(1.2 * size)
        return x if at_right else x + wide

    def _scale_and_north(self, camera: Camera, metres: float, width: int, floor: int, size: int) -> int:
        """Lower right corner; returns its left edge."""
        length = nice_length(metres * 9.0 * size)
        bar, x1 = round(length / metres), width - size
        x0, thick = x1 - bar, max(round(0.22 * size), 2)
        words = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
        self._box(x0 - thick, floor - thick, bar + 2 * thick, 3 * thick, colours.PAPER, 0.8)
        for part in range(4):
            tone = colours.INK if part % 2 == 0 else colours.PAPER
            self._box(x0 + bar * part // 4, floor, bar * (part + 1) // 4 - bar * part // 4, thick, tone, 1.0)
        prop = self._text(words, x1, floor + 2 * thick + round(0.25 * size), size, anchor=("right", "bottom"))
        self._north(x1 - round(1.7 * size), floor + 2 * thick + round(0.7 * size) + self._extent(prop)[1], size, camera)
        return x0 - thick

    def _north(self, x: float, y: float, size: int, camera: Camera) -> None:
        """An arrow on the ground's plane: it turns with the camera."""
        radius = 1.55 * size
        turn = -math.radians(heading_of(camera))
        centre = np.array([x, y + radius + 0.1 * size])
        ahead = np.array([-math.sin(turn), math.cos(turn)])
        side = np.array([ahead[1], -ahead[0]])
        ring = np.array([[math.cos(a), math.sin(a)] for a in np.linspace(0, 2 * math.pi, 48, endpoint=False)])
        self._shape(centre + ring * radius * 1.08, colours.PAPER, 0.8)
        tip, tail = centre + ahead * radius * 0.45, centre - ahead * radius * 0.85
        notch = centre - ahead * radius * 0.5
        self._shape(np.array([tip, tail + side * radius * 0.42, notch]), colours.INK, 1.0)
        self._shape(np.array([tip, notch, tail - side * radius * 0.42]), "#8b9099", 1.0)
        where = centre + ahead * radius * 0.72
        self._text("N", round(where[0]), round(where[1]), round(0.8 * size), bold=True, anchor=("centre", "middle"))

    # --- primitives

    def _box(self, x: int, y: int, w: int, h: int, colour: str, opacity: float, *, edge: bool = False) -> None:
        corners = np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]], dtype=float)
        if edge:
            rim = max(round(self.density), 1)
            self._shape(corners + np.array([[-rim, -rim], [rim, -rim], [rim, rim], [-rim, rim]]), "#8b9099", 1.0)
        self._shape(corners, colour, opacity)

    def _shape(self, corners: Any, colour: str, opacity: float) -> None:
        from vtkmodules.vtkRenderingCore import vtkActor2D, vtkPolyDataMapper2D

        corners = np.asarray(corners, dtype=np.float32)
        points = np.column_stack([corners, np.zeros(len(corners), dtype=np.float32)])
        mapper, actor = vtkPolyDataMapper2D(), vtkActor2D()
        mapper.SetInputData(polydata(points, np.arange(len(points))[None, :]))
        actor.SetMapper(mapper)
        actor.GetProperty().SetColor(*colours.unit(colour))
        actor.GetProperty().SetOpacity(opacity)
        self._add(actor)

    def _text(
        self,
        words: str,
        x: int,
        y: int,
        size: int,
        *,
        bold: bool = False,
        anchor: tuple[str, str] = ("left", "bottom"),
        colour: str = colours.INK,
    ) -> Any:
        actor = _text_actor(words, size, bold)
        look = actor.GetTextProperty()
        look.SetColor(*colours.unit(colour))
        {"left": look.SetJustificationToLeft, "right": look.SetJustificationToRight,
         "centre": look.SetJustificationToCentered}[anchor[0]]()  # fmt: skip
        {"bottom": look.SetVerticalJustificationToBottom, "top": look.SetVerticalJustificationToTop,
         "middle": look.SetVerticalJustificationToCentered}[anchor[1]]()  # fmt: skip
        actor.SetPosition(x, y)
        self._add(actor)
        return actor

    def _add(self, prop: Any) -> None:
        self.plotter.renderer.AddViewProp(prop)
        self._props.append(prop)

    def _extent(self, prop: Any) -> tuple[int, int]:
        size = [0.0, 0.0]
        prop.GetSize(self.plotter.renderer, size)
        return int(size[0]), int(size[1])

    def _width(self, words: str, size: int, bold: bool) -> int:
        return self._extent(_text_actor(words, size, bold))[0]

    def _wrapped(self, words: str, size: int, room: int) -> list[str]:
        """The words in lines not wider than the room."""
        lines: list[str] = []
        for word in words.split():
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and self._width(longer, size, False) <= room:
                lines[-1] = longer
            else:
                lines.append(word)
        return lines

    def _fitted(self, words: str, size: int, bold: bool, room: int) -> str:
        """The words, cut with an ellipsis where they are wider than the room."""
        if self._width(words, size, bold) <= room:
            return words
        low, high = 0, len(words)
        while low < high:
            middle = (low + high + 1) // 2
            fits = self._width(words[:middle].rstrip() + "…", size, bold) <= room
            low, high = (middle, high) if fits else (low, middle - 1)
        return words[:low].rstrip(" ·,") + "…"


def _text_actor(words: str, size: int, bold: bool) -> Any:
    from vtkmodules.vtkRenderingCore import vtkTextActor

    actor = vtkTextActor()
    actor.SetInput(words)
    look = actor.GetTextProperty()
    face = _typeface(bold)
    if face:
        look.SetFontFamily(FONT_FILE)
        look.SetFontFile(face)
    else:
        look.SetFontFamilyToArial()
    look.SetFontSize(max(size, 6))
    look.SetBold(bold)
    return actor


@lru_cache(maxsize=2)
def _typeface(bold: bool) -> str:
    """DejaVu Sans, which PyVista's own dependency brings: even figures and many scripts; "" where it is not."""
    found = find_spec("matplotlib")
    for folder in [] if found is None else found.submodule_search_locations or []:
        path = Path(folder) / "mpl-data" / "fonts" / "ttf" / ("DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf")
        if path.is_file():
            return str(path)
    return ""


def nice_length(metres: float) -> float:
    """The largest 1, 2 or 5 times a power of ten that is not above ``metres``."""
    power = 10.0 ** math.floor(math.log10(max(metres, 1e-6)))
    return float(next(power * nice for nice in (5.0, 2.0, 1.0) if power * nice <= metres * (1 + 1e-9)))
