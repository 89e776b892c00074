"""Read any city model and say what it holds.

python examples/read_a_city.py CITY.gml
"""

from __future__ import annotations

import sys
from collections import Counter

import citymodel


def main(path: str) -> Counter[str]:
    """The number of objects of each type; surfaces left out."""
    city = citymodel.read(path)
    objects = city.objects
    kinds = Counter(objects.type_of(row) for row in range(len(objects)) if not objects.is_surface[row])
    print(f"{city.format} {city.version}, {city.crs}: {city.n_polygons} polygons, {len(city.vertices)} vertices")
    for kind, count in kinds.most_common():
        print(f"{count:7}  {kind}")
    for warning in city.report.warnings():
        print(f"not understood: {warning['count']} × {warning['code']}, first at {warning['example']}")
    return kinds


if __name__ == "__main__":
    main(sys.argv[1])
