"""The Numba twins, one at a time: the compiled code's cache folder and the lock that every call takes."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from pathlib import Path

import numba

# Numba's plain work queue ends the process when two Python threads enter it together.
GUARD = threading.RLock()


def _user_cache() -> Path:
    """The folder in which this platform keeps what a person's programs may lose."""
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def _writable(folder: Path) -> bool:
    """True when a file can be made in `folder`, which is made if it is not there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except (OSError, RuntimeError):
        return False


def choose_cache() -> str:
    """Where compiled code goes: "" for beside the source, else a folder that can be written."""
    named = os.environ.get("NUMBA_CACHE_DIR", "")
    if named or _writable(Path(__file__).resolve().parent / "__pycache__"):
        return named
    try:
        wanted = _user_cache() / "citymodel" / "numba"
    except RuntimeError:
        wanted = Path(tempfile.gettempdir())
    return str(wanted) if _writable(wanted) else tempfile.mkdtemp(prefix="citymodel-numba-")


numba.config.CACHE_DIR = choose_cache()
