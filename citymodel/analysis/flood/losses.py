"""What the ground does to water: roughness, infiltration and drains by land cover, in tables that can be changed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.flood.storms import Storm
from citymodel.errors import ParameterError
from kernels.flood_parts import run_off
from kernels.flood_sources import GreenAmpt, Horton, Rain, Sewer, Source, excess

if TYPE_CHECKING:
    from citymodel.analysis.flood.parameters import FloodParameters

F8 = NDArray[np.float64]
I4 = NDArray[np.int32]
Mask = NDArray[np.bool_]

SOILS = ("sand", "loam", "clay")


@dataclass(frozen=True, slots=True)
class Cover:
    """A class of land cover.

    manning : s/m^(1/3); curve_number : by `SOILS`; pervious : share of the ground that lets water in
    drained : whether drains take water from it; source : of the numbers
    """

    name: str
    title: str
    manning: float
    curve_number: tuple[float, float, float]
    pervious: float
    drained: bool
    source: str


_TR55 = "TR-55 (USDA 1986)"
COVERS: tuple[Cover, ...] = (
    Cover("other", "yards and other ground", 0.030, (77, 85, 92), 0.35, False,
          f"n as short grass, Chow (1959); CN of dense housing, 65 % sealed, {_TR55}"),
    Cover("field", "fields", 0.035, (67, 78, 89), 1.0, False, f"row crops: n Chow (1959), CN {_TR55}"),
    Cover("bare", "bare soil", 0.030, (77, 86, 94), 1.0, False, f"n cultivated, no crop, Chow (1959); CN {_TR55}"),
    Cover("green", "grass and gardens", 0.030, (39, 61, 80), 1.0, False,
          f"short grass: n Chow (1959), CN good open space {_TR55}"),
    Cover("woods", "woods", 0.100, (36, 60, 79), 1.0, False, f"timber: n Chow (1959), CN fair woods {_TR55}"),
    Cover("rail", "railway ballast and gravel", 0.033, (76, 85, 91), 1.0, False,
          f"n gravel, Chow (1959); CN gravel {_TR55}"),
    Cover("paved", "roads and paving", 0.016, (98, 98, 98), 0.0, True, f"rough asphalt: n Chow (1959), CN {_TR55}"),
    Cover("water", "water", 0.030, (100, 100, 100), 0.0, False, "n clean straight stream, Chow (1959)"),
    Cover("building", "buildings", 0.016, (98, 98, 98), 0.0, False, f"CN roofs {_TR55}; n where water runs over them"),
)  # fmt: skip
"""The classes, each over the ones before it where both are on a cell."""
NAMES = tuple(one.name for one in COVERS)
ROUGH_BUILDING = 0.3
"""Manning's n of footprints that water runs through: a model's choice, of the size used for whole blocks."""

GREEN_AMPT: Mapping[str, tuple[float, float, float]] = {
    "sand": (10.9, 0.1101, 0.412), "loam": (3.4, 0.0889, 0.434), "clay": (0.3, 0.3163, 0.385),
}  # fmt: skip
"""Conductivity mm/h, suction m and effective porosity of sandy loam, loam and clay (Rawls et al. 1983)."""
HORTON: Mapping[str, tuple[float, float, float]] = {
    "sand": (127.0, 9.5, 4.0), "loam": (76.0, 5.7, 4.0), "clay": (25.0, 0.6, 4.0),
}  # fmt: skip
"""First and last capacity, mm/h, and decay an hour: dry soil with little growth (Akan 1993), soil groups A, B and D
(Musgrave 1955), decay as usual in SWMM."""
_COLUMNS = {"manning": (0.001, 10.0), "curve_number": (1.0, 100.0), "pervious": (0.0, 1.0), "drained": (0.0, 1.0)}


def values_of(text: str) -> dict[tuple[str, str], float]:
    """Other values by class and column, of "paved manning 0.02; green curve_number 61"."""
    found = {}
    for part in (one.strip() for one in text.split(";") if one.strip()):
        words = part.replace("=", " ").replace(",", " ").split()
        if len(words) != 3 or words[0] not in NAMES or words[1] not in _COLUMNS:
            raise ParameterError(
                f"{part!r} changes no value; write class, column and number, like paved manning 0.02; classes are "
                f"{', '.join(NAMES)}; columns {', '.join(_COLUMNS)}"
            )
        low, high = _COLUMNS[words[1]]
        try:
            value = float(words[2])
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise ParameterError(f"{part!r}: {words[2]} is out of range; write {low:g} to {high:g}")
        found[(words[0], words[1])] = value
    return found


def covers_with(changes: Mapping[tuple[str, str], float]) -> tuple[Cover, ...]:
    """The classes with other values where a person gave them."""
    found = []
    for one in COVERS:
        mine: dict[str, Any] = {column: value for (name, column), value in changes.items() if name == one.name}
        if "curve_number" in mine:
            mine["curve_number"] = (mine["curve_number"],) * 3
        if "drained" in mine:
            mine["drained"] = bool(mine["drained"])
        found.append(replace(one, **mine, source=f"{one.source}; {', '.join(mine)} as given") if mine else one)
    return tuple(found)


@dataclass(frozen=True, eq=False, slots=True)
class Losses:
    """Roughness and sources of a case.

    manning : one number or (rows, columns), s/m^(1/3); sources : rain, soil, drains
    covers, classes : the table, and (rows, columns) its row of each cell; None where land cover counts for nothing
    held_back : mm of rain that a curve number keeps, by class; facts : what it was made of; notes : on the drains
    """

    manning: float | F8
    sources: tuple[Source, ...]
    covers: tuple[Cover, ...]
    classes: I4
    held_back: F8
    facts: Mapping[str, Any]
    notes: tuple[str, ...] = ()


def losses(
    classes: I4, parameters: FloodParameters, storm: Storm | None, rough: Mask | None, walls: tuple[Mask, Mask]
) -> Losses:
    """What the ground of a state does.

    classes : (rows, columns) rows of `COVERS`; storm : the rain, None for none
    rough : (rows, columns) footprints that water runs through, None for none
    walls : (rows, columns) cells without water, and those of them whose rain runs off to the nearest other
    """
    covers, notes = _drained(covers_with(values_of(parameters.values)), classes, parameters.sewer)
    manning: float | F8 = parameters.manning
    if parameters.roughness == "cover" or rough is not None:
        each = [one.manning if parameters.roughness == "cover" else parameters.manning for one in covers]
        manning = np.array(each)[classes]
        if rough is not None:
            manning[rough] = ROUGH_BUILDING
    held = np.zeros(len(covers))
    sources: list[Source] = []
    if storm is not None:
        rain, held = _rain(classes, covers, parameters, storm, walls)
        sources.append(rain)
    soil = _soil(classes, covers, parameters)
    sources += [soil] if soil is not None else []
    if parameters.sewer > 0:
        sources.append(Sewer([parameters.sewer * one.drained for one in covers], classes))
    facts = {
        "roughness": parameters.roughness, "infiltration": parameters.infiltration, "soil": parameters.soil,
        "sewer_mm_per_hour": parameters.sewer,
    }  # fmt: skip
    return Losses(manning, tuple(sources), covers, classes, held, facts, notes)


def _drained(covers: tuple[Cover, ...], classes: I4, sewer: float) -> tuple[tuple[Cover, ...], tuple[str, ...]]:
    """The covers with what drains take from, and what has to be said of it.

    Where land cover is known nowhere no ground counts as paved, and drains that somebody gave would take nothing.
    """
    if sewer <= 0:
        return covers, ()
    present = {NAMES[row] for row in np.unique(classes)}
    if not present - {"other", "building"}:
        covers = tuple(replace(one, drained=True) if one.name == "other" else one for one in covers)
        said = f"Drains take {sewer:g} mm/h from all ground, as if pipes were always free: what is paved is not known."
        return covers, (said,)
    if not any(one.drained for one in covers if one.name in present):
        return covers, ("Drains take nothing: no ground here is paved.",)
    return covers, (f"Drains take {sewer:g} mm/h from paved ground, as if pipes were always free.",)


def _rain(
    classes: I4, covers: Sequence[Cover], parameters: FloodParameters, storm: Storm, walls: tuple[Mask, Mask]
) -> tuple[Rain, F8]:
    """The rain, by a curve number only what of it runs off, and the mm that are held back."""
    if parameters.infiltration != "curve-number":
        return Rain(storm.times, storm.rates), np.zeros(len(covers))
    numbers = [one.curve_number[SOILS.index(parameters.soil)] for one in covers]
    times, rates = excess(storm.times, storm.rates, numbers)
    ran = (rates[:-1] * np.diff(times)[:, None]).sum(axis=0) / 3600.0
    # a cell that takes roofs' rain has a zone of its own: its class's run-off and the roofs', each by their share
    roofs = run_off(*walls) if walls[1].any() else np.zeros(classes.shape, np.int32)
    pairs, zones = np.unique(np.stack([classes.ravel(), roofs.ravel()]), axis=1, return_inverse=True)
    own, taken = rates[:, pairs[0]], pairs[1] * rates[:, [NAMES.index("building")]]
    mixed = (own + taken) / (1 + pairs[1])
    return Rain(times, mixed, zones.reshape(classes.shape).astype(np.int32)), np.asarray(storm.depth - ran)


def _soil(classes: I4, covers: Sequence[Cover], parameters: FloodParameters) -> Source | None:
    """What the soil takes up as water stands on it; its conductivity counts for the pervious share of a class."""
    share = np.array([one.pervious for one in covers])
    if parameters.infiltration == "green-ampt":
        k, suction, pores = GREEN_AMPT[parameters.soil]
        empty = pores * (1.0 - parameters.soil_wet)
        return GreenAmpt((k * share).tolist(), suction, empty, classes)
    if parameters.infiltration == "horton":
        first, last, decay = HORTON[parameters.soil]
        return Horton((first * share).tolist(), (last * share).tolist(), decay, classes)
    return None


def table_of(found: Losses, parameters: FloodParameters, known: Mask, cell: float) -> dict[str, list[Any]]:
    """The values that were used, a row a class that occurs; known : (rows, columns) cells with ground."""
    cells = np.bincount(found.classes[known], minlength=len(found.covers))
    soil = SOILS.index(parameters.soil)
    rows = [(one, int(count)) for one, count in zip(found.covers, cells, strict=True) if count]
    uniform = parameters.roughness == "uniform"
    green = GREEN_AMPT[parameters.soil]
    table: dict[str, list[Any]] = {
        "id": [one.title for one, _ in rows],
        "area_m2": [count * cell**2 for _, count in rows],
        "manning": [parameters.manning if uniform else one.manning for one, _ in rows],
    }
    if parameters.infiltration == "curve-number":
        table["curve_number"] = [float(one.curve_number[soil]) for one, _ in rows]
    elif parameters.infiltration == "green-ampt":
        table["conductivity"] = [green[0] * one.pervious for one, _ in rows]
        table["suction_m"] = [green[1] for _ in rows]
        table["deficit"] = [green[2] * (1.0 - parameters.soil_wet) for _ in rows]
    elif parameters.infiltration == "horton":
        first, last, decay = HORTON[parameters.soil]
        table["first_capacity"] = [first * one.pervious for one, _ in rows]
        table["last_capacity"] = [last * one.pervious for one, _ in rows]
        table["decay"] = [decay for _ in rows]
    table["sewer"] = [parameters.sewer * one.drained for one, _ in rows]
    table["source"] = [one.source for one, _ in rows]
    return table
