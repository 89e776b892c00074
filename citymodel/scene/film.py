"""Films: a document's pictures at many moments, drawn on one stage that touches only what changes between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from citymodel.jobs import Progress, silent
from citymodel.scene.drape import Drape
from citymodel.scene.render import Canvas
from citymodel.scene.state import View, resolve

if TYPE_CHECKING:
    from citymodel.document import Document


@dataclass(frozen=True, slots=True)
class Shot:
    """One frame's time: the clock's, None without one, and seconds since a flood's start, None without a flood."""

    moment: datetime | None
    seconds: float | None = None


def frames(
    document: Document,
    shots: Sequence[Shot],
    size: tuple[int, int],
    view: View,
    progress: Progress = silent,
    shade: Callable[[datetime], Drape | None] | None = None,
) -> Iterator[NDArray[np.uint8]]:
    """(height, width, 3) uint8 pictures, one a shot.

    shade : makes the drape of cast shadows at a moment; None for none
    """
    canvas = Canvas(size, film=True)
    try:
        for number, shot in enumerate(shots):
            progress(number / len(shots), f"frame {number + 1} of {len(shots)}")
            drape = None if shade is None or shot.moment is None else shade(shot.moment)
            now = replace(view, size=size, seconds=shot.seconds, drape=drape if drape is not None else view.drape)
            yield canvas.draw(resolve(document, shot.moment, now))
        progress(1.0, "the film is drawn")
    finally:
        canvas.close()
