"""Where every cubic metre of a flood came from and went, as one flat table."""

from __future__ import annotations

from kernels.flood import Balance


def volumes(balance: Balance) -> dict[str, float]:
    """Cubic metres by name; volume_in = volume_out + volume_stored + volume_error.

    volume_initial : held at the start; volume_in : the start and all that came in; volume_out : all that left
    volume_stored : held now; volume_error : lost by the computation, below 0 where it made water
    volume_changed : put in less taken away by ground that changed
    source_NAME : brought by a source less taken by it; side_NAME : in through a side of the raster less out

    What came in and what left are counted by source and by side, each as the sum over the time so far.
    """
    moved = {"volume_changed": balance.changed}
    moved |= {f"source_{name}": volume for name, volume in balance.sources.items()}
    moved |= {f"side_{name}": volume for name, volume in balance.sides.items()}
    came = balance.start + sum(volume for volume in moved.values() if volume > 0)
    left = -sum(volume for volume in moved.values() if volume < 0)
    return {
        "volume_initial": balance.start,
        "volume_in": came,
        "volume_out": left,
        "volume_stored": balance.stored,
        "volume_error": -(balance.owed + balance.error) or 0.0,
        **moved,
    }
