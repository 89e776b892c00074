"""Films: pictures one after the other into a folder of PNGs, an Ogg Theora file, or through ffmpeg into an MP4."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citymodel.errors import FormatError, MissingPart, ParameterError
from citymodel.formats.whole_file import check_target, whole_file

U1 = NDArray[np.uint8]
FILMS = (".ogv", ".mp4")
"""Suffixes of films in one file; a name without a suffix is a folder of frames."""


def is_film(path: Path) -> bool:
    """Whether a name asks for a film and not for one picture."""
    return path.suffix.lower() in FILMS or not path.suffix


def check_film(path: Path) -> None:
    """Say before the work what would hinder its writing."""
    suffix = path.suffix.lower()
    if suffix and suffix not in FILMS:
        raise ParameterError(f"{path}: films are written as .ogv or .mp4, or as frames into a folder without a suffix")
    if suffix:
        check_target(path)
        if suffix == ".mp4":
            _ffmpeg(path)
    elif not path.parent.is_dir():
        raise FormatError(path, "", "the folder it should lie in does not exist; make it first")
    elif path.is_file() or (path.is_dir() and any(path.iterdir())):
        raise FormatError(path, "", "is there already and not empty; name a new folder for the frames")


def write_film(path: Path, frames: Iterable[U1], fps: float) -> int:
    """Write frames of one size, (height, width, 3) uint8; the film appears whole or not at all. Returns their number.

    Of an odd size the last row or column is left out in a file, whose colours are stored two by two.
    """
    if not 0.1 <= fps <= 120:
        raise ParameterError(f"{fps:g} frames a second: give 0.1 to 120")
    check_film(path)
    suffix = path.suffix.lower()
    if not suffix:
        return _folder(path, frames)
    with whole_file(path) as part:
        return _theora(part, frames, fps) if suffix == ".ogv" else _mp4(part, frames, fps, _ffmpeg(path))


def _folder(path: Path, frames: Iterable[U1]) -> int:
    from PIL import Image

    part = path.with_name(f".{os.getpid()}.part.{path.name}")
    count = 0
    part.mkdir()
    try:
        for count, frame in enumerate(frames, 1):
            Image.fromarray(frame).save(part / f"frame_{count:05d}.png", format="PNG", compress_level=6)
        if path.is_dir():
            path.rmdir()  # empty, or it stays and the rename fails
        part.replace(path)
    except OSError as wrong:
        raise FormatError(
            path, f"frame {count}", f"cannot be written ({wrong.strerror}); make room or choose another disk"
        ) from wrong
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return count


def _theora(path: Path, frames: Iterable[U1], fps: float) -> int:
    from vtkmodules.util.numpy_support import numpy_to_vtk
    from vtkmodules.vtkCommonDataModel import vtkImageData
    from vtkmodules.vtkIOOggTheora import vtkOggTheoraWriter

    writer: Any = None
    count = 0
    for count, frame in enumerate(frames, 1):
        even = _even(frame)
        image = vtkImageData()
        image.SetDimensions(even.shape[1], even.shape[0], 1)
        image.GetPointData().SetScalars(numpy_to_vtk(np.ascontiguousarray(even[::-1]).reshape(-1, 3), deep=True))
        if writer is None:
            writer = vtkOggTheoraWriter()
            writer.SetFileName(str(path))
            writer.SetRate(max(round(fps), 1))
            writer.SetQuality(2)
            writer.SubsamplingOff()
            writer.SetInputData(image)
            writer.Start()
        writer.SetInputData(image)
        writer.Write()
        if writer.GetError():
            raise FormatError(path, f"frame {count}", "cannot be written; make room or choose another disk")
    if writer is not None:
        writer.End()
    return count


def _ffmpeg(path: Path) -> str:
    found = shutil.which("ffmpeg")
    if found is None:
        raise MissingPart(
            f"{path.name}: an MP4 needs the program ffmpeg, which is not on this machine; install it, "
            "or name the film OUT.ogv, or a folder for its frames"
        )
    return found


def _mp4(path: Path, frames: Iterable[U1], fps: float, program: str) -> int:
    """Frames go to ffmpeg as they are; H.264 in 4:2:0, which every player and slide program shows."""
    process: subprocess.Popen[bytes] | None = None
    count = 0
    try:
        for frame in frames:
            count += 1
            even = _even(frame)
            if process is None:
                size = f"{even.shape[1]}x{even.shape[0]}"
                words = [program, "-v", "error", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", size, "-r", f"{fps:g}",
                         "-i", "-", "-pix_fmt", "yuv420p", "-movflags", "+faststart", "-y", str(path)]  # fmt: skip
                process = subprocess.Popen(words, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
            assert process.stdin is not None
            process.stdin.write(np.ascontiguousarray(even).tobytes())
        if process is not None:
            _, said = process.communicate()
            if process.returncode:
                raise FormatError(path, "", f"ffmpeg could not write it: {said.decode(errors='replace').strip()[:200]}")
    except BrokenPipeError as wrong:
        assert process is not None
        said = process.stderr.read() if process.stderr is not None else b""
        raise FormatError(
            path, f"frame {count}", f"ffmpeg could not write it: {said.decode(errors='replace').strip()[:200]}"
        ) from wrong
    finally:
        if process is not None and process.poll() is None:
            process.kill()
            process.wait()
    return count


def _even(frame: U1) -> U1:
    return frame[: frame.shape[0] // 2 * 2, : frame.shape[1] // 2 * 2]
