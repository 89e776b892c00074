"""A flood from its case to its outcome: when what is handed over, where the water went, and how a run ends."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from flood_cases import Kept, channel, grid, rained_on

from citymodel.analysis.flood.case import Case
from citymodel.analysis.flood.control import Control
from citymodel.analysis.flood.sections import staircase
from citymodel.analysis.flood.simulate import simulate
from citymodel.errors import Cancelled, ParameterError, RanAway, ResourceError
from citymodel.flood.run import Gauge, NewGround, Section, frame_times, gauge_times
from citymodel.jobs import Job
from kernels.flood import SCHEMES, Edges
from kernels.flood_sources import Inflow, Rain


def test_frames_come_at_whole_multiples_and_at_the_end_and_gauges_every_minute() -> None:
    case, kept = rained_on(duration=1000.0, every=300.0), Kept()
    outcome = simulate(case, kept, device="cpu")
    assert kept.times == [0.0, 300.0, 600.0, 900.0, 1000.0]
    assert [one[0] for one in kept.read] == [*np.arange(0.0, 1000.0, 60.0), 1000.0] == gauge_times(case).tolist()
    assert frame_times(case).tolist() == kept.times
    assert outcome.complete
    assert outcome.reached == 1000.0
    assert kept.outcome is outcome


def test_all_the_rain_is_found_again() -> None:
    kept = Kept()
    outcome = simulate(rained_on(), kept, device="cpu")
    fallen = 0.03 * 20 * 30 * 4.0
    balance = outcome.balance
    assert balance["source_rain"] == pytest.approx(fallen, rel=1e-6)
    assert balance["volume_stored"] == pytest.approx(fallen, rel=1e-6)
    assert balance["volume_error"] == 0.0
    for one in kept.balances:
        assert one["volume_in"] == pytest.approx(
            one["volume_out"] + one["volume_stored"] + one["volume_error"], rel=1e-12
        )
    depth = kept.frames_kept[-1].astype(float)
    assert depth.sum() * 4.0 == pytest.approx(balance["volume_stored"], rel=1e-5)


def test_the_water_that_stands_at_the_start_is_part_of_what_came_in() -> None:
    case = Case("lake", grid(), np.zeros((20, 30)), 60.0, 60.0, level=1.5)
    balance = simulate(case, Kept(), device="cpu").balance
    assert balance["volume_initial"] == balance["volume_in"] == balance["volume_stored"] == 1.5 * 20 * 30 * 4.0


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_discharge_of_a_steady_channel_is_its_inflow(scheme: str) -> None:
    kept = Kept()
    simulate(channel(scheme), kept, device="cpu")
    across, back, slanted, edge = kept.read[-1][4]  # drawn southwards, the east is at the left: so it is negative
    assert across == pytest.approx(-6.0, rel=0.001)
    assert back == -across
    assert slanted == pytest.approx(6.0, rel=0.001)
    assert edge == pytest.approx(-6.0, rel=0.005)  # where it falls off, the second order's mean is a little less exact


def test_a_section_walks_along_edges_and_its_left_hand_is_left() -> None:
    where = grid(4, 4, 1.0)
    stairs = staircase(((where.x0 + 1, where.y0 - 1), (where.x0 + 3, where.y0 - 2)), where)
    assert len(stairs.here) == 3  # two cells east, one south
    assert (np.abs(stairs.here - stairs.there).sum(axis=1) == 1).all()
    east = staircase(((where.x0, where.y0 - 2), (where.x0 + 4, where.y0 - 2)), where)
    assert east.here.tolist() == [[1, 0], [1, 1], [1, 2], [1, 3]]  # who walks east has the north at the left
    assert east.there.tolist() == [[2, 0], [2, 1], [2, 2], [2, 3]]


def test_gauges_read_the_cell_that_contains_them() -> None:
    terrain = np.full((20, 30), 5.0)
    terrain[10, 15] = 4.0
    where = grid()
    case = Case(
        "hole", where, terrain, 60.0, 60.0, level=4.5,
        gauges=(Gauge("in", where.x0 + 31.9, where.y0 - 20.1), Gauge("beside", where.x0 + 32.1, where.y0 - 20.1)),
    )  # fmt: skip
    kept = Kept()
    simulate(case, kept, device="cpu")
    _, level, depth, speed, _ = kept.read[-1]
    assert level.tolist() == [4.5, 5.0]
    assert depth.tolist() == [0.5, 0.0]
    assert speed.tolist() == [0.0, 0.0]


def test_a_wall_that_breaks_lets_the_water_through_at_its_time() -> None:
    terrain = np.zeros((4, 20))
    dam = np.zeros((4, 20), bool)
    dam[:, 10] = True
    water = np.zeros((4, 20))
    water[:, :10] = 1.0
    case = Case(
        "dam", grid(4, 20), terrain, 60.0, 10.0, blocked=dam, depth=water, changes=(NewGround(25.0, terrain, None),)
    )
    kept = Kept()
    outcome = simulate(case, kept, device="cpu")
    assert np.isnan(kept.frames_kept[2][:, 10]).all()
    assert np.nanmax(kept.frames_kept[2][:, 11:]) == 0.0
    assert np.isfinite(kept.frames_kept[3]).all()
    assert kept.frames_kept[3][:, 11].min() > 0.1
    assert outcome.balance["volume_error"] == 0.0
    assert outcome.balance["volume_changed"] == 0.0


def test_a_wall_far_above_flat_ground_may_rise_later() -> None:
    water = np.zeros((4, 20))
    water[:, :10] = 1.0
    raised = np.zeros((4, 20))
    raised[:, 14] = 9.0
    case = Case(
        "dyke", grid(4, 20), np.zeros((4, 20)), 60.0, 10.0, depth=water, changes=(NewGround(1.0, raised, None),)
    )
    kept = Kept()
    outcome = simulate(case, kept, device="cpu")
    assert np.nanmax(kept.frames_kept[-1][:, 15:]) == 0.0
    assert outcome.balance["volume_error"] == 0.0


def test_no_frame_is_deeper_than_the_maxima_nor_wet_before_the_arrival() -> None:
    case, kept = channel(), Kept()
    outcome = simulate(case, kept, device="cpu")
    deepest, arrival = outcome.maps["max_depth"], outcome.maps["arrival_time"]
    for time_, depth in zip(kept.times, kept.frames_kept, strict=True):
        assert (depth <= deepest).all()
        assert (arrival[depth >= case.wet] <= time_).all()


def test_velocities_are_kept_where_they_are_asked_for_and_north_is_up() -> None:
    case = channel(velocities=True)
    kept = Kept()
    simulate(case, kept, device="cpu")
    east, north = kept.velocities[-1]
    assert east[3, 30] > 0.5
    assert abs(north[3, 30]) < 0.05
    turned = replace(
        case, grid=grid(60, 6), terrain=np.ascontiguousarray(case.terrain.T), edges=Edges(south="open"),
        sources=(Inflow([[0, c] for c in range(6)], [0.0, 1e5], [6.0, 6.0]),), sections=(),
    )  # fmt: skip
    kept = Kept()
    simulate(turned, kept, device="cpu")
    assert kept.velocities[-1][1][30, 3] < -0.5


def test_a_stopped_run_keeps_what_it_has_and_says_when() -> None:
    control, kept = Control(), Kept()
    control.watch = lambda _name, _frames, now: control.stop() if now >= 900.0 else None
    outcome = simulate(rained_on(), kept, device="cpu", control=control)
    assert not outcome.complete
    assert 900.0 <= outcome.reached < 1800.0
    assert kept.times[-1] == outcome.reached
    assert any("Stopped after 15 min" in note for note in outcome.notes)


def test_a_cancelled_run_ends_with_no_outcome() -> None:
    job, kept = Job("flood"), Kept()
    job.listener = lambda one: one.cancel() if one.fraction > 0.3 else None
    with pytest.raises(Cancelled):
        simulate(rained_on(duration=36000.0), kept, job, "cpu")
    assert kept.outcome is None


def test_a_paused_run_waits_and_can_be_cancelled_while_it_does() -> None:
    control, job, kept = Control(), Job("flood"), Kept()
    control.pause()
    failed: list[BaseException] = []

    def work() -> None:
        try:
            simulate(rained_on(), kept, job, "cpu", control=control)
        except Cancelled as wrong:
            failed.append(wrong)

    thread = threading.Thread(target=work)
    thread.start()
    until = time.monotonic() + 30
    while not job.text.startswith("paused") and time.monotonic() < until:
        time.sleep(0.01)
    assert job.text.startswith("paused at 0 s of 1 h")
    assert not kept.times
    job.cancel()
    thread.join(30)
    assert not thread.is_alive()
    assert failed


def test_progress_speaks_of_flood_time_and_steps() -> None:
    told: list[tuple[float, str]] = []
    simulate(rained_on(duration=7200.0), Kept(), lambda share, text="": told.append((share, text)), "cpu")
    assert told[0] == (0.0, "0 s of 2 h, 0 steps")
    assert [share for share, _ in told] == sorted(share for share, _ in told)


def test_water_that_runs_away_ends_with_time_and_place_and_keeps_the_state_before() -> None:
    where, kept = grid(), Kept()
    case = Case(
        "burst", where, np.zeros((20, 30)), 600.0, 60.0, sources=(Inflow([[10, 15]], [0.0, 600.0], [0.0, 4e6]),)
    )
    with pytest.raises(RanAway, match=r"after \d+ s .* at 3900\d\d\.?\d* 58199\d\d") as wrong:
        simulate(case, kept, device="cpu")
    assert abs(wrong.value.x - (where.x0 + 31)) < 20
    assert np.isfinite(kept.frames_kept[-1]).all()
    assert kept.times[-1] == wrong.value.time == kept.outcome.reached
    assert not kept.outcome.complete
    assert kept.outcome.balance["volume_error"] == 0.0
    assert all(np.isfinite(one).all() for name, one in kept.outcome.maps.items() if name != "arrival_time")


def test_doubts_name_holes_pits_depth_and_edges_that_hold_water_back() -> None:
    terrain = np.zeros((20, 30))
    terrain[5:7, 5:7] = np.nan
    terrain[0, 12] = -9.0
    case = Case("doubtful", grid(), terrain, 1.0, 1.0, level=51.0)
    notes = " ".join(simulate(case, Kept(), device="cpu").notes)
    assert "holes inside, 16 m²" in notes
    assert "1 cell at the edge of the terrain lies more than 2 m under all neighbours (at 390025 5819999)" in notes
    assert "in millimetres" in notes
    assert "the edge holds it back" in notes


def test_a_clean_case_raises_no_doubt() -> None:
    case = Case("lake", grid(), np.zeros((20, 30)), 60.0, 60.0, edges=Edges("open", "open", "open", "open"))
    assert simulate(case, Kept(), device="cpu").notes == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"duration": 0.0}, "duration above 0"),
        ({"every": 0.0}, "a time above 0"),
        ({"every": 1e-4}, "more than"),
        ({"manning": -0.03}, "Manning"),
        ({"sources": (Inflow([[25, 3]], [0.0, 1.0], [1.0, 1.0]),)}, "390007 5819949 lies outside"),
        ({"gauges": (Gauge("far", 0.0, 0.0),)}, "gauge 'far'"),
        ({"sections": (Section("dot", ((390001.0, 5819999.0),) * 2),)}, "shorter than a cell"),
        ({"depth": 1.0, "level": 1.0}, "one of the two"),
        ({"depth": -1.0}, "from 0 up"),
    ],
)
def test_a_case_that_cannot_be_is_refused_in_one_line(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ParameterError, match=words) as wrong:
        simulate(rained_on(**change), Kept(), device="cpu")
    assert "\n" not in str(wrong.value)


def test_a_run_that_would_not_fit_into_memory_is_refused_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kernels.device.free_memory", lambda device="cpu": 1000)
    with pytest.raises(ResourceError, match=r"need 0\.\d GB of memory"):
        simulate(rained_on(), Kept(), device="cpu")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_run_from_a_state_ends_as_the_one_in_one_go(scheme: str) -> None:
    change = NewGround(1200.0, rained_on().terrain + 0.01, None)
    case = rained_on(scheme=scheme, changes=(change,), sources=(Rain([0.0, 1800.0], [60.0, 0.0]),))
    whole, first, second = Kept(), Kept(), Kept()
    simulate(case, whole, device="cpu")
    state = simulate(replace(case, duration=1800.0), first, device="cpu", with_state=True).state
    simulate(case, second, device="cpu", state=state)
    assert second.start == 1800.0
    assert second.times == [1800.0, 2700.0, 3600.0]
    assert np.array_equal(second.frames_kept[-1], whole.frames_kept[-1], equal_nan=True)
    for name, one in whole.outcome.maps.items():
        assert np.array_equal(one, second.outcome.maps[name], equal_nan=True), name
    assert second.outcome.balance == whole.outcome.balance
    for a, b in zip(whole.read[-len(second.read) :], second.read, strict=True):
        assert a[0] == b[0]
        assert all(np.array_equal(x, y) for x, y in zip(a[1:], b[1:], strict=True))


def test_a_run_stopped_at_the_moment_of_a_breach_goes_on_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("citymodel.analysis.flood.simulate._REPORT", 0.0)
    change = NewGround(1230.0, rained_on().terrain - 0.2, None)
    case, control, whole, second = rained_on(changes=(change,), gauges=()), Control(), Kept(), Kept()

    def job(share: float, words: str = "") -> None:
        if share * case.duration >= 1230.0 - 1e-6:
            control.stop()

    simulate(case, whole, device="cpu")
    stopped = simulate(case, Kept(), job, device="cpu", control=control, with_state=True)
    assert stopped.reached == 1230.0
    simulate(case, second, device="cpu", state=stopped.state)
    assert np.array_equal(second.frames_kept[-1], whole.frames_kept[-1], equal_nan=True)
    assert second.outcome.balance == whole.outcome.balance
