"""Results on the disk: GeoTIFF maps, GeoPackage tables, PNG map sheets."""

import numpy as np
import pyogrio
import pytest
import rasterio
from test_shadow_study import DAY, TOWER, UTM, town

from citymodel.analysis.export import export_result
from citymodel.analysis.shadow import run
from citymodel.errors import ParameterError
from citymodel.surface import Grid, analysis_surface


@pytest.fixture(scope="module")
def study():
    document = town().with_scenario(TOWER)
    return document, run(document, DAY)


def test_every_map_becomes_a_geotiff_of_its_name(study, tmp_path):
    _, result = study
    written = export_result(result, tmp_path / "sun.tif")
    kinds = ("longest_sun", "first_sun", "last_sun", "sun_hours")
    names = [f"sun_{kind}_{state}.tif" for kind in kinds for state in ("base", "scenario")]
    assert [path.name for path in written] == [*names, "sun_sun_hours_difference.tif"]
    with rasterio.open(written[-1]) as file:
        assert file.crs.to_string() == UTM
        np.testing.assert_array_equal(file.read(1), result.fields["sun_hours_difference"].data)
        assert "time_step_minutes" in file.tags()["provenance"]


def test_tables_become_layers_of_one_geopackage(study, tmp_path):
    _, result = study
    export_result(result, tmp_path / "sun.gpkg")
    assert [name for name, _ in pyogrio.list_layers(tmp_path / "sun.gpkg")] == [
        "by_building",
        "by_open_space",
        "by_caster",
    ]
    meta, _, geometry, columns = pyogrio.raw.read(tmp_path / "sun.gpkg", layer="by_building")
    found = dict(zip(meta["fields"], columns, strict=True))
    assert list(found["id"]) == ["a", "b", "c", "t"]
    assert found["roof_hours_difference"].dtype == np.float64
    assert meta["crs"] == UTM
    assert len(geometry) == 4


def test_a_map_sheet_shows_the_classes_that_occur_and_its_legend(study, tmp_path):
    from PIL import Image

    document, result = study
    dsm, _ = analysis_surface(document.layers, TOWER, Grid.of(result.fields["sun_hours_base"].data))
    target = tmp_path / "sun.png"
    assert export_result(result, target, field="sun_hours_difference", backdrop=dsm) == [target]
    image = np.asarray(Image.open(target).convert("RGB"))
    assert image.shape == (1100, 1600, 3)
    legend = image[:, 1180:]
    for one in result.fields["sun_hours_difference"].legend:
        colour = [int(one.colour[k : k + 2], 16) for k in (1, 3, 5)]
        assert (legend == colour).all(axis=2).sum() > 300
    assert [path.name for path in tmp_path.iterdir()] == ["sun.png"]


@pytest.mark.parametrize(("name", "field"), [("sun.docx", None), ("sun.tif", "moon")])
def test_what_cannot_be_written_is_refused(study, tmp_path, name, field):
    with pytest.raises(ParameterError):
        export_result(study[1], tmp_path / name, field=field)
    assert not list(tmp_path.iterdir())
