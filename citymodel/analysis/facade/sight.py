"""What façade points see of a thing: rays to samples on it, those that only the thing itself hides left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from citymodel.analysis.facade.target import Target
from citymodel.jobs import Progress, silent

if TYPE_CHECKING:
    from kernels.rays import RayMesh

F8 = NDArray[np.float64]
F4 = NDArray[np.float32]
Mask = NDArray[np.bool_]

CHUNK = 100_000  # rays between two looks at the cancel button
BEFORE = 0.05
"""Metres before a sample's face at which its ray ends, so that the face does not hide itself."""
_NEAR = 1e-6  # of a ray's length
_GRAZING = 1e-6  # cosine below which a view runs along a face


class Seen(NamedTuple):
    """What is seen of a target in one state, a value a point; 0 where nothing is, NaN where the point is not there.

    share : 0–1 of the apparent size of the upper part, of what could be seen of it in the open; outline : of the whole
    vertical, horizontal : degrees between the outermost samples of the upper part that are seen
    height : metres between the lowest and the highest sample seen, of the whole
    """

    share: F8
    outline: F8
    vertical: F8
    horizontal: F8
    height: F8


def nothing_seen(present: Mask) -> Seen:
    """Of a target that is not there."""
    return Seen(*(np.where(present, 0.0, np.nan) for _ in Seen._fields))


def seen(
    places: F8, normal: F8, thing: Target, states: Sequence[Sequence[RayMesh]], present: Sequence[Mask], device: str,
    progress: Progress = silent, text: str = "",
) -> list[Seen]:  # fmt: skip
    """What each point sees of the target, by state.

    The first mesh of all states is the same one and is asked once, so that what the states have in common gives the
    same answer in both.

    Parameters
    ----------
    places : (n, 3) metres from the meshes' origin; normal : (n, 3) unit, of the face that each point stands before
    states : the meshes that hide in each; present : (n,) the points that are there in each
    """
    from kernels.device import to_device
    from kernels.rays import RayMesh

    own = RayMesh(
        thing.corners.reshape(-1, 3).astype(np.float32),
        np.arange(3 * len(thing.corners), dtype=np.int32).reshape(-1, 3), device,
    )  # fmt: skip
    found = [nothing_seen(one) for one in present]
    anywhere = np.flatnonzero(np.stack(list(present)).any(axis=0))
    each = max(1, CHUNK // len(thing))
    for begin in range(0, len(anywhere), each):
        progress(begin / len(anywhere), text)
        rows = anywhere[begin : begin + each]
        start, ray, size = _rays(places[rows], thing)
        ahead = np.asarray(np.einsum("nsk,nk->ns", ray, normal[rows]) > _GRAZING * np.linalg.norm(ray, axis=2))
        origins, towards = start.reshape(-1, 3).astype(np.float32), ray.reshape(-1, 3).astype(np.float32)

        def free(mesh: RayMesh, asked: Mask, origins: F4 = origins, towards: F4 = towards) -> Mask:
            """Which of the rays that are asked about meet nothing of the mesh."""
            left = asked.ravel().copy()
            of = np.flatnonzero(left)
            stopped = mesh.occluded(to_device(origins[of], device), to_device(towards[of], device), _NEAR, 1.0)
            left[of] = ~np.asarray(to_device(stopped, "cpu"))
            return left.reshape(asked.shape)

        open_ = free(own, np.ones(ahead.shape, dtype=bool))
        shared = free(states[0][0], open_ & ahead)
        for one, meshes, there in zip(found, states, present, strict=True):
            left = shared & there[rows][:, None]
            for mesh in meshes[1:]:
                left = free(mesh, left)
            _record(one, rows[there[rows]], left[there[rows]], open_[there[rows]], size[there[rows]], thing, places)
    progress(1.0, text)
    return found


def _rays(places: F8, thing: Target) -> tuple[F8, F8, F8]:
    """Starts and rays (n, s, 3) to just before each sample, and (n, s) steradians that each sample's part has."""
    ray = thing.xyz[None] - places[:, None]
    length = np.maximum(np.linalg.norm(ray, axis=2), 1e-6)
    post = np.asarray((thing.normal == 0).all(axis=1))
    turned = np.abs(np.einsum("nsk,sk->ns", ray, thing.normal)) / length
    turned = np.where(post[None], np.hypot(ray[:, :, 0], ray[:, :, 1]) / length, turned)
    size = thing.weight[None] * turned / length**2
    short = ray * np.maximum(1.0 - BEFORE / length, 0.5)[:, :, None]
    return np.broadcast_to(places[:, None], ray.shape), short, size


def _record(found: Seen, rows: NDArray[np.int64], left: Mask, open_: Mask, size: F8, thing: Target, places: F8) -> None:
    """Write what the rays that are left say into the rows."""
    if not len(rows):
        return
    upper = thing.upper[None]
    for out, part in ((found.share, upper), (found.outline, np.ones_like(upper))):
        whole = np.sum(size * (open_ & part), axis=1)
        out[rows] = np.divide(np.sum(size * (left & part), axis=1), whole, out=np.zeros(len(rows)), where=whole > 0)
    to = thing.xyz[None] - places[rows][:, None]
    middle = thing.middle - places[rows]
    turn = np.arctan2(to[:, :, 0], to[:, :, 1]) - np.arctan2(middle[:, 0], middle[:, 1])[:, None]
    turn = np.degrees((turn + np.pi) % (2 * np.pi) - np.pi)
    rise = np.degrees(np.arctan2(to[:, :, 2], np.hypot(to[:, :, 0], to[:, :, 1])))
    found.vertical[rows] = _spread(rise, left & upper)
    found.horizontal[rows] = _spread(turn, left & upper)
    found.height[rows] = _spread(to[:, :, 2], left)


def _spread(values: F8, use: Mask) -> F8:
    """(n,) from the least to the largest of the values used, 0 for none."""
    low = np.where(use, values, np.inf).min(axis=1)
    high = np.where(use, values, -np.inf).max(axis=1)
    return np.where(use.any(axis=1), high - low, 0.0)
