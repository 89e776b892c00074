"""Time another program's viewsheds of a surface, in a process of its own; it talks by files only.

    python run_viewshed.py gdal|xarray-spatial JOB.json
    grass --tmp-location EPSG:32633 --exec python run_viewshed.py grass JOB.json

JOB.json: {"dsm": file.tif, "size": rows and columns, "origin": [x, y] of the top left corner, "eyes": [[row, column]],
"eye": m, "runs": n, "seconds": limit, "out": file.npy}. Cells are 1 m, the Earth is flat. Writes the packed bits of
the masks to "out" and prints the median and the fastest seconds of a viewshed, how many there were, the program's
version and the peak of memory as JSON. All eyes are looked from once, then again until there are "runs" of each or
"seconds" have passed.
"""

import ctypes
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np


def place(job, eye):
    """x and y of a cell's centre."""
    return job["origin"][0] + eye[1] + 0.5, job["origin"][1] - eye[0] - 0.5


class Gdal:
    """GDALViewshedGenerate (Edge) of the libgdal that rasterio's wheel carries, from memory to memory."""

    def __init__(self, job):
        import rasterio

        wheel = Path(rasterio.__file__).resolve().parent.parent
        self.lib = lib = ctypes.CDLL(str(next(wheel.glob("rasterio.libs/libgdal-*"))))
        self.version = rasterio.__gdal_version__
        handle, real, number = ctypes.c_void_p, ctypes.c_double, ctypes.c_int
        for name in ("GDALOpen", "GDALGetRasterBand", "GDALGetDriverByName", "GDALCreateCopy", "GDALViewshedGenerate"):
            getattr(lib, name).restype = handle
        lib.GDALOpen.argtypes = [ctypes.c_char_p, number]
        lib.GDALGetRasterBand.argtypes = [handle, number]
        lib.GDALGetDriverByName.argtypes = [ctypes.c_char_p]
        lib.GDALCreateCopy.argtypes = [handle, ctypes.c_char_p, handle, number, handle, handle, handle]
        lib.GDALRasterIO.argtypes = [handle, *[number] * 5, handle, *[number] * 5]
        lib.GDALClose.argtypes = [handle]
        lib.GDALViewshedGenerate.argtypes = [
            handle, ctypes.c_char_p, ctypes.c_char_p, handle, *[real] * 9, number, real, handle, handle, number, handle,
        ]  # fmt: skip
        lib.GDALAllRegister()
        file = lib.GDALOpen(job["dsm"].encode(), 0)
        memory = lib.GDALCreateCopy(lib.GDALGetDriverByName(b"MEM"), b"", file, 0, None, None, None)
        self.band = lib.GDALGetRasterBand(memory, 1)

    def look(self, job, eye):
        x, y = place(job, eye)
        edge, normal = 2, 1
        start = time.perf_counter()
        found = self.lib.GDALViewshedGenerate(
            self.band, b"MEM", b"", None, x, y, job["eye"], 0.0, 1.0, 0.0, 255.0, -1.0, 0.0, edge, 0.0, None, None,
            normal, None,
        )  # fmt: skip
        seconds = time.perf_counter() - start
        size = job["size"]
        mask = np.empty((size, size), np.uint8)
        out = self.lib.GDALGetRasterBand(found, 1)
        self.lib.GDALRasterIO(out, 0, 0, 0, size, size, mask.ctypes.data, size, size, 1, 0, 0)
        self.lib.GDALClose(found)
        return seconds, mask == 1, peak()


class Grass:
    """r.viewshed inside a GRASS session."""

    def __init__(self, job):
        self.version = os.environ.get("GRASS_VERSION") or self._version()
        call("r.in.gdal", "-o", f"input={job['dsm']}", "output=dsm")
        call("g.region", "raster=dsm")

    def _version(self):
        said = subprocess.run(["g.version", "-g"], capture_output=True, text=True).stdout
        return next((line[8:] for line in said.splitlines() if line.startswith("version=")), "")

    def look(self, job, eye):
        x, y = place(job, eye)
        words = [
            "r.viewshed", "-b", "input=dsm", "output=seen", f"coordinates={x},{y}", f"observer_elevation={job['eye']}",
            "target_elevation=0", "memory=8000", "--overwrite", "--quiet",
        ]  # fmt: skip
        start = time.perf_counter()
        work = subprocess.Popen(words)
        _, status, used = os.wait4(work.pid, 0)
        seconds = time.perf_counter() - start
        work.returncode = os.waitstatus_to_exitcode(status)
        if work.returncode:
            sys.exit(f"r.viewshed ended with {work.returncode}")
        raw = Path(job["out"]).with_suffix(".bin")
        call("r.out.bin", "input=seen", f"output={raw}", "bytes=1", "null=0", "--overwrite", "--quiet")
        mask = np.fromfile(raw, np.uint8).reshape(job["size"], job["size"])
        return seconds, mask == 1, used.ru_maxrss * 1024


class Xrspatial:
    """xarray-spatial on the CPU."""

    def __init__(self, job):
        from importlib.metadata import version

        import rasterio
        import xarray as xr
        from xrspatial import viewshed

        self.version, self.viewshed = version("xarray-spatial"), viewshed
        with rasterio.open(job["dsm"]) as file:
            z = file.read(1).astype(np.float64)
        size = job["size"]
        y, x = np.arange(size, 0, -1) - 0.5, np.arange(size) + 0.5
        self.raster = xr.DataArray(z, dims=("y", "x"), coords={"y": y, "x": x})
        viewshed(self.raster[:64, :64], x=10.5, y=size - 10.5, observer_elev=1.7)  # compiles

    def look(self, job, eye):
        start = time.perf_counter()
        found = self.viewshed(self.raster, x=eye[1] + 0.5, y=job["size"] - eye[0] - 0.5, observer_elev=job["eye"])
        return time.perf_counter() - start, np.asarray(found) >= 0, peak()


def peak():
    """Bytes that this process held at the most; a child's account begins with its parent's, so ask Linux."""
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) * 1024 for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def call(*words):
    subprocess.run(words, check=True, capture_output=True)


PROGRAMS = {"gdal": Gdal, "grass": Grass, "xarray-spatial": Xrspatial}


def main(program, path):
    job = json.loads(Path(path).read_text())
    made = PROGRAMS[program](job)
    masks, taken, most = [], [], 0
    begin = time.perf_counter()
    for turn in range(job["runs"]):
        if turn and time.perf_counter() - begin > job["seconds"]:
            break
        for eye in job["eyes"]:
            seconds, mask, held = made.look(job, eye)
            taken.append(seconds)
            most = max(most, held)
            if not turn:
                masks.append(np.packbits(mask))
    np.save(job["out"], np.array(masks))
    measured = {
        "version": made.version, "seconds": statistics.median(taken), "fastest": min(taken), "total": sum(taken),
        "views": len(taken), "peak_bytes": most,
    }  # fmt: skip
    print(json.dumps(measured))


if __name__ == "__main__":
    main(*sys.argv[1:3])
