"""The Numba twins, one at a time: the compiled code's cache folder and the lock that every call takes."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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


def _edition() -> str:
    """A name for the kernels as they are written now."""
    digest = hashlib.sha256()
    here = Path(__file__).resolve().parent
    for file in sorted([*here.glob("*.py"), *here.parent.glob("*.py")]):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def choose_cache() -> str:
    """Where compiled code goes: beside the source, or another folder that can be written; one for each edition.

    Numba compiles anew when a function's own file changed, not when another file did whose functions it took in: with
    one folder for all, an upgrade could go on with the code of before.
    """
    named = os.environ.get("NUMBA_CACHE_DIR", "")
    if named:
        return named
    wanted = [Path(__file__).resolve().parent / "__pycache__"]
    with suppress(RuntimeError):  # no home
        wanted.append(_user_cache() / "citymodel")
    for folder in wanted:
        if _writable(folder):
            return str(folder / f"numba-{_edition()}")
    return tempfile.mkdtemp(prefix="citymodel-numba-")


numba.config.CACHE_DIR = choose_cache()
