"""Other programs' answers, each in a process of an environment of its own; they talk by files only."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / ".venv-peers"
RUNNER = ROOT / "packaging" / "peers" / "run_peer.py"
PINS = ROOT / "packaging" / "peers" / "requirements.txt"
_MARK = HOME / "installed"


def peers_python() -> tuple[Path | None, str]:
    """The peers' Python, made when it is not there; else None and why, in one line."""
    python = HOME / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not RUNNER.exists():
        return None, "the peers' runner comes with the project's source only; run this in a checkout"
    if python.exists() and _MARK.exists() and _MARK.read_text() == PINS.read_text():
        return python, ""
    print(f"installing the programs to compare with into {HOME.name} (once; about 1.5 GB)", file=sys.stderr, flush=True)
    for commands in _ways(python):
        done = [subprocess.run(command, capture_output=True, text=True) for command in commands]
        if all(one.returncode == 0 for one in done):
            _MARK.write_text(PINS.read_text())
            return python, ""
    return None, "the other programs could not be installed: check the network and the package index"


def _ways(python: Path) -> list[list[list[str]]]:
    """Commands that make the environment: by uv where there is one, else by venv and pip."""
    ways = [
        [
            [sys.executable, "-m", "venv", "--clear", str(HOME)],
            [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", str(PINS)],
        ]
    ]
    uv = shutil.which("uv")
    if uv:
        make = [uv, "venv", "-q", "--clear", "--python", sys.executable, str(HOME)]
        ways.insert(0, [make, [uv, "pip", "install", "-q", "--python", str(python), "-r", str(PINS)]])
    return ways


def run_peer(python: Path, program: str, dsm: NDArray[np.float32], **job: Any) -> tuple[dict[str, Any], NDArray[Any]]:
    """What a program measured, and its raster.

    job : of ``packaging/peers/run_peer.py``: what, cell, azimuth, altitude, runs, seconds
    """
    with tempfile.TemporaryDirectory() as folder:
        surface, out, order = (Path(folder) / name for name in ("dsm.npy", "out.npy", "job.json"))
        np.save(surface, dsm)
        order.write_text(json.dumps({**job, "dsm": str(surface), "out": str(out)}))
        command = [str(python), str(RUNNER), program, str(order)]
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise RuntimeError(f"{program} ended with {done.returncode}: {reason}")
        measured: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
        return measured, np.load(out)
