"""Results that no longer stand for what the project holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from citymodel.analysis.registry import study
from citymodel.analysis.shadow_parameters import ShadowParameters
from citymodel.analysis.stale import again, why_stale
from citymodel.document import Document
from citymodel.project import open_data
from citymodel.results import Result
from citymodel.scenario import SetHeight

ASKED = ShadowParameters.checked(zone="Europe/Berlin", step=120, cell=4.0, height_error=0)


@pytest.fixture
def proposed(city_file: Path) -> Document:
    document = open_data([city_file])
    return document.with_change(SetHeight(document.layers[0].id, "block-0", 60.0), "Tower")


def computed(document: Document) -> Result:
    found: Result = study("shadow").function()(document, ASKED)
    return found


def test_a_result_stands_until_its_proposal_changes(proposed: Document) -> None:
    result = computed(proposed)
    assert why_stale(proposed, result) == ""
    assert why_stale(proposed.with_style(proposed.layers[0].id, opacity=0.5), result) == ""
    changed = proposed.with_change(SetHeight(proposed.layers[0].id, "block-1", 40.0))
    assert why_stale(changed, result) == "the proposal “Tower” was changed"


def test_a_layer_that_comes_or_goes_makes_a_result_stale(proposed: Document) -> None:
    result = computed(proposed)
    more = proposed.with_layer(proposed.layers[0].__class__("", "annexe", "city", proposed.layers[0].data))
    assert why_stale(more, result) == "the layer annexe came later"
    assert "no longer" in why_stale(proposed.without_layer(proposed.layers[0].id), result)


def test_a_study_is_asked_again_with_the_same_parameters(proposed: Document) -> None:
    found = again(computed(proposed))
    assert found is not None
    assert found[0].name == "shadow"
    assert found[1] == ASKED.model_copy(update={"scenario": proposed.active_scenario})


def test_a_result_from_a_file_stands_for_itself(proposed: Document) -> None:
    assert why_stale(proposed, Result("shadow", "Hours", {}, {"file": "hours.tif", "inputs": []})) == ""
