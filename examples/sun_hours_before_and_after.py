"""Hours of sun before and after: open a city, add a tower, compare, and write the maps.

python examples/sun_hours_before_and_after.py CITY.gml X Y HEIGHT OUT_FOLDER
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from citymodel.analysis.export import export_result
from citymodel.analysis.shadow import run
from citymodel.analysis.shadow_parameters import ShadowParameters
from citymodel.project import open_data
from citymodel.scenario import AddBox


def main(city: str, x: float, y: float, height: float, out: Path) -> list[Path]:
    """Write the maps and tables of a 20 × 20 m tower at (x, y), in the CRS of the city."""
    square = ((x - 10, y - 10), (x + 10, y - 10), (x + 10, y + 10), (x - 10, y + 10))
    document = open_data([city]).with_change(AddBox("tower", "Tower", square, height))
    result = run(document, ShadowParameters(date=date(2026, 3, 21), step="30min", cell=2.0, zone="UTC"))
    for note in result.notes:
        print(note)
    out.mkdir(parents=True, exist_ok=True)
    return [path for suffix in (".tif", ".png", ".gpkg") for path in export_result(result, out / f"sun{suffix}")]


if __name__ == "__main__":
    for written in main(sys.argv[1], *(float(word) for word in sys.argv[2:5]), Path(sys.argv[5])):
        print(written)
