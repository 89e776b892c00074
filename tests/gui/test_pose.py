"""The eye over the map."""

from __future__ import annotations

import math

import pytest

from gui.pose import Pose, framing

POSE = Pose.around((100.0, 50.0, 10.0), 30.0, 40.0, 500.0)


def place_in_picture(pose: Pose, point: tuple[float, float, float]) -> tuple[float, float]:
    line = [a - b for a, b in zip(point, pose.position, strict=True)]
    depth = sum(a * b for a, b in zip(line, pose.ahead, strict=True))
    return (
        sum(a * b for a, b in zip(line, pose.right, strict=True)) / depth,
        sum(a * b for a, b in zip(line, pose.up, strict=True)) / depth,
    )


def test_the_point_orbited_about_keeps_its_place_in_the_picture() -> None:
    pivot = (180.0, 90.0, 25.0)
    assert place_in_picture(POSE.orbited(pivot, 35.0, 20.0), pivot) == pytest.approx(place_in_picture(POSE, pivot))


def test_the_point_zoomed_to_keeps_its_place_in_the_picture() -> None:
    target = (180.0, 90.0, 25.0)
    zoomed = POSE.zoomed(target, 0.5)
    assert place_in_picture(zoomed, target) == pytest.approx(place_in_picture(POSE, target))
    assert math.dist(zoomed.position, target) == pytest.approx(0.5 * math.dist(POSE.position, target))


def test_the_ground_stays_under_the_pointer_while_it_is_dragged() -> None:
    held = POSE.on_plane(POSE.ray(0.1, -0.2, 1.5, 30.0), 10.0)
    now = POSE.on_plane(POSE.ray(0.3, 0.1, 1.5, 30.0), 10.0)
    assert held is not None
    assert now is not None
    after = POSE.panned(held, now)
    assert after.on_plane(after.ray(0.3, 0.1, 1.5, 30.0), 10.0) == pytest.approx(held)


@pytest.mark.parametrize("tilt", [-500.0, 500.0])
def test_the_horizon_stays_level_and_the_eye_never_turns_over(tilt: float) -> None:
    pose = POSE.orbited(POSE.focus, 10.0, tilt)
    assert pose.right[2] == 0.0
    assert pose.up[2] > 0.0
    assert 3.0 <= pose.down <= 89.9


def test_the_eye_is_lifted_out_of_the_ground() -> None:
    assert POSE.above(5000.0).position[2] == pytest.approx(5001.7)


def test_framing_holds_every_corner() -> None:
    box = (-100.0, -50.0, 0.0, 300.0, 200.0, 80.0)
    pose = framing(box, 28.0, 36.0, 1.4, 30.0)
    tall = math.tan(math.radians(15.0))
    for x in (box[0], box[3]):
        for y in (box[1], box[4]):
            for z in (box[2], box[5]):
                right, up = place_in_picture(pose, (x, y, z))
                assert abs(right) <= tall * 1.4
                assert abs(up) <= tall


def test_a_flight_ends_where_it_should() -> None:
    other = Pose.around((0.0, 0.0, 0.0), 350.0, 60.0, 100.0)
    end = POSE.towards(other, 1.0)
    assert end.position == pytest.approx(other.position)
    assert end.heading == pytest.approx(350.0)
