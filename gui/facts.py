"""How a result was made, in words: the facts behind its notes, each with its unit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gui.words import number, tr, with_unit

DEVICES = {"cpu": "CPU", "gpu": "GPU"}


def made_words(facts: Mapping[str, Any]) -> list[str]:
    """A line for each fact that a reader can use; what the notes already say, and lists, are left out."""
    found = []
    if facts.get("device"):
        seconds = facts.get("seconds")
        device = DEVICES.get(str(facts["device"]), str(facts["device"]))
        time = tr(" in {seconds}", seconds=with_unit(float(seconds), "s", 1)) if seconds is not None else ""
        found.append(tr("Computed on the {device}{time}", device=device, time=time))
    for key, words, unit, digits in (
        ("suns_above_horizon", "Sun positions", "", 0),
        ("suns_used", "Sun positions", "", 0),
        ("triangles", "Triangles before the rays", "", 0),
        ("cell_m", "Cells", "m", 2),
        ("time_step_minutes", "Time step", "min", 0),
    ):
        value = facts.get(key)
        if isinstance(value, (int, float)):
            shown = number(float(value), digits).replace("-", "−")
            found.append(f"{tr(words)}: {shown}\u00a0{unit}".rstrip("\u00a0"))
    for key, words in (("sun", "Sun"), ("surface_model", "Surface"), ("method", "Method"), ("sky", "Sky")):
        if isinstance(facts.get(key), str):
            found.append(f"{tr(words)}: {facts[key]}")
    return found
