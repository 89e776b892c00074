"""A cloudburst with and without a flood wall: where the water stands, and where every cubic metre went.

python examples/flood_with_and_without_a_wall.py TERRAIN.tif MILLIMETRES X0 Y0 X1 Y1 HEIGHT OUT_FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from citymodel.analysis.export import export_result
from citymodel.analysis.flood.parameters import FloodParameters
from citymodel.analysis.flood.study import run
from citymodel.project import open_data
from citymodel.scenario import AddWall


def main(
    terrain: str, rain: float, line: tuple[tuple[float, float], ...], height: float, out: Path, **more: Any
) -> dict[str, dict[str, float]]:
    """Write the maps of an hour's rain, mm, on the terrain as it is and with a wall along a line in its CRS.

    more : other parameters of the study, by name
    Returns cubic metres by what they are, of the base and of the scenario.
    """
    document = open_data([terrain]).with_change(AddWall("wall", "Flood wall", line, height))
    asked = {"rain": "depth", "depth": rain, "duration": 60, "infiltration": "none", "roughness": "uniform", **more}
    result = run(document, FloodParameters.checked(**asked))
    for note in result.notes:
        print(note)
    rise = result.fields["max_depth_difference"].data
    print(f"deepest water {float(np.nanmax(rise)):+.2f} and {float(np.nanmin(rise)):+.2f} m at the most by the wall")
    table = result.fields["balance"].data
    found: dict[str, dict[str, float]] = {}
    for state in ("base", "scenario"):
        found[state] = dict(zip(table["id"], map(float, table[f"volume_m3_{state}"]), strict=True))
        print(f"\n{state}, cubic metres")
        for name, volume in found[state].items():
            print(f"  {name:24} {volume:16,.3f}")
    out.mkdir(parents=True, exist_ok=True)
    for written in export_result(result, out / "flood.tif"):
        print(written)
    return found


if __name__ == "__main__":
    x0, y0, x1, y1 = (float(word) for word in sys.argv[3:7])
    main(sys.argv[1], float(sys.argv[2]), ((x0, y0), (x1, y1)), float(sys.argv[7]), Path(sys.argv[8]))
