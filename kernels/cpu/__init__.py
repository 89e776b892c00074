"""The Numba twins, one at a time: the compiled code's cache folder and the lock that every call takes."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numba

# Numba's plain work queue ends the process when two Python threads enter it together.
GUARD = threading.RLock()
#: Cells of a sweep that a core must get to be worth the waiting for it: about a millisecond. On a machine that is busy
#: otherwise, every sweep waits some ten milliseconds for its last core.
SHARE = 1_000_000


def cores_for(cells: int, share: int = SHARE) -> int:
    """How many cores a pass over so many cells takes."""
    return max(1, min(numba.get_num_threads(), cells // share))


@contextmanager
def cores(cells: int, share: int = SHARE) -> Iterator[None]:
    """The lock that every call takes, and no more cores than a pass over so many cells is worth."""
    with GUARD:
        before = numba.get_num_threads()
        numba.set_num_threads(cores_for(cells, share))
        try:
            yield
        finally:
            numba.set_num_threads(before)


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
