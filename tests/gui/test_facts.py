"""How a result was made, told without the names of fields."""

from __future__ import annotations

from gui.facts import made_words


def test_facts_have_words_and_units() -> None:
    said = made_words({"device": "cpu", "seconds": 3.2, "cell_m": 1.0, "crs": "EPSG:25832", "size": [1, 2]})
    assert any("Computed on the CPU" in one for one in said)
    assert any(one.startswith("Cells: 1.00") and one.endswith("m") for one in said)
    assert not any("_" in one or "Crs" in one or "[" in one for one in said)
