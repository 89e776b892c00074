"""What works on this machine, what is missing and how to mend it, with the standard library alone."""

from __future__ import annotations

import argparse
import ctypes
import ctypes.util
import importlib.metadata
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

State = Literal["ok", "missing", "optional"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor: what was looked at, its state, what was seen, how to mend it."""

    part: str
    state: State
    seen: str
    mend: str = ""


# distribution → (what it is for, state when absent)
PACKAGES: dict[str, tuple[str, State]] = {
    "numpy": ("arrays", "missing"),
    "scipy": ("arrays", "missing"),
    "numba": ("kernels on the CPU", "missing"),
    "click": ("the command line", "missing"),
    "pydantic": ("parameters", "missing"),
    "pyproj": ("coordinate systems", "missing"),
    "lxml": ("CityGML", "missing"),
    "orjson": ("CityJSON", "missing"),
    "mapbox-earcut": ("polygons to triangles", "missing"),
    "laspy": ("LiDAR", "missing"),
    "lazrs": ("LAZ", "missing"),
    "laszip": ("LAZ of old compressors", "optional"),
    "xarray": ("rasters", "missing"),
    "rasterio": ("GeoTIFF", "missing"),
    "rioxarray": ("GeoTIFF", "missing"),
    "pyogrio": ("GeoPackage", "missing"),
    "shapely": ("footprints", "missing"),
    "netCDF4": ("water in time", "missing"),
    "pvlib": ("the sun's position", "missing"),
    "pyvista": ("pictures", "missing"),
    "vtk": ("pictures", "missing"),
    "trimesh": ("meshes", "missing"),
    "PySide6-Essentials": ("the window", "optional"),
    "pyvistaqt": ("the window", "optional"),
    "open3d-cpu": ("rays on façades", "optional"),
    "cupy-cuda12x": ("kernels on the GPU, CUDA 12", "optional"),
    "cupy-cuda13x": ("kernels on the GPU, CUDA 13", "optional"),
}


def examine() -> list[Finding]:
    """Look at everything; a look that fails is itself a finding."""
    looks: tuple[Callable[[], list[Finding]], ...] = (python, packages, graphics, display, gpu, proj, machine)
    findings: list[Finding] = []
    for look in looks:
        try:
            findings += look()
        except Exception as error:  # a doctor must not die of what it examines
            findings.append(Finding(look.__name__, "missing", f"could not be examined: {error}"))
    return findings


def python() -> list[Finding]:
    state: State = "ok" if sys.version_info >= (3, 11) else "missing"
    return [
        Finding("Python", state, platform.python_version(), "" if state == "ok" else "install Python 3.11 or newer")
    ]


def packages() -> list[Finding]:
    found = []
    for name, (purpose, absent) in PACKAGES.items():
        try:
            found.append(Finding(name, "ok", f"{importlib.metadata.version(name)} ({purpose})"))
        except importlib.metadata.PackageNotFoundError:
            mend = "run ./dev run, which installs it" if absent == "missing" else f"install {name} to have it"
            found.append(Finding(name, absent, f"absent ({purpose})", mend))
    return found


def _loads(*names: str) -> str | None:
    for name in names:
        try:
            ctypes.CDLL(name)
            return name
        except OSError:
            continue
    return None


def graphics() -> list[Finding]:
    """VTK ends the whole process without libGL, so it is probed before VTK is ever imported."""
    if not sys.platform.startswith("linux"):
        return [Finding("OpenGL", "ok", "part of the system")]
    found = []
    for part, library, package in (
        ("OpenGL", "libGL.so.1", "libgl1"),
        ("EGL (pictures without a screen)", "libEGL.so.1", "libegl1"),
        ("xcb-cursor (window)", "libxcb-cursor.so.0", "libxcb-cursor0"),
        ("xkbcommon-x11 (window)", "libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
    ):
        seen = _loads(library)
        found.append(
            Finding(part, "ok", library)
            if seen
            else Finding(part, "missing", f"{library} does not load", f"apt-get install {package}")
        )
    return found


def display() -> list[Finding]:
    if not sys.platform.startswith("linux"):
        return [Finding("display", "ok", "part of the system")]
    name = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY")
    if name:
        return [Finding("display", "ok", name)]
    return [Finding("display", "optional", "none", "pictures work without; for the window log in to a desktop")]


def gpu() -> list[Finding]:
    driver = _loads("libcuda.so.1", "nvcuda.dll")
    if driver is None:
        mend = "nothing to do: kernels run on the CPU; with an NVIDIA card install its driver"
        found = [Finding("NVIDIA driver", "optional", "none", mend)]
    else:
        found = [Finding("NVIDIA driver", "ok", _driver_version(driver)), *_devices()]
    nvrtc = _nvrtc()
    found.append(
        Finding("NVRTC (CUDA compiler)", "ok", nvrtc)
        if nvrtc
        else Finding("NVRTC (CUDA compiler)", "optional", "none", "comes with the extras cuda12 or cuda13")
    )
    return found


def _driver_version(library: str) -> str:
    version = ctypes.c_int()
    if ctypes.CDLL(library).cuDriverGetVersion(ctypes.byref(version)):
        return library
    return f"{library}, CUDA {version.value // 1000}.{version.value % 1000 // 10}"


def _devices() -> list[Finding]:
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    query = [program, "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"]
    answer = subprocess.run(query, capture_output=True, text=True, timeout=10)
    return [Finding("GPU", "ok", line.strip()) for line in answer.stdout.splitlines() if line.strip()]


def _nvrtc() -> str | None:
    spec = importlib.util.find_spec("nvidia")
    folders = [Path(p) for p in (spec.submodule_search_locations or [])] if spec else []
    for folder in folders:
        for library in sorted(folder.rglob("libnvrtc.so*")) + sorted(folder.rglob("nvrtc64*.dll")):
            if _loads(str(library)):
                return library.name
    return _loads("libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so")


def proj() -> list[Finding]:
    if importlib.util.find_spec("pyproj") is None:
        return [Finding("PROJ data", "missing", "pyproj is absent", "run ./dev run, which installs it")]
    import pyproj

    folder = pyproj.datadir.get_data_dir()
    east, north = pyproj.Transformer.from_crs(28992, 25831, always_xy=True).transform(155000, 463000)
    grids = sorted(p.name for p in Path(folder).glob("*.tif"))
    sane = abs(east - 663e3) < 5e3 and abs(north - 5781e3) < 5e3  # Amersfoort in UTM zone 31
    return [
        Finding("PROJ", "ok" if sane else "missing", f"{pyproj.proj_version_str}, data in {folder}"),
        Finding(
            "PROJ grids",
            "ok" if grids else "optional",
            f"{len(grids)} grid files",
            "" if grids else "heights keep their own datum; fetch grids with projsync to change it",
        ),
    ]


def machine() -> list[Finding]:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    free = shutil.disk_usage(Path.cwd()).free / 1e9
    found = [Finding("processor", "ok", f"{cores} cores, {platform.machine()}")]
    memory = Path("/proc/meminfo")
    if memory.exists():
        kib = int(memory.read_text().split("MemAvailable:")[1].split()[0])
        found.append(Finding("memory", "ok" if kib > 2e6 else "optional", f"{kib / 1e6:.1f} GB free"))
    found.append(Finding("disk", "ok" if free > 2 else "optional", f"{free:.1f} GB free here"))
    return found


def main(arguments: list[str] | None = None) -> None:
    """Print the findings; exit 1 when something needed is missing."""
    parser = argparse.ArgumentParser(prog="citymodel doctor", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    options = parser.parse_args(arguments)
    findings = examine()
    missing = [f for f in findings if f.state == "missing"]
    if options.json:
        print(json.dumps({"ok": not missing, "findings": [asdict(f) for f in findings]}, indent=1))
    else:
        width = max(len(f.part) for f in findings)
        sign = {"ok": "ok      ", "missing": "MISSING ", "optional": "optional"}
        for f in findings:
            print(f"{sign[f.state]}  {f.part:{width}}  {f.seen}" + (f" → {f.mend}" if f.mend else ""))
        print("all that is needed is here" if not missing else f"{len(missing)} needed part(s) missing, see above")
    sys.exit(1 if missing else 0)


if __name__ == "__main__":
    main()
