"""The columns of result tables in a planner's words: titles, units, and which of them say the same twice."""

from __future__ import annotations

from dataclasses import dataclass

STATES = {"base": "as it is", "scenario": "as proposed", "difference": "change"}
SAID_ELSEWHERE = ("geometry", "layer", "because_", "nx", "ny", "nz", "patch_", "surface", "view_outcome")
"""Beginnings of columns that a table on the screen leaves out: outlines, ids, and what stands beside the verdict."""
WORDS: dict[str, tuple[str, str]] = {
    "id": ("Name", ""),
    "type": ("Kind", ""),
    "kind": ("Kind", ""),
    "building": ("Building", ""),
    "area_m2": ("Area", "m²"),
    "mean_hours": ("Mean sun", "h"),
    "share_enough": ("With enough sun", "%"),
    "share_enough_low": ("With enough sun, at least", "%"),
    "share_enough_high": ("With enough sun, at most", "%"),
    "half_lit_from": ("Half of it lit from", ""),
    "half_lit_to": ("Half of it lit to", ""),
    "half_lit_hours": ("Half of it lit for", "h"),
    "sun_m2h": ("Sun on it", "m² h"),
    "new_shade_entry": ("New shade from", ""),
    "new_shade_exit": ("New shade to", ""),
    "new_shade_hours": ("New shade for", "h"),
    "new_shade_largest_share": ("New shade, largest part", "%"),
    "new_shade_largest_at": ("New shade, largest at", ""),
    "new_shade_m2h": ("New shade", "m² h"),
    "gone_shade_m2h": ("Shade that goes", "m² h"),
    "verdict": ("Rule", ""),
    "roof_hours": ("Sun on the roof", "h"),
    "ground_beside_hours": ("Sun on the ground beside", "h"),
    "mean_sky_view": ("Open sky", "%"),
    "roof_sky_view": ("Open sky, roof", "%"),
    "ground_beside_sky_view": ("Open sky, ground beside", "%"),
    "hours_mean": ("Mean sun", "h"),
    "hours_least": ("Least sun", "h"),
    "hours_share_enough": ("Points with enough sun", "%"),
    "roof_hours_mean": ("Mean sun on the roof", "h"),
    "space": ("Open space", ""),
    "shade_m2h": ("Shade cast", "m² h"),
    "part_of_shade": ("Part of the shade", "%"),
    "storey": ("Storey", ""),
    "floor": ("Floor", "m"),
    "x": ("East", "m"),
    "y": ("North", "m"),
    "z": ("Height", "m"),
    "hours": ("Sun", "h"),
    "storey_source": ("Storeys from", ""),
    "points": ("Points", ""),
    "share_of_possible": ("Share of the possible sun", "%"),
    "mean_kwh_m2": ("Energy a square metre", "kWh/m²"),
    "roof_share_of_possible": ("Share of the possible sun, roof", "%"),
    "roof_area_m2": ("Sloping area of the roof", "m²"),
    "roof_mean_kwh_m2": ("Energy a square metre of roof", "kWh/m²"),
    "roof_total_mwh": ("Energy on the roof", "MWh"),
    "address": ("Address", ""),
    "outcome": ("What becomes of the view", ""),
    "homes": ("Homes, up to", ""),
    "storey_homes": ("Homes on the storey", ""),
    "storeys": ("Storeys", ""),
    "buildings": ("Buildings", ""),
    "away_m": ("Distance", "m"),
    "storeys_lose": ("Storeys that lose it", ""),
    "homes_lose": ("Homes on storeys that lose it, up to", ""),
    "storeys_lose_part": ("Storeys that lose part of it", ""),
    "homes_lose_part": ("Homes on storeys that lose part of it, up to", ""),
    "storeys_gain": ("Storeys that gain it", ""),
    "homes_gain": ("Homes on storeys that gain it, up to", ""),
    "storeys_seeing": ("Storeys that see it", ""),
    "homes_seeing": ("Homes on storeys that see it, up to", ""),
    "points_seeing": ("Points that see it", ""),
    "area_loses_m2": ("Façade that loses it", "m²"),
    "proposal_class": ("Seen of the proposal", ""),
    "storeys_affected": ("Storeys that see it", ""),
    "homes_affected": ("Homes on storeys that see it, up to", ""),
    "area_affected_m2": ("Façade that sees it", "m²"),
    "proposal_metres": ("Height of it that is seen", "m"),
    "proposal_metres_most": ("Height of it that is seen, at most", "m"),
    "proposal_share": ("Part of it that is seen", "%"),
    "proposal_share_most": ("Part of it that is seen, at most", "%"),
    "proposal_vertical": ("Height in the view", "°"),
    "proposal_vertical_most": ("Height in the view, at most", "°"),
    "proposal_horizontal": ("Width in the view", "°"),
    "proposal_horizontal_most": ("Width in the view, at most", "°"),
    "ground_m2": ("Open ground", "m²"),
    "bare_m2": ("Over the bare earth", "m²"),
    "eye_m": ("Eye", "m"),
    "hidden_m2": ("Newly hidden", "m²"),
    "opened_m2": ("Newly seen", "m²"),
    "seen": ("What is seen", ""),
    "share_of_view": ("Part of the view", "%"),
    "steradians": ("Solid angle", "sr"),
    "heading": ("Looking towards", "°"),
    "outlook_sky": ("Sky", "%"),
    "outlook_green": ("Green", "%"),
    "outlook_water": ("Water", "%"),
    "outlook_building": ("Buildings", "%"),
    "outlook_ground": ("Ground and paving", "%"),
    "outlook_landmark": ("Landmark", "%"),
    "outlook_proposal": ("Proposal", "%"),
    "outlook_open": ("Open to the distance", "%"),
    "landmark_share": ("Seen of the landmark", "%"),
    "landmark_share_most": ("Seen of the landmark, at most", "%"),
    "landmark_outline": ("Seen of its whole outline", "%"),
    "landmark_vertical": ("Height of what is seen", "°"),
    "landmark_vertical_most": ("Height of what is seen, at most", "°"),
    "landmark_horizontal": ("Width of what is seen", "°"),
    "roof_beam_mwh": ("Direct sun's energy on the roof", "MWh"),
    "seen_share": ("Part of it that is seen", "%"),
    "seen_m2": ("Seen", "m²"),
    "eye_height": ("Eye", "m"),
    "ground": ("Ground", "m"),
    "eyes": ("Places", ""),
    "from_m": ("From", "m"),
    "to_m": ("To", "m"),
    "part": ("Part of the view", ""),
    "verdict_view": ("View", ""),
    "clearance": ("Room", "m"),
    "threshold_m": ("Threshold", "m"),
    "distance_m": ("From the point", "m"),
    "ground_m": ("Ground", "m"),
    "landmark_m": ("Landmark", "m"),
    "top": ("Highest top", "m"),
    "homes_in": ("Homes", ""),
    "people": ("People", ""),
    "depth_wall": ("Water at the wall, at most", "m"),
    "level_wall": ("Level at the wall, at most", "m"),
    "hazard_wall": ("Danger at the wall, at most", "m²/s"),
    "class_uk": ("Danger to people", ""),
    "class_au": ("Class of danger", ""),
    "arrival": ("Water at the wall after", "min"),
    "affected_m2": ("Ground floor reached", "m²"),
    "volume_m3": ("Volume", "m³"),
    "depth_most": ("Greatest depth", "m"),
    "level_most": ("Highest level", "m"),
    "speed_most": ("Greatest speed", "m/s"),
    "most_after": ("Greatest after", "min"),
    "discharge_most": ("Greatest flow", "m³/s"),
    "through_m3": ("All that ran through", "m³"),
    "from_min": ("From", "min"),
    "to_min": ("To", "min"),
    "mm_per_hour": ("Rain", "mm/h"),
    "mm": ("Rain in the step", "mm"),
    "mm_so_far": ("Rain so far", "mm"),
    "manning": ("Manning's n", "s/m^⅓"),
    "curve_number": ("Curve number", ""),
    "conductivity": ("Conductivity of the soil", "mm/h"),
    "suction_m": ("Suction of the soil", "m"),
    "deficit": ("Pores still empty", "%"),
    "first_capacity": ("Soil takes at first", "mm/h"),
    "last_capacity": ("Soil takes at last", "mm/h"),
    "decay": ("Decay", "1/h"),
    "sewer": ("Drains take", "mm/h"),
    "source": ("Source", ""),
}
DIGITS = {
    "depth_wall": 2, "level_wall": 2, "hazard_wall": 2, "depth_most": 2, "level_most": 2, "speed_most": 2,
    "discharge_most": 2, "manning": 3, "suction_m": 3, "conductivity": 2, "volume_m3": 0, "through_m3": 0,
}  # fmt: skip
"""Decimals of columns that one decimal would say too little of, or too much."""
MEASURES: dict[str, tuple[str, str]] = {
    "annual_hours": ("sun of a year", "h"),
    "apsh": ("share of the year's sun", "% "),
    "apsh_winter": ("share of the winter half year's sun", "% "),
    "vsc": ("sky component", "% "),
    "kwh_m2": ("energy of a year", "kWh/m²"),
}
"""What façade studies measure; a percentage with a space is one already and no share to be multiplied."""
PARTS = (("roof_", "_mean", "Roof, mean {}"), ("", "_mean", "Mean {}"), ("", "_least", "Least {}"))


@dataclass(frozen=True, slots=True)
class Column:
    """A column as it is shown: title and unit; ``scale`` makes shares percent; ``shown`` False for what is left out.

    digits : decimals to show, None to leave them to who shows it
    """

    name: str
    title: str
    unit: str
    scale: float = 1.0
    shown: bool = True
    digits: int | None = None


def column(name: str) -> Column:
    """The column of that name in words; an unknown one by its own name."""
    shown = not any(name.startswith(one) for one in SAID_ELSEWHERE)
    stem, state = name, ""
    for ending, words in STATES.items():
        if name.endswith(f"_{ending}"):
            stem, state = name.removesuffix(f"_{ending}"), words
    plain = f"{stem[:1].upper()}{stem[1:].replace('_', ' ')}"
    title, unit = WORDS.get(stem) or _measured(stem) or (plain, "")
    said = f"{title}, {state}" if state else title
    return Column(name, said, unit.strip(), 100.0 if unit == "%" else 1.0, shown, DIGITS.get(stem))


def _measured(stem: str) -> tuple[str, str] | None:
    """Words and unit of a façade study's measure and its means, None for other columns."""
    if stem in MEASURES:
        words, unit = MEASURES[stem]
        return words[:1].upper() + words[1:], unit
    if stem.removesuffix("_share_enough") in MEASURES and stem.endswith("_share_enough"):
        return f"Points with enough {MEASURES[stem.removesuffix('_share_enough')][0]}", "%"
    for begin, end, words in PARTS:
        middle = stem.removeprefix(begin).removesuffix(end)
        if middle in MEASURES and stem == begin + middle + end:
            return words.format(MEASURES[middle][0]), MEASURES[middle][1]
    return None
