"""City models as triangle meshes for other tools: GLB, PLY, OBJ and STL; written, not read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from citymodel.errors import ParameterError
from citymodel.model import CityModel

if TYPE_CHECKING:
    from trimesh import Trimesh

NAME = "triangle mesh"
SUFFIXES = (".glb", ".ply", ".obj", ".stl")
# name of the part, what its types contain, colour (r, g, b, a)
_PARTS: tuple[tuple[str, tuple[str, ...], tuple[int, int, int, int]], ...] = (
    ("Roofs", ("Roof", "OuterFloor"), (178, 96, 76, 255)),
    ("Walls", ("Wall", "OuterCeiling"), (222, 214, 200, 255)),
    ("Windows", ("Window", "Door"), (120, 148, 168, 255)),
    ("Ground", ("GroundSurface", "Relief", "TIN"), (170, 168, 150, 255)),
    ("Water", ("Water",), (118, 162, 196, 255)),
    ("Traffic", ("Road", "Rail", "Traffic", "Square", "Track"), (150, 150, 152, 255)),
    ("Plants", ("Plant", "Vegetation", "LandUse"), (136, 168, 112, 255)),
    ("Other", ("",), (205, 200, 192, 255)),
)


def sniff(head: bytes, path: Path) -> bool:
    return False


def write(model: CityModel, path: str | Path, **_: Any) -> None:
    """Write the polygons that are shown (each object's highest LoD) as triangles.

    Coordinates are metres from the model's lower south-west corner rounded down to 100 m, so that
    float32 keeps millimetres; GLB is turned y up and names origin and CRS in its ``extras``,
    the other formats in a comment where they have one.
    """
    from citymodel.formats.whole_file import whole_file

    path = Path(path)
    if not isinstance(model, CityModel):
        raise ParameterError(f"{path}: a mesh is made of a city model; export points as .laz, rasters as .tif")
    origin = _origin(model)
    parts = _meshes(model, origin)
    if not parts:
        raise ParameterError(f"{path}: the model has no polygon with an area, so there is no mesh to write")
    facts = {"origin": list(origin), "crs": model.crs or "unknown", "unit": "metre"}
    data = _glb(parts, facts) if path.suffix.lower() == ".glb" else _joined(parts, path.suffix.lower(), facts)
    with whole_file(path) as part:
        part.write_bytes(data)


def _origin(model: CityModel) -> tuple[float, float, float]:
    bounds = model.bounds() or (0.0,) * 6
    return (100.0 * (bounds[0] // 100.0), 100.0 * (bounds[1] // 100.0), 0.0)


def _meshes(model: CityModel, origin: tuple[float, float, float]) -> dict[str, Trimesh]:
    """Part name → mesh, coordinates relative to ``origin``, faces coloured."""
    from trimesh import Trimesh

    from citymodel.triangulate import display_polygons, owner_of_polygons, triangulate

    triangles = triangulate(model)
    shown = np.isin(triangles.polygon, display_polygons(model))
    index, polygon = triangles.index[shown], triangles.polygon[shown]
    owners = owner_of_polygons(model)
    row = np.where(owners.surface_row >= 0, owners.surface_row, owners.object_row)[polygon]
    kinds = np.array([_part_of(name) for name in model.objects.type_names], dtype=np.int64)
    part = np.where(row >= 0, kinds[model.objects.type[row]] if len(kinds) else 0, len(_PARTS) - 1)
    found = {}
    for k, (name, _words, colour) in enumerate(_PARTS):
        chosen = index[part == k]
        if len(chosen):
            used, faces = np.unique(chosen, return_inverse=True)
            found[name] = Trimesh(
                vertices=model.vertices[used] - origin,
                faces=faces.reshape(-1, 3),
                face_colors=np.tile(np.array(colour, dtype=np.uint8), (len(chosen), 1)),
                process=False,
                metadata={"name": name},
            )
    return found


def _part_of(type_name: str) -> int:
    return next(k for k, (_, words, _c) in enumerate(_PARTS) if any(word in type_name for word in words))


def _glb(parts: dict[str, Trimesh], facts: dict[str, Any]) -> bytes:
    """glTF 2.0: y up, one node and material a part, flat shaded because no normals are given."""
    from trimesh import Scene
    from trimesh.visual import TextureVisuals
    from trimesh.visual.material import PBRMaterial

    upright: NDArray[np.float64] = np.array([[1, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1]], dtype=np.float64)
    scene = Scene()
    for name, mesh in parts.items():
        colour = next(c for n, _, c in _PARTS if n == name)
        turned = mesh.copy()
        turned.apply_transform(upright)
        turned.visual = TextureVisuals(
            material=PBRMaterial(
                name=name, baseColorFactor=colour, metallicFactor=0.0, roughnessFactor=0.9, doubleSided=True
            )
        )
        scene.add_geometry(turned, node_name=name, geom_name=name)

    def with_facts(tree: dict[str, Any]) -> None:
        tree["asset"]["extras"] = facts
        tree["asset"]["generator"] = "citymodel"

    data: bytes = scene.export(file_type="glb", tree_postprocessor=with_facts)
    return data


def _joined(parts: dict[str, Trimesh], suffix: str, facts: dict[str, Any]) -> bytes:
    """One mesh of all parts in a format without nodes."""
    from trimesh.util import concatenate

    mesh = concatenate(list(parts.values()))
    note = f"citymodel; {facts['crs']}; origin {' '.join(f'{v:.3f}' for v in facts['origin'])}; metres"
    if suffix == ".obj":
        lines = [f"# {note}"]
        lines += ["v {:.4f} {:.4f} {:.4f}".format(*v) for v in np.concatenate([p.vertices for p in parts.values()])]
        first = 1
        for name, part in parts.items():
            lines += [f"g {name}", *("f {} {} {}".format(*face) for face in (part.faces + first).tolist())]
            first += len(part.vertices)
        return ("\n".join(lines) + "\n").encode()
    data = mesh.export(file_type=suffix[1:])
    if suffix == ".ply":
        data = data.replace(
            b"format binary_little_endian 1.0\n", b"format binary_little_endian 1.0\ncomment %b\n" % note.encode(), 1
        )
    return bytes(data)
