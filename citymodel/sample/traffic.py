"""Parked cars along the kerbs: things a laser meets that no model holds."""

from __future__ import annotations

import numpy as np

from citymodel.sample.plan import Plan
from citymodel.sample.shapes import box
from citymodel.sample.terrain import F8


def parked_cars(plan: Plan, seed: int) -> F8:
    """Rectangles (n, 4, 2) of parked cars just inside the carriageways' edges."""
    rng = np.random.default_rng([seed, 8])
    found = []
    for street in plan.streets:
        middle = (street.left + street.right) / 2
        for edge in (street.left, street.right):
            steps = np.diff(edge, axis=0)
            for i in np.flatnonzero(rng.random(len(steps)) < 0.35):
                length = float(np.hypot(*steps[i]))
                inward = middle[i] - edge[i]
                if length < 6.0 or np.hypot(*inward) < 2.5:
                    continue
                centre = edge[i] + steps[i] * 0.5 + inward / np.hypot(*inward) * 1.1
                found.append(box(centre, steps[i] / length, 4.3, 1.8))
    return np.array(found)
