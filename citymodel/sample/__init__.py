"""The sample city: a seeded town of one square kilometre, and the files it is written to."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from citymodel.jobs import Progress, silent

SEED = 7
README = """Auenfurt, the sample city of citymodel

An invented town of one square kilometre, made by a seeded program; it stands for no real place, person or
building, and its coordinates only say which way is north. Anyone may use these files for anything (CC0 1.0).

city.gml            buildings, bridges, roads, land use, water and trees, CityGML 2.0, LoD2
planned_tower.gml   a proposal for the empty site by the river; add it to see what it shades
points.laz          a simulated laser flight, LAS 1.4 format 6: 1 walls and cars, 2 ground, 5 trees, 6 buildings,
                    7 noise, 9 water, 17 bridge
terrain.tif         the bare ground and the river bed, 1 m, metres above NHN
footprints.gpkg     building footprints with function, year, storeys, people and height
cloudburst.toml     a flood's case, on terrain_2m.tif: citymodel flood cloudburst.toml -o water.nc
cloudburst_rain.csv its rain, and rain_statistics.csv, depths of rain by duration and return period: both invented
sample.json         the files and the views a window opens with

ETRS89 / UTM zone 32N and DHHN2016 heights (EPSG:25832+7837).
"""


def edition() -> str:
    """A short word for what the modules here would write: other modules, another word."""
    found = hashlib.sha256(str(SEED).encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        found.update(path.read_bytes())
    return found.hexdigest()[:8]


def write(folder: str | Path, seed: int = SEED, progress: Progress = silent) -> dict[str, Any]:
    """Make the city for a seed and write its files into ``folder``; return what ``sample.json`` says."""
    from citymodel.sample import citygml, files, flight
    from citymodel.sample.city import build
    from citymodel.sample.cloudburst import write_cloudburst
    from citymodel.sample.traffic import parked_cars
    from citymodel.sample.views import facts

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    progress(0.0, "drawing the plan")
    city = build(seed)
    progress(0.1, "writing the terrain and the footprints")
    files.write_terrain(folder / "terrain.tif", city.terrain.raster(1.0))
    files.write_footprints(folder / "footprints.gpkg", city.buildings)
    progress(0.2, "flying over the city")
    scan = flight.fly(flight.surfaces(city, parked_cars(city.plan, seed)), seed)
    progress(0.6, "writing the points")
    files.write_points(folder / "points.laz", scan)
    progress(0.75, "writing the city model")
    files.write_text(folder / "planned_tower.gml", citygml.proposal(city.tower))
    files.write_text(folder / "city.gml", citygml.city(city))
    write_cloudburst(folder, city)
    files.write_text(folder / "README.txt", README)
    found = facts(city)
    files.write_json(folder / "sample.json", found)
    progress(1.0, "the sample city is written")
    return found
