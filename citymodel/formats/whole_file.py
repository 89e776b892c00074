"""Writing so that a file appears whole or not at all."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from citymodel.errors import FormatError

_RETRIES = 5  # a virus scanner or a viewer may hold the old file for a moment on Windows


def check_target(path: str | Path) -> None:
    """FormatError where no file of that name can be written; asked before the work, so that none is lost."""
    path = Path(path)
    if not path.parent.is_dir():
        raise FormatError(path, "", "the folder does not exist; make it first")
    if path.is_dir():
        raise FormatError(path, "", "is a folder; name a file in it")
    part = _part(path)
    try:
        part.touch()
        part.unlink()
    except OSError as wrong:
        raise FormatError(
            path, "", f"cannot be written there ({wrong.strerror}); choose another folder, or ask for the right to it"
        ) from wrong


def _part(path: Path) -> Path:
    return path.with_name(f".{os.getpid()}.part.{path.name}")  # the suffix stays: some drivers go by it


@contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    """Yield a path beside ``path`` to write to; it takes the name when the block ends well."""
    path = Path(path)
    check_target(path)
    part = _part(path)
    try:
        with _orderly_end():
            yield part
            _replace(part, path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _orderly_end() -> Iterator[None]:
    """A scheduler's SIGTERM ends the block like an error, so that no part of a file is left behind."""
    if (
        threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
    ):
        yield
        return

    def stop(_signal: int, _frame: object) -> None:
        raise SystemExit(128 + signal.SIGTERM)

    signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _replace(part: Path, path: Path) -> None:
    for k in range(_RETRIES):
        try:
            part.replace(path)
            return
        except PermissionError:
            if k == _RETRIES - 1:
                raise
            time.sleep(0.1 * 2**k)
