"""The pictures of the flood's chapters: depth along a line, and water seen from above over shaded ground."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.validation import pictures as look

F8 = NDArray[np.float64]
COLOURS = {"second-order": look.BLUE, "first-order": look.ORANGE, "preview": look.PURPLE}
LINES = {"second-order": "-", "first-order": "--", "preview": ":"}
BED, WALL = "#e3ddd3", "#3a3f45"


def bed(axes: Any, x: F8, ground: F8, down: float) -> None:
    """Ground of a profile, filled to `down` metres."""
    axes.fill_between(x, ground, down, color=BED, linewidth=0)
    axes.plot(x, ground, color=look.GREY, linewidth=0.9)


def truth(axes: Any, x: F8, values: F8, name: str = "exact") -> None:
    """A solution: a wide quiet line that the models are drawn over."""
    axes.plot(x, values, color="#b9c1cb", linewidth=4.5, label=name, solid_capstyle="butt")


def model(axes: Any, x: F8, values: F8, scheme: str, name: str) -> None:
    """What a scheme found."""
    axes.plot(x, values, LINES[scheme], color=COLOURS[scheme], linewidth=1.4, label=name)


def plan(
    axes: Any, depth: F8, ground: F8, extent: tuple[float, float, float, float], most: float, least: float = 1e-3
) -> Any:
    """Depth from above, deeper is darker, over grey ground; walls dark; returns the image for a colour bar.

    extent : west, east, south, north; most : metres of the darkest blue; least : metres below which ground shows
    """
    from matplotlib.colors import ListedColormap

    axes.imshow(_shaded(ground), cmap="gray", vmin=0, vmax=1, extent=extent, interpolation="nearest")
    axes.imshow(np.where(np.isnan(depth), 1.0, np.nan), cmap=ListedColormap([WALL]), vmin=0, vmax=1, extent=extent,
                interpolation="nearest")  # fmt: skip
    water = np.where(depth > least, depth, np.nan)
    image = axes.imshow(water, cmap=_blues(), vmin=0, vmax=most, extent=extent, interpolation="nearest")
    look.quiet(axes, "", "")
    axes.grid(visible=False)
    return image


def change(axes: Any, difference: F8, extent: tuple[float, float, float, float], most: float) -> Any:
    """A difference of depths from above, orange where more, blue where less; walls dark."""
    from matplotlib.colors import LinearSegmentedColormap, ListedColormap

    colours = LinearSegmentedColormap.from_list("change", ["#0b3c8c", "#7fa6cf", "#f7f7f5", "#e2a46e", "#a8480a"])
    image = axes.imshow(difference, cmap=colours, vmin=-most, vmax=most, extent=extent, interpolation="nearest")
    axes.imshow(np.where(np.isnan(difference), 1.0, np.nan), cmap=ListedColormap([WALL]), vmin=0, vmax=1,
                extent=extent, interpolation="nearest")  # fmt: skip
    look.quiet(axes, "", "")
    axes.grid(visible=False)
    return image


def bar(figure: Any, image: Any, axes: Any, label: str, **how: Any) -> None:
    """A colour bar with its unit."""
    drawn = figure.colorbar(image, ax=axes, **{"shrink": 0.85, "pad": 0.02, **how})
    drawn.set_label(label, color=look.QUIET, fontsize=8.5)
    drawn.ax.tick_params(colors=look.QUIET, labelsize=8, length=0)
    drawn.outline.set_visible(False)


def _blues() -> Any:
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("water", ["#d6e8f5", "#8fc1e3", "#3d8cc4", "#0b5394", "#06284f"])


def _shaded(ground: F8) -> F8:
    """Relief in light greys, lit from the north-west; flat ground in one of them."""
    z = np.where(np.isfinite(ground), ground, np.nanmin(ground))
    south, east = (np.gradient(z, axis=k) if z.shape[k] > 1 else np.zeros_like(z) for k in (0, 1))
    fall = south + east
    return np.asarray(np.clip(0.86 - 0.12 * fall / (np.percentile(np.abs(fall), 98) + 1e-9), 0.6, 1.0))
