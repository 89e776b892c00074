"""What a study will take: by its size, and refused where memory does not hold it."""

from __future__ import annotations

from pathlib import Path

import pytest

from citymodel.analysis.estimate import check, estimate
from citymodel.analysis.registry import study
from citymodel.analysis.shadow_parameters import ShadowParameters
from citymodel.document import Document
from citymodel.errors import ResourceError
from citymodel.project import open_data


@pytest.fixture
def document(city_file: Path) -> Document:
    return open_data([city_file])


def asked(**values: object) -> ShadowParameters:
    return ShadowParameters.checked(zone="Europe/Berlin", **values)


def test_half_the_cell_is_four_times_the_cells_and_the_memory(document: Document) -> None:
    one, half = (estimate(document, study("shadow"), asked(cell=cell)) for cell in (1.0, 0.5))
    assert one is not None
    assert half is not None
    assert half.cells == pytest.approx(4 * one.cells, rel=0.01)
    assert half.memory == pytest.approx(4 * one.memory, rel=0.01)
    assert half.seconds > one.seconds


def test_a_proposal_is_a_second_state_to_compute(document: Document) -> None:
    from citymodel.scenario import SetHeight

    proposed = document.with_change(SetHeight(document.layers[0].id, "block-0", 60.0))
    found = estimate(proposed, study("shadow"), asked())
    assert found is not None
    assert found.states == 2
    base = estimate(document, study("shadow"), asked())
    assert base is not None
    assert base.states == 1


def test_a_coarser_cell_is_offered_where_it_saves_time(document: Document) -> None:
    found = estimate(document, study("shadow"), asked(cell=0.02, step=1))
    assert found is not None
    assert found.coarser is not None
    assert found.coarser[1] < found.seconds


def test_a_study_larger_than_memory_does_not_begin(document: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("citymodel.analysis.strips.free_memory", lambda: 1_000_000)
    with pytest.raises(ResourceError, match=r"cells need about .* GB, 0\.0 GB are to be had"):
        check(document, study("shadow"), asked(cell=0.5))
