"""The rules of the house: who imports whom, what loads when, and that the text is clean."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True)


def test_importing_citymodel_loads_the_standard_library_only() -> None:
    code = "import sys, citymodel; print([m for m in sys.modules if m.split('.')[0] not in sys.stdlib_module_names])"
    loaded = eval_list(run(sys.executable, "-S", "-c", code).stdout)
    assert [name for name in loaded if name.split(".")[0] != "citymodel"] == []


def eval_list(text: str) -> list[str]:
    names: list[str] = json.loads(text.replace("'", '"'))
    return [name for name in names if not name.startswith(("_", "sitecustomize", "editable"))]


def test_help_loads_no_heavy_library() -> None:
    heavy = "{'numpy', 'pyproj', 'lxml', 'xarray', 'pydantic', 'vtk', 'pyvista', 'numba', 'PySide6'}"
    code = (
        "import sys\nfrom citymodel.cli import app\n"
        "app.main(['--help'], standalone_mode=False)\n"
        f"print(sorted({heavy} & set(sys.modules)), file=sys.stderr)"
    )
    done = run(sys.executable, "-c", code)
    assert "doctor" in done.stdout
    assert done.stderr.strip() == "[]"


def test_the_sun_needs_no_pandas() -> None:
    code = (
        "import sys\nfrom datetime import UTC, datetime\nfrom citymodel.sun import positions\n"
        "positions([datetime(2026, 3, 21, 12, tzinfo=UTC)], 52.0, 4.0)\nprint('pandas' in sys.modules)"
    )
    assert run(sys.executable, "-c", code).stdout.strip() == "False"


def test_the_import_contracts_hold() -> None:
    done = run(str(Path(sys.executable).parent / "lint-imports"), "--no-cache")
    assert done.returncode == 0, done.stdout


def test_ruff_finds_nothing() -> None:
    done = run(sys.executable, "-m", "ruff", "check", "--no-cache", ".")
    assert done.returncode == 0, done.stdout
    done = run(sys.executable, "-m", "ruff", "format", "--no-cache", "--check", ".")
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
def test_mypy_strict_finds_nothing() -> None:
    done = run(sys.executable, "-m", "mypy")
    assert done.returncode == 0, done.stdout


def test_the_doctor_answers_with_the_standard_library_alone() -> None:
    done = run(sys.executable, "-S", "-m", "citymodel", "doctor", "--json")
    answer = json.loads(done.stdout)
    states = {f["part"]: f["state"] for f in answer["findings"]}
    assert states["Python"] == "ok"
    assert states["numpy"] == "missing"
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_the_doctor_finds_all_that_is_needed_here() -> None:
    done = run(sys.executable, "-m", "citymodel", "doctor", "--json")
    answer = json.loads(done.stdout)
    assert [f for f in answer["findings"] if f["state"] == "missing"] == []
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["info", "no-such-file.gml"], 1),
        (["info"], 2),
        (["no-such-verb"], 2),
    ],
)
def test_errors_are_one_plain_line_with_their_exit_code(words: list[str], code: int) -> None:
    done = run(sys.executable, "-m", "citymodel", *words)
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    if code == 1:
        assert done.stderr.startswith("error: ")
        assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only there a display may be absent")
def test_open_without_a_display_is_one_plain_line() -> None:
    bare = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
    words = [sys.executable, "-m", "citymodel", "open", "--sample"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, env=bare)
    assert done.returncode == 1
    assert done.stderr.startswith("error: there is no display")
    assert len(done.stderr.strip().splitlines()) == 1


def test_debug_shows_the_traceback() -> None:
    done = run(sys.executable, "-m", "citymodel", "--debug", "info", "no-such-file.gml")
    assert done.returncode == 1
    assert "Traceback" in done.stderr


def test_no_package_registry_or_home_folder_is_named_in_the_project() -> None:
    # the words are put together here so that this file does not name them itself
    words = ["/ho" + "me/", "/ro" + "ot/", "py" + "pi.org", "pythonho" + "sted", "npm" + "js"]
    files = run("git", "ls-files", "-z").stdout.split("\0")
    text_files = [ROOT / f for f in files if f and not f.endswith((".png", ".ico", ".jpg"))]
    named = [(f.name, w) for f in text_files if f.is_file() for w in words if w in f.read_text(errors="replace")]
    assert named == []
