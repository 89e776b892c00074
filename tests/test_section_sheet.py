"""The section of a protected view on paper: what is drawn where, and in which words."""

import re

import pytest
from test_vista import TOWER, X, Y, asked, block, plane, town

from citymodel.analysis.export import export_result
from citymodel.analysis.vista import study
from citymodel.errors import ParameterError
from citymodel.scene import section_plot as plot
from citymodel.scene import section_sheet as sheet


@pytest.fixture(scope="module")
def result():
    document = town(block("shop", (200, -5, 0), (210, 5, 8)), block("hall", (100, -2, 0), (110, 2, 20)))
    return study.run(document.with_scenario(TOWER), asked(setting=40.0, background=60.0))


def words_of(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def test_a_sheet_says_place_scale_exaggeration_and_verdict(result):
    words = words_of(sheet.draw(result))
    assert "Protected view of St. Mary: Tower" in words
    assert any(
        re.search(r"about 1:[\d,]+ on A3, heights (exaggerated [\d.]+ times|not exaggerated)", one) for one in words
    )
    assert any(one.startswith("As proposed: in the corridor 2 buildings rise") for one in words)
    assert "assessment point, eye at 1.50 m" in words
    assert "threshold 21.50 m" in words
    assert "St. Mary, top at 40.00 m" in words


def test_what_rises_above_is_named_with_its_metres(result):
    words = words_of(sheet.draw(result))
    assert "tower" in words
    assert f"+{30 - plane(300):.2f} m" in words
    assert f"+{16 - plane(200):.2f} m" in words
    assert "hall" not in words  # it goes


def test_the_legend_names_only_looks_that_occur(result):
    entries = dict(sheet._entries(sheet.view_of(result)))
    assert entries["proposed"] == "added by Tower"
    assert entries["gone"] == "goes with Tower"
    plain = dict(sheet._entries(sheet.view_of(study.run(town(), asked()))))
    assert not {"proposed", "gone", "setting", "background"} & set(plain)


@pytest.mark.parametrize("page", ["A3", "A4"])
def test_all_words_lie_on_the_page(result, page):
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure = sheet.draw(result, page)
    renderer = FigureCanvasAgg(figure).get_renderer()
    for text in figure.axes[0].texts:
        box = text.get_window_extent(renderer)
        assert box.x0 >= 0
        assert box.y0 >= 0
        assert box.x1 <= figure.bbox.width
        assert box.y1 <= figure.bbox.height


def test_heights_are_never_flattened_and_the_drawing_fits_its_room(result):
    view = sheet.view_of(result)
    frame, times = plot.framed(view, (20.0, 100.0), (380.0, 90.0), 60.0)
    assert times >= 1
    assert frame.tall == pytest.approx(times * frame.scale)
    low, high = view.heights()
    assert (high - low) * frame.tall <= 90.0
    assert view.end * frame.scale <= 380.0 + 1e-9


def test_it_is_written_as_pdf_svg_and_png_with_letters_as_letters(result, tmp_path):
    for name in ("view.pdf", "view.svg"):
        export_result(result, tmp_path / name)
    export_result(result, tmp_path / "view.png", field="section")
    assert (tmp_path / "view.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "view.png").read_bytes().startswith(b"\x89PNG")
    assert "St. Mary, top at 40.00 m" in (tmp_path / "view.svg").read_text(encoding="utf-8")


def test_a_place_as_landmark_is_drawn_as_a_line():
    result = study.run(
        town(), asked(landmark=(), at=((X + 410, Y + 60),), width=30.0, foot=0.0, top=45.0, threshold=21.5)
    )
    assert "the place, top at 45.00 m" in words_of(sheet.draw(result))


def test_other_results_have_no_section(tmp_path):
    from citymodel.results import Result

    with pytest.raises(ParameterError, match="only a protected view"):
        export_result(Result("shadow", "Sun", {}, {}), tmp_path / "view.pdf")
