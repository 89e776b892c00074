"""Whether a result still stands: what it was made of, beside what the project holds now."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from citymodel.analysis.registry import Study
    from citymodel.document import Document
    from citymodel.results import Result

STUDIES = {"facade_sun": "facades"}
"""Names of studies whose results call themselves otherwise."""
KINDS = {
    "facade_sun": ("city", "terrain"),
    "landmark": ("city", "points", "terrain"),
    "outlook": ("city", "points", "terrain"),
    "vista": ("city", "points", "terrain"),
}
"""Kinds of layer that a result is made of, where they are not all that have heights."""
HEIGHTS = ("city", "points", "terrain", "surface")


def why_stale(document: Document, result: Result) -> str:
    """What changed since the result was computed, "" where nothing that is known of did.

    A result that came as a file stands for itself: nobody knows what it was made of.
    """
    facts = result.provenance
    if "file" in facts or "inputs" not in facts:
        return ""
    return _scenario(document, facts.get("scenario")) or _layers(document, result)


def _scenario(document: Document, was: Mapping[str, Any] | None) -> str:
    if not was:
        return ""
    name = str(was.get("name", "") or was.get("id", ""))
    now = next((one for one in document.scenarios if one.id == was.get("id")), None)
    if now is None:
        return f"the proposal “{name}” is no longer in the project"
    return "" if _plain(now.to_dict()) == _plain(was) else f"the proposal “{now.name}” was changed"


def _layers(document: Document, result: Result) -> str:
    kinds = KINDS.get(result.analysis, HEIGHTS)
    was = [str(one.get("layer")) for one in result.provenance["inputs"] if one.get("kind") in kinds]
    now = [one.name for one in document.layers if one.kind in kinds]
    gone = [name for name in was if name not in now]
    new = [name for name in now if name not in was]
    if gone:
        return f"the layer {gone[0]} is no longer in the project"
    return f"the layer {new[0]} came later" if new else ""


def _plain(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def again(result: Result) -> tuple[Study, Any] | None:
    """The study and the parameters that made the result; None where they are not known."""
    from citymodel.analysis.registry import studies
    from citymodel.errors import ParameterError
    from citymodel.parameters import checked

    study = studies().get(STUDIES.get(result.analysis, result.analysis))
    given = result.provenance.get("parameters")
    if study is None or not isinstance(given, Mapping):
        return None
    was = result.provenance.get("scenario")
    if isinstance(was, Mapping) and was.get("id"):
        given = {**given, "scenario": was["id"]}  # "the one on screen" then is another one now
    try:
        return study, checked(study.parameters(), **given)
    except ParameterError:
        return None  # made by another version, whose parameters were others
