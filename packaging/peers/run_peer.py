"""Run by the peers' own Python: time one program's shadow mask or sky view of a surface, talking by files only.

    python run_peer.py solweig|umep JOB.json

JOB.json: {"dsm": file.npy, "cell": m, "what": "shadow", "azimuth": °, "altitude": °, "runs": n, "seconds": limit,
"out": file.npy}, or "what": "skyview" without the sun. Writes 1 for lit cells (or the factor) to "out" and prints the
median and the fastest seconds, the runs and the peak of memory as JSON. A run follows another until there are "runs" of
them or "seconds" have passed.
"""

import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np


def solweig_shadow(dsm, job):
    from solweig.rustalgos import shadowing

    shadowing.disable_gpu()
    height = float(dsm.max() - dsm.min())
    found = shadowing.calculate_shadows_wall_ht_25(job["azimuth"], job["altitude"], job["cell"], height, dsm)
    return found.bldg_sh


def umep_shadow(dsm, job):
    from umep.util import shadowingfunctions

    return shadowingfunctions.shadowingfunctionglobalradiation(dsm, job["azimuth"], job["altitude"], 1 / job["cell"], 1)


def solweig_skyview(dsm, job):
    from solweig.rustalgos import shadowing, skyview

    shadowing.disable_gpu()
    none = np.zeros((1, 1), np.float32)
    height = float(dsm.max() - dsm.min())
    return skyview.calculate_svf(dsm, none, none, job["cell"], False, height).svf


PROGRAMS = {
    ("solweig", "shadow"): solweig_shadow,
    ("umep", "shadow"): umep_shadow,
    ("solweig", "skyview"): solweig_skyview,
}


def main(program, path):
    job = json.loads(Path(path).read_text())
    dsm = np.load(job["dsm"])
    call = PROGRAMS[program, job["what"]]
    call(np.ascontiguousarray(dsm[:64, :64]), job)  # imports and first-call work
    seconds = []
    begin = time.perf_counter()
    while len(seconds) < job["runs"] and (not seconds or time.perf_counter() - begin < job["seconds"]):
        start = time.perf_counter()
        found = call(dsm, job)
        seconds.append(time.perf_counter() - start)
    np.save(job["out"], np.asarray(found, np.float32))
    try:
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    except ImportError:
        peak = 0
    measured = {
        "seconds": statistics.median(seconds),
        "fastest": min(seconds),
        "runs": len(seconds),
        "peak_bytes": peak,
    }
    print(json.dumps(measured))


if __name__ == "__main__":
    main(*sys.argv[1:3])
