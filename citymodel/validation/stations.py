"""Chapter: radiation measured at two stations in Göteborg against the computed sun and shade there."""

from __future__ import annotations

from typing import Any

import numpy as np

from citymodel.validation import station_data
from citymodel.validation.page import Chapter, Check, Place, absent, picture, table
from citymodel.validation.station_data import Hour

TITLE = "Stations in Göteborg"
FOLDER = "solweig_validation"
#: Least share of the hours whose state agrees, per cent: a bound of our own, nobody states one.
AGREE = 90.0

_HEAD = (
    "square", "hours", "sun measured", "agree, buildings only", "agree, with trees", "agree, solid crowns",
    "mean size of the difference, with trees", "with solid crowns",
)  # fmt: skip


def chapter(place: Place) -> Chapter:
    """Two squares, four days."""
    folder = place.files(FOLDER)
    if folder is None:
        return absent(TITLE, f"the data (`{FOLDER}`: surface rasters and hourly radiation) is not on this machine")
    hours = [hour for site in station_data.SITES for hour in station_data.hours(folder, site)]
    rows = [_row(site.name, [h for h in hours if h.site is site]) for site in station_data.SITES]
    rows.append(_row("both", hours))
    differ = [h for h in hours if (h.with_trees >= 0.5) != (h.measured >= 0.5)]
    shifts = ", ".join(f"{site.name} {station_data.shift(folder, site):+d} h" for site in station_data.SITES)
    text = [
        ("Hourly global radiation of stations on two squares (Lindberg et al. 2008; Lindberg & Grimmond 2011; "
        "rasters and series as kept with SOLWEIG's validation) beside global, diffuse and direct radiation of "
        "an open site. "
        "The share of an hour in which the station saw the sun is (global there − diffuse) / (direct · sin "
        f"altitude), cut to 0…1; hours with less than {station_data.LEAST_BEAM:g} W/m² of direct radiation on the "
        "level are left out. Computed: the share of 30 moments in the hour in which the kernel lights the "
        f"station's cell, {station_data.RECEIVER:g} m above the surface; "
        "on ground and buildings alone; with the canopy raster as a study takes it unless told otherwise "
        f"({100 * station_data.TRUNK:g} % of a tree is trunk and free, leaves let {100 * station_data.THROUGH:g} % of "
        "the light through); and with solid crowns down to the ground. An hour is sunny from a half on."),
        ("The open site's hours end at their label in UTC: its direct part fits the sun of the half hour before. The "
        "stations' clocks are set by the radiation alone: the whole hour of shift for which they least exceed the open "
        f"site's global radiation and are least dark while it is day there ({shifts})."),
        table(_HEAD, rows),
    ]  # fmt: skip
    if differ:
        text.append("Where they differ with trees: " + "; ".join(_explained(h) for h in differ) + ".")
    trees = [h for h in hours if (h.buildings >= 0.5) != (h.with_trees >= 0.5)]
    text.append(
        f"In {len(trees)} of {len(hours)} hours trees decide the computed state. What is left has three "
        "causes: hours in which an edge crosses the station, within a cell (1 and 2 m) of the raster; crowns whose "
        "undersides, gaps and leaves are not measured but assumed; and clouds, when station and open site see "
        "different ones."
    )
    if not place.small:
        _draw(hours, place)
        text.append(picture("validation_stations.png", "Share of each hour in the sun, measured and computed"))
    agree = 100 * float(np.mean([(h.with_trees >= 0.5) == (h.measured >= 0.5) for h in hours]))
    return Chapter(
        TITLE, text, [Check("hours whose state does not agree, with trees", 100 - agree, 100 - AGREE, "%", 1)]
    )


def _row(name: str, hours: list[Hour]) -> list[str]:
    def agree(model: str) -> int:
        return sum((getattr(h, model) >= 0.5) == (h.measured >= 0.5) for h in hours)

    def size(model: str) -> float:
        return float(np.mean([abs(getattr(h, model) - h.measured) for h in hours])) if hours else float("nan")

    sunny = sum(h.measured >= 0.5 for h in hours)
    agreed = [f"{agree(model)}" for model in ("buildings", "with_trees", "solid")]
    return [name, f"{len(hours)}", f"{sunny}", *agreed, f"{size('with_trees'):.2f}", f"{size('solid'):.2f}"]


def _explained(hour: Hour) -> str:
    state = ", an edge passes" if 0 < hour.with_trees < 1 else ""
    return (
        f"{hour.site.name} {hour.end:%Y-%m-%d, hour to %H:%M} UTC, measured {hour.measured:.2f}, "
        f"computed {hour.with_trees:.2f}{state}"
    )


def _draw(hours: list[Hour], place: Place) -> None:
    """One panel a day."""
    from citymodel.validation import pictures as look

    days: dict[Any, list[Hour]] = {}
    for hour in hours:
        days.setdefault((hour.site.name, hour.end.date()), []).append(hour)
    made, axes = look.figure(8.2, 4.8, 2, 2, sharey=True, sharex=True)
    for panel, ((name, day), of_day) in zip(axes.flat, days.items(), strict=True):
        at = [h.end.hour - 0.5 for h in of_day]
        panel.bar(at, [h.measured for h in of_day], width=0.8, color="#f0d9a8", label="measured")
        panel.plot(
            at, [h.buildings for h in of_day], "s", ms=5, mfc="none", color=look.GREY, label="computed, buildings"
        )
        panel.plot(at, [h.with_trees for h in of_day], "o", ms=5, color=look.BLUE, label="computed, with trees")
        look.quiet(panel, "", "", f"{name}, {day:%d %B %Y}")
        panel.set_ylim(-0.06, 1.08)
    for panel in axes[-1]:
        panel.set_xlabel("hour of the day (UTC)", color=look.QUIET, fontsize=9)
    for panel in axes[:, 0]:
        panel.set_ylabel("share of the hour in the sun", color=look.QUIET, fontsize=9)
    handles, names = axes[0, 0].get_legend_handles_labels()
    made.legend(handles, names, loc="outside lower center", ncols=3, frameon=False, fontsize=8.5, labelcolor=look.INK)
    look.save(made, place.pictures / "validation_stations.png")
