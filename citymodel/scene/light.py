"""The light: where the sun stands, the sky behind the city, and the soft shade in its corners."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from citymodel.scene import colours

STEADY = 42.0  # degrees above the horizon of the light that a result is seen in


@dataclass(frozen=True, slots=True)
class Light:
    """The sun as the picture shows it.

    azimuth, altitude : degrees, from grid north clockwise and above the horizon
    known : False when nobody named a moment: the light is a studio's, chosen for legibility
    even : True where a result lies on the city: its colours have to match the legend
    """

    azimuth: float = 235.0
    altitude: float = 42.0
    known: bool = False
    even: bool = False

    @property
    def direction(self) -> tuple[float, float, float]:
        """From the city towards the sun, a unit vector."""
        azimuth, altitude = math.radians(self.azimuth), math.radians(self.altitude)
        flat = math.cos(altitude)
        return flat * math.sin(azimuth), flat * math.cos(azimuth), math.sin(altitude)

    @property
    def day(self) -> float:
        """Strength of the daylight, 0 at night, 1 with the sun 8° above the horizon."""
        return min(max((self.altitude + 4.0) / 12.0, 0.0), 1.0)


def steady(light: Light) -> Light:
    """The light for a result: from the sun's side, but as strong at every hour, so that a class keeps its colour."""
    return replace(light, altitude=STEADY) if light.even else light


def lamps(light: Light) -> list[tuple[tuple[float, float, float], tuple[float, float, float], float]]:
    """Directional lamps: (towards the lamp, colour 0–1, intensity): sun, sky above, a weak fill from behind."""
    light = steady(light)
    day = light.day
    x, y, z = light.direction
    low = 1.0 - min(max(light.altitude / 30.0, 0.0), 1.0)
    sun = (1.0, 0.97 - 0.12 * low, 0.91 - 0.28 * low)
    raised = (0.67 / max(z, 0.12)) ** 0.35  # a low sun lights the ground little; the eye would open wider
    strength = 0.60 * raised * day * (0.55 if light.even else 1.0)
    return [
        ((x, y, max(z, 0.06)), sun, strength),
        ((0.0, 0.0, 1.0), (0.93, 0.96, 1.0), (0.35 if light.even else 0.15) * (0.55 + 0.45 * day)),
        ((-x, -y, 0.35), (0.88, 0.93, 1.0), 0.20 * (0.6 + 0.4 * day)),
    ]


AMBIENT = 0.43


def illuminate(plotter: Any, light: Light) -> None:
    """Set the plotter's lamps and sky."""
    from vtkmodules.vtkRenderingCore import vtkLight

    renderer = plotter.renderer
    renderer.RemoveAllLights()
    renderer.AutomaticLightCreationOff()
    for towards, colour, intensity in lamps(light):
        lamp = vtkLight()
        lamp.SetLightTypeToSceneLight()
        lamp.SetPositional(False)
        lamp.SetFocalPoint(0.0, 0.0, 0.0)
        lamp.SetPosition(*(1e4 * part for part in towards))
        lamp.SetColor(*colour)
        lamp.SetIntensity(intensity)
        renderer.AddLight(lamp)
    low, high = sky(steady(light))
    renderer.SetBackground(*low)
    renderer.SetBackground2(*high)
    renderer.GradientBackgroundOn()


def sky(light: Light) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Colours of the horizon and of the zenith, 0–1."""
    day = light.day
    low, high = (
        tuple(n + (d - n) * day for n, d in zip(colours.unit(night), colours.unit(bright), strict=True))
        for night, bright in ((colours.NIGHT_LOW, colours.SKY_LOW), (colours.NIGHT_HIGH, colours.SKY_HIGH))
    )
    return (low[0], low[1], low[2]), (high[0], high[1], high[2])


def shade_corners(plotter: Any, size: float, samples: int) -> None:
    """Gentle ambient occlusion for a city ``size`` metres across, from ``samples`` looks a pixel."""
    radius = min(max(size / 70.0, 1.5), 14.0)
    plotter.disable_ssao()  # what is on keeps its radius
    plotter.enable_ssao(radius=radius, bias=radius * 0.06, kernel_size=samples, blur=True)
