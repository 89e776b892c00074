"""Pictures without a screen: a document drawn off-screen into a PNG of any size."""

from __future__ import annotations

import ctypes
import os
import sys
import tempfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from citymodel.errors import MissingPart, ParameterError
from citymodel.scene.state import SceneState, View, resolve

if TYPE_CHECKING:
    from citymodel.document import Document

DOUBLE_BELOW = 2_600_000  # pixels up to which a picture is drawn at double size and averaged
LARGEST = 16_384
SOFTWARE = ("llvmpipe", "softpipe", "swiftshader", "microsoft basic render")
FILM_SAMPLES = 32  # each frame is seen for a moment


def render(
    document: Document,
    path: Path | str,
    size: tuple[int, int] = (1600, 1000),
    view: View | str = "home",
    moment: datetime | None = None,
) -> Path:
    """Write a PNG of the document; it appears whole or not at all.

    Parameters
    ----------
    size : width, height in pixels
    view : a View, or the name of a view or bookmark
    moment : the time, with zone, that places the sun
    """
    _check(size)
    chosen = View(camera=view) if isinstance(view, str) else view
    image = picture(resolve(document, moment, replace(chosen, size=size)), size)
    return write_png(image, Path(path))


def picture(state: SceneState, size: tuple[int, int] = (1600, 1000)) -> NDArray[np.uint8]:
    """(height, width, 3) uint8 picture of a state."""
    canvas = Canvas(size)
    try:
        return canvas.draw(state)
    finally:
        canvas.close()


class Canvas:
    """A stage without a screen that draws one state after the other; close it at the end.

    size : width, height in pixels
    film : many pictures follow: fewer looks into corners, and none where a processor draws, whose occlusion pass shades
    a second picture of the same window only in patches
    """

    def __init__(self, size: tuple[int, int], film: bool = False) -> None:
        _check(size)
        probe()
        import pyvista as pv

        from citymodel.scene.stage import Stage

        self.density = 2 if size[0] * size[1] <= DOUBLE_BELOW else 1
        window = [size[0] * self.density, size[1] * self.density]
        self.plotter = pv.Plotter(off_screen=True, window_size=window, lighting="none")
        self.stage = Stage(
            self.plotter,
            self.density,
            occlusion=not (film and by_processor(self.plotter.render_window)),
            samples=FILM_SAMPLES if film else 96,
        )
        self._drawn = False

    def draw(self, state: SceneState) -> NDArray[np.uint8]:
        """(height, width, 3) uint8 picture of a state."""
        self.stage.show(state)
        self.plotter.renderer.ResetCameraClippingRange()
        if self._drawn:  # PyVista draws by itself only the first time that it is asked for a picture
            self.plotter.render_window.Render()
        self._drawn = True
        image = np.asarray(self.plotter.screenshot(return_img=True))[..., :3]
        return _halved(image) if self.density == 2 else np.ascontiguousarray(image)

    def close(self) -> None:
        """Let go of the graphics."""
        self.plotter.close()


def by_processor(window: Any) -> bool:
    """Whether a VTK window is drawn by the processor and by no graphics card."""
    window.Initialize()
    return any(one in window.ReportCapabilities().lower() for one in SOFTWARE)


def _check(size: tuple[int, int]) -> None:
    if not (min(size) >= 16 and max(size) <= LARGEST):
        raise ParameterError(f"a picture of {size[0]} × {size[1]} pixels; each side has to be 16 to {LARGEST}")


def _halved(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    rows, cols = image.shape[0] // 2, image.shape[1] // 2
    parts = image[: rows * 2, : cols * 2].reshape(rows, 2, cols, 2, 3)
    return np.asarray(parts.mean(axis=(1, 3)) + 0.5, dtype=np.uint8)


def probe() -> None:
    """Fail in words where VTK would crash: its Linux build needs libGL, and libEGL without a display."""
    if not sys.platform.startswith("linux"):
        return
    for library, package in (("libGL.so.1", "libgl1"), ("libEGL.so.1", "libegl1")):
        try:
            ctypes.CDLL(library)
        except OSError as error:
            raise MissingPart(
                f"{library} is missing and pictures need it: on Debian and Ubuntu run apt install {package}"
            ) from error
    if not os.environ.get("DISPLAY"):
        os.environ.setdefault("VTK_DEFAULT_OPENGL_WINDOW", "vtkEGLRenderWindow")


def write_png(image: NDArray[Any], path: Path) -> Path:
    """Write through a neighbour file, so that a reader never sees half a picture."""
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(suffix=".png", prefix=f".{path.stem}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            Image.fromarray(image).save(stream, format="PNG", optimize=True)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return path
