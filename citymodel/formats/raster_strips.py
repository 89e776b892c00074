"""GeoTIFF written strip by strip, for results larger than memory; the file appears whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.errors import ParameterError
from citymodel.formats.raster import rasterio_crs, tags_of

Put = Callable[[int, NDArray[Any]], None]


@contextmanager
def strips_to(
    path: str | Path, shape: tuple[int, int], edges: tuple[float, float, float, float], dtype: str,
    attrs: Mapping[str, Any],
) -> Iterator[Put]:  # fmt: skip
    """Yield ``put(first row, values)``.

    edges : xmin, ymin, xmax, ymax; attrs : as of a raster that ``citymodel.formats.raster`` writes
    """
    import rasterio
    from affine import Affine
    from rasterio.windows import Window
    from xarray import DataArray

    from citymodel.formats.whole_file import whole_file

    path = Path(path)
    if path.suffix.lower() not in (".tif", ".tiff"):
        raise ParameterError(f"{path}: a raster larger than memory is written as .tif; name it so")
    rows, columns = shape
    left, low, right, high = edges
    place = Affine((right - left) / columns, 0.0, left, 0.0, -(high - low) / rows, high)
    kind = np.dtype(dtype).kind
    crs = attrs.get("crs")
    with whole_file(path) as part, rasterio.Env(GDAL_PAM_ENABLED="NO", GDAL_CACHEMAX=128), rasterio.open(
        part, "w", driver="GTiff", height=rows, width=columns, count=1, dtype=dtype, transform=place,
        crs=rasterio_crs(crs) if crs else None, nodata=float("nan") if kind == "f" else 255,
        tiled=True, blockxsize=256, blockysize=256, compress="deflate", predictor=3 if kind == "f" else 2,
        num_threads=2, BIGTIFF="IF_SAFER",
    ) as target:  # fmt: skip
        target.update_tags(**tags_of(DataArray(np.zeros((0, 0)), dims=("y", "x"), attrs=dict(attrs))))
        if attrs.get("units"):
            target.units = (str(attrs["units"]),)

        def put(first: int, values: NDArray[Any]) -> None:
            target.write(values, 1, window=Window(0, first, columns, values.shape[0]))

        yield put
