"""How water looks: the few lines of GLSL that colour its surface by depth, or as water, and draw its edge."""

from __future__ import annotations

import math
from typing import Any

from citymodel.results import LegendClass
from citymodel.scene import colours
from citymodel.scene.water_surface import WET

SHALLOW, DEEP = 0.78, 0.95
"""Opacity of the first class, through which streets are seen, and of those from half a metre."""
_DEC, _COLOUR = "//VTK::Normal::Dec", "//VTK::Color::Impl"


def dress(actor: Any, classes: tuple[LegendClass, ...], natural: bool) -> None:
    """Colour an actor whose points carry the array "flow": film and speed, see `water_surface.Sheet`."""
    actor.GetMapper().MapDataArrayToVertexAttribute("flowMC", "flow", 0, -1)  # 0: of points
    shader = actor.GetShaderProperty()
    shader.ClearAllShaderReplacements()
    shader.AddVertexShaderReplacement(
        _DEC, True, f"{_DEC}\nin vec2 flowMC;\nout vec2 flowVSOutput;\nout vec3 placeVSOutput;\n", False
    )
    impl = "//VTK::Normal::Impl"
    shader.AddVertexShaderReplacement(
        impl, True, f"{impl}\nflowVSOutput = flowMC;\nplaceVSOutput = vertexMC.xyz;\n", False
    )
    shader.AddFragmentShaderReplacement(
        _DEC, True, f"{_DEC}\nin vec2 flowVSOutput;\nin vec3 placeVSOutput;\n{_NOISE if natural else ''}", False
    )
    body = _natural() if natural else _stepped(classes)
    shader.AddFragmentShaderReplacement(_COLOUR, True, f"{_COLOUR}\n{_edge()}{body}{_END}", False)
    look = actor.GetProperty()
    look.SetLighting(natural)
    look.SetAmbient(0.62 if natural else 0.0)
    look.SetDiffuse(0.5 if natural else 1.0)
    look.SetSpecular(0.25 if natural else 0.0)
    look.SetSpecularPower(40.0)


def _edge() -> str:
    """Nothing beyond the waterline; ``waterRim`` is 1 at it and 0 a little way on."""
    return f"""
  float waterFilm = flowVSOutput.x;
  float waterWide = max(fwidth(waterFilm), 1e-6);
  if (waterFilm < 0.0) discard;
  float waterDepth = waterFilm + {WET:g};
  float waterRim = 1.0 - clamp(waterFilm / waterWide / 2.5, 0.0, 1.0);
  vec3 waterTint;
  float waterCover;
"""


def _stepped(classes: tuple[LegendClass, ...]) -> str:
    """The colour of each class, its limits smooth over a pixel, so that they are lines and no stairs."""
    first = classes[0]
    lines = [f"  waterTint = {_vec(first.colour)};", f"  waterCover = {cover(first):.3f};", "  float waterStep;"]
    for one in classes[1:]:
        lines += [
            f"  waterStep = clamp((waterDepth - {one.lower:g}) / waterWide + 0.5, 0.0, 1.0);",
            f"  waterTint = mix(waterTint, {_vec(one.colour)}, waterStep);",
            f"  waterCover = mix(waterCover, {cover(one):.3f}, waterStep);",
        ]
    edge = _vec(classes[min(3, len(classes) - 1)].colour)
    lines += [f"  waterTint = mix(waterTint, {edge}, 0.7 * waterRim);", "  waterCover = max(waterCover, waterRim);"]
    return "\n".join(lines) + "\n"


def cover(one: LegendClass) -> float:
    """Opacity of a class: streets shine through what is shallow."""
    share = min(max(one.lower, 0.0) / 0.5, 1.0)
    return SHALLOW + (DEEP - SHALLOW) * share


def _natural() -> str:
    """Clear brown-green where shallow, dark blue where deep, white where it runs fast."""
    return f"""
  float waterDeep = 1.0 - exp(-waterDepth * 1.6);
  waterTint = mix({_vec("#93b3b8")}, {_vec("#27566e")}, waterDeep);
  waterCover = mix(0.62, 0.95, 1.0 - exp(-waterDepth * 5.0));
  vec2 waterAt = placeVSOutput.xy;
  float waterFoam = smoothstep(0.6, 2.2, flowVSOutput.y);
  float waterPatch = waterNoise(waterAt * 0.9) * 0.6 + waterNoise(waterAt * 2.7) * 0.4;
  waterTint = mix(waterTint, {_vec("#eef3f2")}, 0.75 * waterFoam * smoothstep(0.45, 0.75, waterPatch));
  waterTint = mix(waterTint, {_vec("#d9e4e4")}, 0.35 * waterRim);
"""


_NOISE = """
float waterHash(vec2 p) { return fract(sin(dot(p, vec2(127.1, 311.7))) * 43758.5453); }
float waterNoise(vec2 p) {
  vec2 i = floor(p), f = fract(p);
  f = f * f * (3.0 - 2.0 * f);
  return mix(mix(waterHash(i), waterHash(i + vec2(1.0, 0.0)), f.x),
             mix(waterHash(i + vec2(0.0, 1.0)), waterHash(i + vec2(1.0, 1.0)), f.x), f.y);
}
"""
_END = """
  ambientColor = waterTint * ambientIntensity;
  diffuseColor = waterTint * diffuseIntensity;
  opacity = opacity * waterCover;
"""


def _vec(colour: str) -> str:
    parts = ", ".join(f"{part:.4f}" for part in colours.unit(colour))
    return f"vec3({parts})"


def limits(classes: tuple[LegendClass, ...]) -> tuple[float, ...]:
    """Depths at which classes meet."""
    return tuple(one.lower for one in classes[1:] if math.isfinite(one.lower))
