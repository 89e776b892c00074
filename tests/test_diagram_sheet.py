"""The sheet of a shadow diagram: all maps once, nothing clipped or on top of other words, text as text in the PDF."""

import itertools
import json
import shutil
import subprocess
from datetime import date

import numpy as np
import pytest
from click.testing import CliRunner
from test_shadow_diagram import FEW, plane
from test_shadow_study import TOWER, UTM, town

from citymodel.analysis.diagram.study import DiagramParameters, run
from citymodel.cli import app
from citymodel.errors import ParameterError
from citymodel.formats import raster
from citymodel.scenario import RemoveObject, Scenario
from citymodel.scene import diagram_maps as maps
from citymodel.scene.diagram_layout import PAGES, lay_out
from citymodel.scene.diagram_sheet import diagram_sheet, draw

PLAN = Scenario("plan", "Tower for c", (*TOWER.changes, RemoveObject("town", "c")))
DAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def diagram():
    """All four days by the hour, with a tower and a removal."""
    return run(town().with_scenario(PLAN), DiagramParameters(zone="Europe/Amsterdam", cell=1.0))


def texts(figure):
    return [one for one in figure.axes[0].texts if one.get_text()]


def words(figures):
    return "\n".join(one.get_text() for figure in figures for one in texts(figure))


@pytest.mark.parametrize(("page", "pages"), [("A3", 2), ("A4", 4)])
def test_every_map_is_drawn_once_with_hour_and_angles(diagram, page, pages):
    figures = draw(diagram, page, DAY)
    night = sum(one.classes is None for one in diagram.maps)
    labels = words(figures)
    assert len(figures) == pages
    assert labels.count("alt ") == 40
    assert labels.count("sun below\nthe horizon") == night > 0
    drawn = [one for figure in figures for one in figure.axes[0].images if np.asarray(one.get_array()).shape[0] > 60]
    assert len(drawn) == 40 - night  # the others are the legend's
    exact = labels.split("\n")
    for hour in range(9, 19):
        assert exact.count(f"{hour:02d}:00") == 4
    for day in ("21 March 2026", "21 June 2026", "21 September 2026", "21 December 2026"):
        assert labels.count(day) == 1


@pytest.mark.parametrize("page", ["A3", "A4"])
def test_words_are_legible_on_the_page_and_do_not_touch(diagram, page):
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    for figure in draw(diagram, page, DAY):
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        edge = figure.dpi * 9 / 25.4
        boxes = []
        for one in texts(figure):
            box = one.get_window_extent(canvas.get_renderer())
            assert one.get_fontsize() >= 6.5
            assert box.x0 > edge
            assert box.y0 > edge
            assert box.x1 < figure.bbox.width - edge
            assert box.y1 < figure.bbox.height - edge
            boxes.append((one.get_text(), box))
        for (a, first), (b, second) in itertools.combinations(boxes, 2):
            across = min(first.x1, second.x1) - max(first.x0, second.x0)
            along = min(first.y1, second.y1) - max(first.y0, second.y0)
            assert across < 1 or along < 3, f"{a!r} and {b!r} overlap"


def test_the_sheet_says_what_makes_it_evidence(diagram):
    text = words(draw(diagram, "A3", DAY)).replace("\n", " ")
    for said in (
        "Tower for c", UTM, "51.9", "UTC+1", "UTC+2", "cells of 1 m", "0 m above the surface", "Europe/Amsterdam",
        "true north", "licence not stated", "citymodel 0.1.0, computed 2026-11-24", "about 1:",
        "new shade by the proposal", "shade removed by the proposal", "removed building",
        "proposed or changed building", "building today",
    ):  # fmt: skip
        assert said in text
    for figure in draw(diagram, "A4", DAY):
        assert [one.get_text() for one in texts(figure)].count("N") == 1


def test_a_pdf_holds_its_words_as_text_and_its_maps_as_pictures(diagram, tmp_path):
    from citymodel.scene.diagram_furniture import length

    target = tmp_path / "sheet.pdf"
    assert diagram_sheet(diagram, target, "A4", DAY) == [target]
    assert [one.name for one in tmp_path.iterdir()] == ["sheet.pdf"]
    content = target.read_bytes()
    assert content.count(b"/Subtype /Image") >= 38
    assert b"/Subtype /Type0" in content  # a font with its letters, not outlines
    assert length("wide", 10) > length("narrow"[:2], 10)
    if shutil.which("pdftotext"):
        text = subprocess.run(["pdftotext", "-layout", target, "-"], capture_output=True, text=True).stdout
        assert text.count("alt ") == 40
        assert "21 December 2026" in text
        assert "grid convergence" in " ".join(text.split())


def test_a_png_of_several_pages_becomes_a_file_a_page(diagram, tmp_path):
    from PIL import Image

    written = diagram_sheet(diagram, tmp_path / "sheet.png", "A4", DAY)
    assert [one.name for one in written] == [f"sheet-{k}.png" for k in (1, 2, 3, 4)]
    with Image.open(written[0]) as image:
        assert image.size == (2338, 1653)


@pytest.mark.parametrize(("name", "page"), [("sheet.docx", "A3"), ("sheet.pdf", "A7")])
def test_unknown_papers_and_formats_are_refused_and_leave_nothing(diagram, tmp_path, name, page):
    with pytest.raises(ParameterError, match="choose"):
        diagram_sheet(diagram, tmp_path / name, page)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("page", sorted(PAGES))
@pytest.mark.parametrize("aspect", [0.3, 1.0, 1.6, 4.0])
@pytest.mark.parametrize(("days", "hours"), [(1, 1), (1, 10), (4, 10), (2, 3), (12, 1), (3, 24), (1, 96)])
def test_a_layout_has_every_moment_once_and_stays_on_the_page(page, aspect, days, hours):
    room = (PAGES[page][0] - 20, PAGES[page][1] - 75)
    layout = lay_out(days, hours, aspect, room, 12.0)
    lines = [line for one in layout.pages for line in one]
    shown = [(day, k) for day, first in lines for k in range(first, min(first + layout.columns, hours))]
    assert shown == [(day, k) for day in range(days) for k in range(hours)]
    assert layout.width / layout.height == pytest.approx(aspect)
    assert (layout.columns - 1) * layout.pitch + layout.width <= room[0] + 1e-6
    assert layout.columns == 1 or layout.pitch > layout.width
    for one in layout.pages:
        assert len(one) <= layout.lines
        assert len(one) * layout.row + 6.6 * len({day for day, _ in one}) <= room[1] + 1e-6
    assert layout.height + 12.0 <= layout.row


def test_tones_tell_apart_in_grey_print():
    grey = [
        float((maps.tone(code, (60, 60)) @ [0.299, 0.587, 0.114]).mean()) for code in (maps.SUN, maps.SHADE, maps.NEW)
    ]
    assert grey[0] - grey[1] > 0.15
    assert grey[1] - grey[2] > 0.3
    striped = maps.tone(maps.GONE, (60, 60)) @ [0.299, 0.587, 0.114]
    assert striped.std() > 0.15


def test_a_picture_is_the_mean_of_the_cells_under_each_pixel():
    classes = np.zeros((4, 4), np.uint8)
    classes[:2] = maps.SHADE
    image = maps.picture(classes, (2, 2))
    assert image.shape == (2, 2, 3)
    assert image[0, 0].tolist() == [0xC3, 0xC8, 0xCD]
    assert image[1, 1].tolist() == [0xFD, 0xFC, 0xF8]


@pytest.fixture
def surface(tmp_path):
    raster.write(plane(), tmp_path / "plane.tif")
    return tmp_path / "plane.tif"


def call(*said):
    return CliRunner().invoke(app, [str(one) for one in said])


def test_the_command_draws_a_raster_and_tells_the_suns(surface, tmp_path):
    said = ("--dates", "2026-03-21,2026-12-21", "--hours", "12:00,18:00", "--tz", "Europe/Amsterdam", "--json")
    done = call("diagram", surface, "-o", tmp_path / "o.pdf", *said)
    assert done.exit_code == 0, done.output
    facts = json.loads(done.stdout)
    assert [one["above_horizon"] for one in facts["maps"]] == [True, True, True, False]
    assert facts["maps"][0]["time"] == "2026-03-21T11:00:00+00:00"
    assert facts["output"] == [str(tmp_path / "o.pdf")]
    assert facts["cell_m"] == 1.0
    assert "1 of them the sun is below the horizon" in done.stderr


def test_the_command_draws_data_files_with_solar_hours(tmp_path):
    from citymodel import formats

    formats.write(town().layers[0].data, tmp_path / "town.city.json")
    out = tmp_path / "o.png"
    done = call(
        "diagram", tmp_path / "town.city.json", "-o", out, "--time-kind", "solar", "--hours", "12", "--page", "a4"
    )
    assert done.exit_code == 0, done.output
    assert [line.rsplit("/", 1)[1] for line in done.stdout.split()] == ["o.png"]


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("o.pdf", (), "--tz"),
        ("o.tif", ("--tz", "UTC"), ".pdf"),
        ("o.pdf", ("--tz", "UTC", "--page", "A7"), "A3"),
        ("o.pdf", ("--tz", "UTC", "--hours", ""), "no hours"),
        ("o.pdf", ("--tz", "UTC", "--hours", "noon"), "clock"),
        ("o.pdf", ("--tz", "UTC", "--dates", "soon"), "2026-03-21"),
        ("o.pdf", ("--tz", "Mars/X"), "time zone"),
        ("o.pdf", ("--tz", "UTC", "--time-kind", "lunar"), "solar"),
        ("o.pdf", ("--tz", "UTC", "--bbox", "1", "1", "0", "0"), "no area"),
        ("o.pdf", ("--tz", "UTC", "--cell", "nan"), "cell"),
    ],
)
def test_wrong_usage_is_exit_2_with_what_to_do(surface, tmp_path, name, given, said):
    done = call("diagram", surface, "-o", tmp_path / name, *given)
    assert done.exit_code == 2
    assert said in done.stderr
    assert not (tmp_path / name).exists()


def test_few_was_enough_for_a_sheet_without_proposal(tmp_path):
    figures = draw(run(town(), FEW), "A4", DAY)
    assert "proposal" not in words(figures)
