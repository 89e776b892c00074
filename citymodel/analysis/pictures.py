"""A result in files by the path's suffix, of one that has pictures of its own also those."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from citymodel.analysis.export import export_result, rasters_of
from citymodel.errors import ParameterError
from citymodel.results import Result

if TYPE_CHECKING:
    from citymodel.document import Document


def write_result(
    document: Document, result: Result, path: Path, *, field: str | None = None, rendered: bool = True
) -> list[Path]:
    """Write a result; what ``export_result`` writes, and as PNG also a picture of what is on façades, or of a view.

    field : a map or table by name, or a column of the façade points
    rendered : with the city drawn, which no other thread may do beside a window
    """
    if path.suffix.lower() != ".png":
        return export_result(result, path, field=field)
    from citymodel.scene.patches import columns_of

    columns = columns_of(result)
    if result.analysis == "outlook" and (field is None or field not in columns):
        from citymodel.analysis.outlook.picture import outlook_picture

        return [outlook_picture(document, result, path, rendered=rendered)]
    maps = [one.name for one in rasters_of(result)]
    if not columns or (maps and field not in columns):
        return export_result(result, path, field=field)
    if field is not None and field not in columns:
        raise ParameterError(f"the façades have no column {field!r}; they have {', '.join(columns)}")
    from citymodel.scene.facade_picture import facade_picture

    return [facade_picture(document, result, path, column=field or "")]
