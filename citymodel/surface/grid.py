"""Grid: the place, cell and size of a raster, north up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from citymodel.bilinear import bilinear
from citymodel.errors import ParameterError, ResourceError

if TYPE_CHECKING:
    from xarray import DataArray

    from citymodel.layers import Layer

CELLS_AT_MOST = 400_000_000
SLACK = 1e-3
"""Share of a cell by which places of rasters may differ and still be the same: files round their corners."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Square cells of ``cell`` metres; (x0, y0) is the top left corner.

    shape : rows, columns
    crs : "EPSG:H[+V]", None for a local system
    """

    x0: float
    y0: float
    cell: float
    shape: tuple[int, int]
    crs: str | None = None

    def __post_init__(self) -> None:
        if not (math.isfinite(self.cell) and self.cell > 0):
            raise ParameterError(f"a cell of {self.cell:g} m is not possible; give a size above 0, for example 1")
        rows, columns = self.shape
        if rows < 1 or columns < 1:
            raise ParameterError("the raster would have no cells; check the box and the cell size")
        if rows * columns > CELLS_AT_MOST:
            raise ResourceError(
                f"{rows:,} × {columns:,} cells are too many; choose a smaller area or a cell above {self.cell:g} m"
            )

    @classmethod
    def around(cls, bounds: Sequence[float], cell: float, crs: str | None) -> Grid:
        """The grid over bounds of 4 or 6 numbers, its edges on whole multiples of the cell.

        What reaches less than a thousandth of a cell beyond such an edge gets no cell of its own.
        """
        half = len(bounds) // 2
        if not (math.isfinite(cell) and cell > 0):
            raise ParameterError(f"a cell of {cell:g} m is not possible; give a size above 0, for example 1")
        left, top = math.floor(bounds[0] / cell + SLACK), math.ceil(bounds[half + 1] / cell - SLACK)
        columns = max(1, math.ceil(bounds[half] / cell - SLACK) - left)
        rows = max(1, top - math.floor(bounds[1] / cell + SLACK))
        return cls(left * cell, top * cell, cell, (rows, columns), crs)

    @classmethod
    def of(cls, raster: DataArray, name: str = "the raster") -> Grid:
        """The grid of a raster with square cells; name : what errors call it."""
        x, y = np.asarray(raster["x"], dtype=np.float64), np.asarray(raster["y"], dtype=np.float64)
        if len(x) < 2 or len(y) < 2:
            raise ParameterError(f"{name}: has {len(y)} × {len(x)} cells; two by two are the least, give more of it")
        dx, dy = (x[-1] - x[0]) / (len(x) - 1), (y[0] - y[-1]) / (len(y) - 1)
        if abs(dx - dy) > 1e-6 * abs(dx) or dx <= 0:
            raise ParameterError(
                f"{name}: its cells are {abs(dx):g} × {abs(dy):g}; square ones are needed, resample it first "
                f"(gdalwarp -tr {min(abs(dx), abs(dy)):g} {min(abs(dx), abs(dy)):g} IN OUT)"
            )
        from citymodel.geo import crs_text_of_raster

        return cls(float(x[0] - dx / 2), float(y[0] + dy / 2), float(dx), (len(y), len(x)), crs_text_of_raster(raster))

    @property
    def x(self) -> NDArray[np.float64]:
        """(columns,) x of the cells' centres."""
        return np.asarray(self.x0 + (np.arange(self.shape[1]) + 0.5) * self.cell)

    @property
    def y(self) -> NDArray[np.float64]:
        """(rows,) y of the cells' centres, north first."""
        return np.asarray(self.y0 - (np.arange(self.shape[0]) + 0.5) * self.cell)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """(xmin, ymin, xmax, ymax) of the cells' outer edges."""
        rows, columns = self.shape
        return self.x0, self.y0 - rows * self.cell, self.x0 + columns * self.cell, self.y0

    def cell_at(self, x: float, y: float) -> tuple[int, int] | None:
        """Row and column of the cell that contains a place, None outside."""
        row, column = math.floor((self.y0 - y) / self.cell), math.floor((x - self.x0) / self.cell)
        return (row, column) if 0 <= row < self.shape[0] and 0 <= column < self.shape[1] else None

    def centre(self, row: int, column: int) -> tuple[float, float]:
        """x, y of a cell's centre."""
        return self.x0 + (column + 0.5) * self.cell, self.y0 - (row + 0.5) * self.cell

    def raster(
        self, values: NDArray[Any], long_name: str, units: str = "m", source: str = "", filled: Any = None
    ) -> DataArray:
        """The values on this grid with their CRS.

        values : (rows, columns); filled : (rows, columns) bool, cells that hold no measurement;
        it becomes the coordinate "filled"
        """
        import rioxarray  # noqa: F401  (adds .rio)
        from xarray import DataArray

        raster = DataArray(values, dims=("y", "x"), coords={"y": self.y, "x": self.x}, name=long_name.replace(" ", "_"))
        if filled is not None:
            raster = raster.assign_coords(filled=(("y", "x"), filled))
        if self.crs is not None:
            from citymodel.geo import definition

            raster = raster.rio.write_crs(definition(self.crs).to_wkt())
        raster.attrs.update({"units": units, "long_name": long_name, "source": source})
        if self.crs is not None:
            raster.attrs["crs"] = self.crs
        return raster

    def sample(self, raster: DataArray) -> NDArray[np.float32]:
        """(rows, columns) float32 of another raster at this grid's centres: the same cells, else bilinear.

        Up to the other's outer edge, half a cell beyond its outermost centres, its last cells hold. NaN beyond, and
        where its known cells are the lesser part of what is around.
        """
        x, y = np.asarray(raster["x"], dtype=np.float64), np.asarray(raster["y"], dtype=np.float64)
        values = np.asarray(raster, dtype=np.float32)
        if _same(x, self.x, self.cell) and _same(y, self.y, self.cell):
            return values
        (column, across), (row, down) = _between(self.x, x), _between(-self.y, -y)
        found, known = bilinear(values, row[:, None], column[None, :])
        return np.where(down[:, None] & across[None, :] & (known >= 0.5), found, np.nan).astype(np.float32)


def _same(centres: NDArray[np.float64], others: NDArray[np.float64], cell: float) -> bool:
    """Whether two rasters have their cells in the same places along an axis."""
    return len(centres) == len(others) and bool(np.abs(centres - others).max(initial=0.0) <= SLACK * cell)


def _between(
    places: NDArray[np.float64], centres: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Where places lie among rising centres, counted in cells, and whether they lie in any of the cells."""
    reach = (0.5 + SLACK) * (centres[-1] - centres[0]) / (len(centres) - 1) if len(centres) > 1 else 0.0
    inside = (places >= centres[0] - reach) & (places <= centres[-1] + reach)
    return np.interp(places, centres, np.arange(len(centres))), inside


def extent(layers: Sequence[Layer]) -> tuple[float, float, float, float]:
    """(xmin, ymin, xmax, ymax) of the points and models among the layers, else of the rasters."""
    found = [layer.data.bounds() for layer in layers if layer.kind in ("city", "points")]
    boxes = [(one[0], one[1], one[3], one[4]) for one in found if one is not None]
    if not boxes:
        boxes = [Grid.of(layer.data).bounds for layer in layers if layer.kind in ("terrain", "surface")]
    if not boxes:
        raise ParameterError("there are no points, models or rasters to make a surface of; add data first")
    low, high = np.min(boxes, axis=0), np.max(boxes, axis=0)
    return float(low[0]), float(low[1]), float(high[2]), float(high[3])
