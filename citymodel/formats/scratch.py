"""Folders for large files that nobody keeps: each goes with its owner, one that a killed program left at a next start.

A folder's owner holds a lock on a file in it for as long as it lives; the system lets go of the lock when the process
ends, however it ends. So a folder whose lock can be had belongs to nobody. Without a lock file it is left alone: it
may have been made a moment ago, or by something else.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import IO

PREFIX = "citymodel-"
_OWNER = "owner.lock"


class Scratch:
    """A new folder under the system's own for such things; it holds until ``remove``.

    purpose : a word for its name, for people who look for what fills their disk
    """

    def __init__(self, purpose: str) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{purpose}-"))
        self._lock = _held(self.path / _OWNER)

    def remove(self) -> None:
        """Away with the folder and all in it."""
        self._lock.close()
        shutil.rmtree(self.path, ignore_errors=True)


def sweep(folder: str | Path | None = None) -> int:
    """Remove folders whose owners are gone; says how many.

    folder : where they lie, None for the system's own place
    """
    found = 0
    for lock in Path(folder or tempfile.gettempdir()).glob(f"{PREFIX}*/{_OWNER}"):
        if _forsaken(lock):
            shutil.rmtree(lock.parent, ignore_errors=True)
            found += not lock.parent.exists()
    return found


def _forsaken(lock: Path) -> bool:
    """Whether nobody holds this lock and the folder is ours to remove."""
    try:
        if sys.platform == "win32":
            lock.unlink()  # refused while anybody has it open
            return True
        if lock.is_symlink() or lock.parent.stat().st_uid != os.getuid():
            return False
        with lock.open("r+b") as file:
            return _take(file)
    except OSError:
        return False


def _held(lock: Path) -> IO[bytes]:
    """A new lock file that is held from the moment on that it has its name."""
    if sys.platform == "win32":  # an open file cannot be renamed there, nor removed: it is held at once
        return lock.open("wb")
    young = lock.with_suffix(".new")
    file = young.open("wb")
    _take(file)
    young.rename(lock)
    return file


def _take(file: IO[bytes]) -> bool:
    """Take the lock of an open file, to be let go when it is closed; False where another has it."""
    if sys.platform == "win32":
        return False
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
