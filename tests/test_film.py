"""Films: their times as they are typed, frame after frame on one stage, and files that appear whole or not at all."""

import sys
from datetime import timedelta

import click
import numpy as np
import pytest
from test_scene_water import ABOVE
from waters import BEGIN, flood_layer, flooded, rising

from citymodel.commands.moments import flood_clock, moment_of, seconds_of, shot_of, shots_of
from citymodel.errors import CityModelError, FormatError, MissingPart, ParameterError
from citymodel.formats.film import check_film, write_film
from citymodel.scene.film import Shot, frames
from citymodel.scene.state import View

VIEW = View(camera=ABOVE, furniture=False)


def some(count=3, size=(48, 64)):
    return [np.full((*size, 3), 40 * k, np.uint8) for k in range(count)]


@pytest.mark.parametrize(
    ("text", "seconds"), [("15min", 900.0), ("1h25min", 5100.0), ("90s", 90.0), ("1.5 h", 5400.0), ("2d", 172800.0)]
)
def test_durations_are_read_as_people_write_them(text, seconds):
    assert seconds_of(text, "--every") == seconds


@pytest.mark.parametrize("text", ["", "15", "min", "1h25", "-5min", "1h 25 minutes"])
def test_what_is_no_duration_is_refused_with_an_example(text):
    with pytest.raises(click.UsageError, match="1h25min"):
        seconds_of(text, "--every")


def test_a_time_after_the_start_and_one_of_the_clock_are_the_same_moment():
    clock = flood_clock(flooded())
    moment = (BEGIN + timedelta(minutes=85)).isoformat()
    assert shot_of("+1h25min", clock) == shot_of(moment, clock) == Shot(BEGIN + timedelta(seconds=5100), 5100.0)


def test_a_flood_without_a_clock_knows_only_times_after_its_start():
    clock = flood_clock(flooded(flood_layer({"base": rising(begins=None)})))
    assert shot_of("+10min", clock) == Shot(None, 600.0)
    with pytest.raises(ParameterError, match="no clock"):
        shot_of("2026-07-14T13:00Z", clock)


def test_a_time_after_the_start_needs_a_flood():
    with pytest.raises(ParameterError, match="no flood"):
        shot_of("+10min", None)
    with pytest.raises(click.UsageError, match="zone"):
        moment_of("2026-07-14T13:00")


def test_a_film_of_a_flood_has_all_its_frames_where_nothing_is_said():
    assert [one.seconds for one in shots_of(None, None, None, flood_clock(flooded()))] == [0.0, 3600.0, 7200.0]


def test_both_ends_of_a_film_are_among_its_frames():
    shots = shots_of("+10min", "+30min", "5min", flood_clock(flooded()))
    assert [one.seconds for one in shots] == [600.0, 900.0, 1200.0, 1500.0, 1800.0]
    shots = shots_of("+10min", "+30min", "8min", flood_clock(flooded()))
    assert [one.seconds for one in shots] == [600.0, 1080.0, 1560.0, 1800.0]
    shots = shots_of("2026-06-21T10:00Z", "2026-06-21T12:00Z", "1h", None)
    assert [one.moment.hour for one in shots] == [10, 11, 12]


def test_a_film_that_runs_backwards_or_has_a_million_frames_is_refused():
    clock = flood_clock(flooded())
    with pytest.raises(ParameterError, match="exchange"):
        shots_of("+30min", "+10min", "5min", clock)
    with pytest.raises(ParameterError, match="too many"):
        shots_of(None, None, "0.1s", clock)
    with pytest.raises(click.UsageError, match="--every"):
        shots_of("2026-06-21T10:00Z", "2026-06-21T12:00Z", None, None)


def test_the_frames_of_a_film_show_the_water_of_their_moments():
    shots = [Shot(None, seconds) for seconds in (0.0, 3600.0, 7200.0)]
    wet = [((one[..., 2].astype(int) - one[..., 0]) > 25)[20:100, 5:150].mean()
           for one in frames(flooded(), shots, (160, 120), VIEW)]  # fmt: skip
    assert wet[0] == 0.0
    assert wet[1] == pytest.approx(wet[2] / 2, abs=0.05)
    assert wet[2] == pytest.approx(0.5, abs=0.05)


def test_a_folder_gets_its_frames_in_order_and_nothing_else(tmp_path):
    from PIL import Image

    assert write_film(tmp_path / "film", some(), 12) == 3
    names = sorted(one.name for one in (tmp_path / "film").iterdir())
    assert names == ["frame_00001.png", "frame_00002.png", "frame_00003.png"]
    assert np.asarray(Image.open(tmp_path / "film" / names[2]))[0, 0].tolist() == [80, 80, 80]
    assert [one.name for one in tmp_path.iterdir()] == ["film"]


def test_a_film_that_fails_leaves_nothing_behind(tmp_path):
    def failing():
        yield from some()
        raise CityModelError("no more")

    for name in ("film", "film.ogv"):
        with pytest.raises(CityModelError, match="no more"):
            write_film(tmp_path / name, failing(), 12)
    assert list(tmp_path.iterdir()) == []


def test_frames_are_never_mixed_with_those_of_another_film(tmp_path):
    write_film(tmp_path / "film", some(), 12)
    with pytest.raises(FormatError, match="not empty"):
        check_film(tmp_path / "film")


def test_an_ogg_theora_film_is_whole(tmp_path):
    path = tmp_path / "film.ogv"
    assert write_film(path, some(5, (49, 65)), 12) == 5
    head = path.read_bytes()
    assert head[:4] == b"OggS"
    assert b"theora" in head[:200]
    assert head[-len(head) :].count(b"OggS") >= 3


def test_an_mp4_without_ffmpeg_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingPart, match=r"OUT\.ogv"):
        write_film(tmp_path / "film.mp4", some(), 12)


@pytest.mark.skipif(sys.platform == "win32", reason="a script stands in for ffmpeg")
def test_an_mp4_is_made_by_ffmpeg_and_its_complaint_is_told(tmp_path, monkeypatch):
    program = tmp_path / "ffmpeg"
    program.write_text('#!/bin/sh\nfor last; do :; done\n/bin/cat > "$last"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    write_film(tmp_path / "film.mp4", some(3), 12)
    assert (tmp_path / "film.mp4").stat().st_size == 3 * 48 * 64 * 3
    program.write_text("#!/bin/sh\n/bin/cat > /dev/null\necho no encoder >&2\nexit 1\n")
    with pytest.raises(FormatError, match="no encoder"):
        write_film(tmp_path / "other.mp4", some(3), 12)
    assert not (tmp_path / "other.mp4").exists()


@pytest.mark.parametrize("fps", [0.0, 1e6, float("nan")])
def test_frames_a_second_have_limits(tmp_path, fps):
    with pytest.raises(ParameterError, match="a second"):
        write_film(tmp_path / "film", some(), fps)


def test_the_command_draws_a_floods_file_at_a_time_and_as_a_film(tmp_path, capsys):
    from flood_cases import rained_on
    from PIL import Image

    from citymodel.analysis.flood.simulate import simulate
    from citymodel.cli import main
    from citymodel.formats.flood_nc import FloodFile

    with FloodFile(tmp_path / "out.nc", title="Bowl") as keep:
        simulate(rained_on(), keep, device="cpu")
    out, size = tmp_path / "out.nc", ["--size", "160", "100", "--plain"]

    def run(*words):
        try:
            main(["render", str(out), *words, *size])
            code = 0
        except SystemExit as ended:
            code = ended.code
        return code, capsys.readouterr().err

    def wet(path):
        image = np.asarray(Image.open(path)).astype(int)[30:80, 40:120]
        return ((image[..., 2] - image[..., 0]) > 25).mean()

    assert run("-o", str(tmp_path / "dry.png"), "--time", "+0s")[0] == 0
    assert run("-o", str(tmp_path / "wet.png"), "--time", "+45min")[0] == 0
    assert wet(tmp_path / "dry.png") == 0.0 < wet(tmp_path / "wet.png")
    assert run("-o", str(tmp_path / "film"), "--every", "30min")[0] == 0
    assert len(list((tmp_path / "film").iterdir())) == 3
    code, said = run("-o", str(tmp_path / "late.png"), "--time", "+9h")
    assert code == 0
    assert "known from 0 to 60 min after its start; the nearest" in said
    code, said = run("-o", str(tmp_path / "no.png"), "--time", "2026-07-14T14:00Z")
    assert code == 1
    assert "no clock" in said
    assert run("-o", str(tmp_path / "no.png"), "--every", "30min")[0] == 2
    assert run("-o", str(tmp_path / "no"))[0] == 1


def test_a_picture_of_a_flood_is_titled_by_what_it_shows():
    from pathlib import Path

    from citymodel.commands.render import title_of

    assert title_of((Path("run7.nc"),), flooded()) == "Cloudburst"
    assert title_of((Path("run7.nc"),), flooded(visible=False)) == "run7"


def test_a_project_and_data_on_it_make_one_picture_and_two_projects_make_none(tmp_path, city_file):
    from citymodel.commands.render import opened
    from citymodel.project import Project, open_data

    projects = tuple(Project(document=open_data([city_file])).save(tmp_path / f"{name}.city") for name in "ab")
    document = opened((projects[0], city_file), None)
    assert [one.kind for one in document.layers] == ["city", "city"]
    with pytest.raises(ParameterError, match=r"a\.city and b\.city: a picture is of one project"):
        opened(projects, None)
