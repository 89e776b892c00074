"""Carry water over a terrain with another program's kernels, in a process of its own; it talks by files only.

    python run_flood.py landlab|itzi JOB.json

JOB.json: {"terrain": file.npy, "depth": file.npy, "cell": m, "manning": s/m^(1/3), "duration": s, "out": file.npy};
both rasters (rows, cols) in metres, walls all around, the water at rest. Writes the depth after `duration` to "out"
and prints the seconds by the clock and of all cores that the steps took, without what made them ready, how many steps
there were, the program's version and the peak of memory as JSON.
"""

import json
import resource
import sys
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np

#: Seconds of water carried before the clock starts: a program makes tables at its first step.
FIRST = 1e-3


class Landlab:
    """OverlandFlow (de Almeida et al. 2012), float64, with its defaults; a ring of closed nodes is the wall."""

    def __init__(self, job, terrain, depth):
        from landlab import RasterModelGrid
        from landlab.components import OverlandFlow

        class Counted(OverlandFlow):
            steps = 0

            def calc_time_step(self):
                self.steps += 1
                return super().calc_time_step()

        self.version = version("landlab")
        self.shape = tuple(n + 2 for n in terrain.shape)
        grid = RasterModelGrid(self.shape, xy_spacing=job["cell"])
        grid.add_field("topographic__elevation", np.pad(terrain, 1, "edge").ravel(), at="node")
        grid.add_field("surface_water__depth", np.pad(depth, 1).ravel(), at="node")
        grid.set_closed_boundaries_at_grid_edges(True, True, True, True)
        self.flow = Counted(grid, mannings_n=job["manning"])
        self.grid, self.steps = grid, 0

    def run(self, duration):
        self.flow.steps = 0
        self.flow.run_one_step(duration)
        self.steps = self.flow.steps

    def depth(self):
        return self.grid.at_node["surface_water__depth"].reshape(self.shape)[1:-1, 1:-1]


class Itzi:
    """Itzï's surface flow (de Almeida & Bates 2013), float32, with its defaults, without its hydrology and files."""

    def __init__(self, job, terrain, depth):
        from itzi.const import DefaultValues as default
        from itzi.rasterdomain import RasterDomain
        from itzi.surfaceflow import SurfaceFlowSimulation

        self.version = version("itzi")
        self.domain = RasterDomain(np.float32, np.zeros(terrain.shape, bool), (job["cell"], job["cell"]))
        self.domain.update_array("dem", terrain.astype(np.float32))
        self.domain.update_array("friction", np.full(terrain.shape, job["manning"], np.float32))
        self.domain.update_array("water_depth", depth.astype(np.float32))
        parameters = {
            "dtmax": default.DTMAX, "cfl": default.CFL, "g": default.G, "theta": default.THETA, "hmin": default.HFMIN,
            "slmax": default.SLMAX, "vrouting": default.VROUTING,
        }  # fmt: skip
        self.flow = SurfaceFlowSimulation(self.domain, parameters)
        self.flow.update_flow_dir()

    def run(self, duration):
        from datetime import timedelta

        self.steps, gone = 0, timedelta()
        end = timedelta(seconds=duration)
        while gone < end:
            self.flow.solve_dt()
            self.flow.dt = min(self.flow.dt, end - gone)
            gone += self.flow.dt
            self.flow.step()
            self.steps += 1

    def depth(self):
        return self.domain.get_array("water_depth")


def peak():
    """Bytes that this process held at the most; a child's account begins with its parent's, so ask Linux."""
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) * 1024 for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


PROGRAMS = {"landlab": Landlab, "itzi": Itzi}


def main(program, path):
    job = json.loads(Path(path).read_text())
    terrain, depth = (np.load(job[name]).astype(np.float64) for name in ("terrain", "depth"))
    made = PROGRAMS[program](job, terrain, depth)
    made.run(FIRST)
    begin, used = time.perf_counter(), time.process_time()
    made.run(job["duration"] - FIRST)
    seconds, cores = time.perf_counter() - begin, time.process_time() - used
    np.save(job["out"], np.asarray(made.depth(), np.float64))
    measured = {
        "version": made.version, "seconds": seconds, "core_seconds": cores, "steps": made.steps, "peak_bytes": peak(),
    }  # fmt: skip
    print(json.dumps(measured))


if __name__ == "__main__":
    main(*sys.argv[1:3])
