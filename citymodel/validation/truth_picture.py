"""A picture of a part of the truth city: sun and shade by the rays, and the cells where kernel and march differ."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from citymodel.validation import pictures as look
from citymodel.validation.vector_city import VectorCity
from kernels import shadow
from kernels.march import march_mask

SUN = (207.0, 35.0)
_CORNER, _CELLS = 400, 150


def draw(city: VectorCity, path: Path) -> None:
    """Two panels of 150 × 150 m at 1 m: the kernel's wrong cells, the march's wrong cells."""
    from matplotlib.patches import Patch

    dsm, open_ground = city.raster(1.0)
    truth = ~city.lit(dsm, 1.0, *SUN)
    models = (
        ("Our kernel", shadow.shadow_mask(dsm, 1.0, *SUN) == shadow.SHADE),
        ("UMEP-like march", march_mask(dsm, 1.0, *SUN) == shadow.SHADE),
    )
    part = (slice(_CORNER, _CORNER + _CELLS), slice(_CORNER, _CORNER + _CELLS))
    made, axes = look.figure(8.2, 4.6, 1, 2)
    for panel, (name, shade) in zip(axes, models, strict=True):
        panel.imshow(_image(truth[part], shade[part], open_ground[part]), extent=(0, _CELLS, 0, _CELLS))
        look.quiet(panel, "metres east", "metres north", f"{name}: {100 * (shade != truth)[part].mean():.2f} % differ")
        panel.grid(False)
    axes[1].set_ylabel("")
    made.legend(
        handles=[
            Patch(color=look.LIT, label="ground, sun"), Patch(color=look.SHADE, label="ground, shade"),
            Patch(color="#e2dccb", label="roof, sun"), Patch(color="#8f98a4", label="roof, shade"),
            Patch(color=look.TOO_LIT, label="wrongly in the sun"),
            Patch(color=look.TOO_DARK, label="wrongly in the shade"),
        ],
        loc="outside lower center", ncols=6, frameon=False, fontsize=8, labelcolor=look.INK, handlelength=1.2,
        columnspacing=1.2,
    )  # fmt: skip
    look.save(made, path)


def _image(truth: Any, shade: Any, ground: Any) -> Any:
    """(rows, columns, 3) colours."""
    from matplotlib.colors import to_rgb

    image = np.empty((*truth.shape, 3))
    image[:] = to_rgb(look.LIT)
    image[truth] = to_rgb(look.SHADE)
    image[~ground & ~truth] = to_rgb("#e2dccb")
    image[~ground & truth] = to_rgb("#8f98a4")
    image[truth & ~shade] = to_rgb(look.TOO_LIT)
    image[~truth & shade] = to_rgb(look.TOO_DARK)
    return image
