"""The project: undo, its file, and what it refuses to open."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from citymodel.document import Document
from citymodel.errors import FormatError
from citymodel.layers import Layer, Style
from citymodel.points import PointCloud
from citymodel.project import Project


def cloud(count: int = 10) -> PointCloud:
    return PointCloud(np.zeros((count, 3), np.int32), np.full(3, 0.01), np.zeros(3), {})


def add(name: str, count: int = 10):
    return lambda document: document.with_layer(Layer("", name, "points", cloud(count)))


def names(project: Project) -> list[str]:
    return [layer.name for layer in project.document.layers]


def test_undo_brings_the_old_document_back_and_redo_the_new_one():
    project = Project()
    project.edit("Add trees", add("Trees"))
    project.edit("Hide trees", lambda d: d.with_style("trees", visible=False))
    assert project.undo_label == "Hide trees"
    project.undo()
    assert project.document.style("trees").visible
    project.undo()
    assert names(project) == []
    project.redo()
    project.redo()
    assert names(project) == ["Trees"]
    assert not project.document.style("trees").visible
    assert project.redo_label == ""


def test_a_drag_is_one_step():
    project = Project()
    project.edit("Add trees", add("Trees"))
    for opacity in (0.9, 0.8, 0.7):
        project.edit("Opacity", lambda d, o=opacity: d.with_style("trees", opacity=o), merge="opacity trees")
    project.undo()
    assert project.document.style("trees") == Style(colour_by="classification")


def test_an_edit_that_changes_nothing_is_no_step():
    project = Project()
    project.edit("Nothing", lambda d: d)
    assert project.undo_label == ""


def test_a_result_that_arrives_stays_when_an_older_edit_is_undone():
    project = Project()
    project.edit("Add trees", add("Trees"))
    project.edit("Rename", lambda d: replace(d, name="Quarter"))
    project.amend(add("Sun hours"))
    project.undo()
    assert names(project) == ["Trees", "Sun hours"]
    project.redo()
    assert project.document.name == "Quarter"


def test_listeners_get_before_and_after():
    project, seen = Project(), []
    project.changed.append(lambda before, after: seen.append((len(before.layers), len(after.layers))))
    project.edit("Add trees", add("Trees"))
    project.undo()
    assert seen == [(0, 1), (1, 0)]


def test_undo_forgets_the_oldest_steps_when_they_keep_too_many_bytes():
    project = Project(undo_bytes=2000)
    for name in "abc":
        project.edit(f"Add {name}", add(name, count=100))
        project.edit(f"Remove {name}", lambda d, n=name: d.without_layer(n))
    steps = 0
    while project.undo_label:
        project.undo()
        steps += 1
    assert 0 < steps < 6


def test_layers_of_one_name_get_different_ids():
    document = add("Trees")(add("Trees")(Document()))
    assert [layer.id for layer in document.layers] == ["trees", "trees-2"]


def test_a_layer_moves_in_the_drawing_order():
    document = add("b")(add("a")(Document())).with_layer_moved("a", 1)
    assert [layer.id for layer in document.layers] == ["b", "a"]


def test_a_project_without_layers_is_saved_and_opened_again(tmp_path: Path):
    project = Project(Document(name="Quarter", styles={"x": Style(opacity=0.5, range=(1.0, 2.0))}))
    path = project.save(tmp_path / "quarter.city", thumbnail=b"png")
    again = Project.open(path)
    assert again.document.name == "Quarter"
    assert again.document.styles["x"] == Style(opacity=0.5, range=(1.0, 2.0))
    assert not again.modified
    assert [one.name for one in tmp_path.iterdir()] == ["quarter.city"]
    assert zipfile.ZipFile(path).read("thumbnail.png") == b"png"


def test_a_source_that_is_gone_is_said_and_kept_for_the_next_save(tmp_path: Path):
    layer = Layer("trees", "Trees", "points", cloud(), source=str(tmp_path / "gone.laz"))
    path = Project(Document(layers=(layer,))).save(tmp_path / "q.city")
    project = Project.open(path)
    assert project.document.layers == ()
    assert "Trees" in project.notices[0]
    project.save()
    assert "gone.laz" in zipfile.ZipFile(path).read("project.json").decode()


def test_a_failed_save_leaves_the_old_file_whole(tmp_path: Path):
    path = Project(Document(name="old")).save(tmp_path / "q.city")
    broken = Project(Document(name="new", layers=(Layer("x", "X", "points", cloud()),)))
    with pytest.raises(FormatError, match="export it first"):
        broken.save(path)
    assert Project.open(path).document.name == "old"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_project_named_otherwise_is_refused(tmp_path: Path):
    with pytest.raises(FormatError, match=r"\.city"):
        Project().save(tmp_path / "q.zip")


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


PROJECT = {"format": "citymodel project", "version": 1, "name": "q"}


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil", "C:\\evil", "a\\..\\evil"])
def test_a_project_that_points_out_of_itself_is_refused(tmp_path: Path, name: str):
    path = zipped(tmp_path / "q.city", {"project.json": json.dumps(PROJECT).encode(), name: b"x"})
    with pytest.raises(FormatError, match="not safe"):
        Project.open(path)


def test_a_project_that_unpacks_to_far_too_much_is_refused(tmp_path: Path):
    path = zipped(tmp_path / "q.city", {"project.json": b" " * (80 << 20)})
    with pytest.raises(FormatError, match="not safe"):
        Project.open(path)


@pytest.mark.parametrize(
    "text", ["", "[1]", "NaN", "[" * 100_000, '{"format": "x"}', json.dumps(PROJECT | {"version": 99})]
)
def test_a_project_with_a_broken_text_says_so_in_one_line(tmp_path: Path, text: str):
    path = zipped(tmp_path / "q.city", {"project.json": text.encode()})
    with pytest.raises(FormatError) as wrong:
        Project.open(path)
    assert "\n" not in str(wrong.value)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"no zip at all"])
def test_a_file_that_is_no_project_says_so(tmp_path: Path, data: bytes):
    path = tmp_path / "q.city"
    path.write_bytes(data)
    with pytest.raises(FormatError, match="no citymodel project"):
        Project.open(path)


def test_a_source_on_the_network_is_not_followed(tmp_path: Path):
    entry = {"id": "a", "name": "A", "kind": "city", "source": {"path": "//host/share/a.gml"}}
    text = json.dumps(PROJECT | {"layers": [entry]}).encode()
    project = Project.open(zipped(tmp_path / "q.city", {"project.json": text}))
    assert "network" in project.notices[0]
