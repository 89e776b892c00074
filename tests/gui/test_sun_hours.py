"""Sun hours from the form: progress, cancel, the map on the screen, and back from the disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def open_form(window: Any) -> Any:
    window.registry.run("study.sun")
    form = window.inspector.study
    assert window.inspector.page() is form
    return form


def test_sun_hours_run_and_come_back_with_the_project(window: Any, hand: Any, city_file: Path, tmp_path: Path) -> None:
    hand.open(city_file)
    form = open_form(window)
    form.form.put({"step": 60})
    shares: list[float] = []
    window.desk.bridge.pace = 0.0  # a study this small is over before the second news
    window.desk.bridge.job_changed.connect(lambda job: shares.append(job.fraction) if job.name else None)
    form.run.click()
    assert form.cancel.isVisible()
    hand.settle()
    layer = window.desk.document.layers[-1]
    assert layer.kind == "result"
    assert any(0.0 < share < 1.0 for share in shares)
    assert not form.cancel.isVisible()
    assert window.inspector.page() is window.inspector.layer
    before = layer.data.fields["sun_hours_base"].data
    window.files.save_to(tmp_path / "hours.city")
    hand.settle()
    window.desk.open_paths([tmp_path / "hours.city"])
    hand.settle()
    again = window.desk.document.layers[-1].data
    assert again.title == layer.data.title
    assert float(abs(again.fields["sun_hours_base"].data - before).max()) == 0.0
    assert again is not layer.data
    assert again.fields["sun_hours_base"].legend == layer.data.fields["sun_hours_base"].legend


def test_a_result_leaves_the_window_as_map_picture_and_tables_with_its_crs(
    window: Any, hand: Any, city_file: Path, tmp_path: Path
) -> None:
    import pyogrio
    import rasterio

    from gui.requests import export_layer

    hand.open(city_file)
    form = open_form(window)
    form.form.put({"step": 60})
    form.run.click()
    hand.settle()
    layer, crs = window.desk.document.layers[-1], window.desk.document.frame.crs
    for suffix in (".tif", ".png", ".gpkg"):
        assert export_layer(layer, "sun_hours_base", tmp_path / f"hours{suffix}")[0].stat().st_size > 1000
    with rasterio.open(tmp_path / "hours.tif") as file:
        assert file.units == ("h",)
    facts = pyogrio.read_info(tmp_path / "hours.gpkg", layer="by_building")
    assert facts["crs"] is not None
    assert str(crs).removeprefix("EPSG:").partition("+")[0] in facts["crs"]
    assert facts["features"] > 0
    city = window.desk.document.layers[0]
    assert export_layer(city, "", tmp_path / "city.city.json")[0].stat().st_size > 1000


def test_the_badge_names_the_device_that_studies_use(window: Any, hand: Any) -> None:
    from citymodel.analysis.sun_study import compute_device

    hand.settle()
    assert window.status.device.text() == compute_device() != ""


def test_a_cancelled_study_leaves_the_project_as_it_was(window: Any, hand: Any, city_file: Path) -> None:
    hand.open(city_file)
    form = open_form(window)
    form.run.click()
    form.cancel.click()
    hand.settle()
    assert [layer.kind for layer in window.desk.document.layers] == ["city"]
    assert window.studies.job is None
    assert form.run.isEnabled()
    assert window.jobs.rows[0].job.state == "cancelled"
