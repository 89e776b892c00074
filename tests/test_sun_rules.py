"""The rule of enough sun and its three verdicts, and what the tables of areas say."""

import math

import numpy as np
import pytest

from citymodel.analysis.shadow_parameters import ShadowParameters
from citymodel.analysis.sun_rules import MET, NO_AREA, NOT_MET, WITHIN_ERROR, Share, described, verdict
from citymodel.analysis.suns import in_leaf, suns_at
from citymodel.errors import ParameterError
from citymodel.parameters import Asks, parameters_of
from citymodel.sun import Place, moments, positions

RULE = ShadowParameters()
ALONE = ShadowParameters(keep_share=0.0)


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (Share(0.60, 0.55, 0.65), MET),
        (Share(0.52, 0.48, 0.55), WITHIN_ERROR),
        (Share(0.48, 0.45, 0.51), WITHIN_ERROR),
        (Share(0.40, 0.35, 0.45), NOT_MET),
        (Share(math.nan, math.nan, math.nan), NO_AREA),
    ],
)
def test_a_threshold_inside_the_error_is_neither_met_nor_missed(share, said):
    assert verdict(ALONE, share)[0] == said


def test_a_proposal_may_keep_what_was_there_instead():
    before = Share(0.30, 0.28, 0.32)
    assert verdict(RULE, Share(0.29, 0.27, 0.31), before)[0] == MET
    assert verdict(RULE, Share(0.10, 0.09, 0.11), before)[0] == NOT_MET
    assert verdict(RULE, Share(0.24, 0.22, 0.26), before)[0] == WITHIN_ERROR


def test_the_numbers_behind_a_verdict_are_printed():
    _, why = verdict(RULE, Share(0.24, 0.22, 0.26), Share(0.30, 0.28, 0.32))
    assert "24.0% (22.0% to 26.0%)" in why
    assert "80.0% (78.6% to 81.2%) of before" in why
    assert "BRE 209" in described(RULE)


@pytest.mark.parametrize(("month", "leafed"), [(1, False), (6, True), (10, True), (12, False)])
def test_leaves_come_and_go_half_a_year_apart_on_the_two_halves_of_the_globe(month, leafed):
    from datetime import date

    assert in_leaf(date(2026, month, 20), 52.0) is leafed
    assert in_leaf(date(2026, month, 20), -33.0) is not leafed


def test_at_noon_of_true_solar_time_the_sun_stands_in_the_meridian():
    from datetime import date

    for day in (date(2026, 2, 11), date(2026, 6, 21), date(2026, 11, 3)):
        when = moments(day, [720.0], "Europe/Amsterdam", "solar", 4.36)
        azimuth, _ = positions(when, 52.0, 4.36)
        assert azimuth[0] == pytest.approx(180.0, abs=0.01)


def test_standard_time_knows_no_daylight_saving():
    from datetime import date

    summer = moments(date(2026, 6, 21), [720.0], "Europe/Amsterdam", "standard")[0]
    assert (summer.hour, summer.minute) == (11, 0)
    south = moments(date(2026, 12, 21), [720.0], "Australia/Sydney", "standard")[0]
    assert (south.hour, south.minute) == (2, 0)
    with pytest.raises(ParameterError, match="place"):
        moments(date(2026, 6, 21), [720.0], "Europe/Amsterdam", "solar")


def test_suns_lower_than_asked_do_not_count():
    from datetime import date

    here = Place(52.0, 4.36, 0.0)
    all_day = suns_at(here, date(2026, 3, 21), 0, 1440, 15, "Europe/Amsterdam")
    high = suns_at(here, date(2026, 3, 21), 0, 1440, 15, "Europe/Amsterdam", "clock", 13.0)
    assert 0 < high.above < all_day.above
    assert all_day.clock[0] == 0.125
    assert np.diff(all_day.clock) == pytest.approx(0.25)


def test_every_parameter_has_a_type_that_a_form_can_ask_for():
    found = {one.name: one for one in parameters_of(ShadowParameters)}
    assert set(found) == set(ShadowParameters.model_fields)
    assert found["cell"].kind.unit == "m"
    assert (found["cell"].low, found["cell"].high) == (0.0, 100.0)
    assert found["start"].parse("24:00") == 1440
    assert found["step"].text(15) == "15min"
    assert dict(found["trees"].choices)["none"] == "Left out"
    with pytest.raises(ParameterError, match="Cell"):
        found["cell"].parse("wide")


def test_a_field_that_no_widget_can_ask_for_is_refused():
    from typing import Annotated

    from pydantic import BaseModel

    class Plain(BaseModel):
        cell: float = 1.0

    class Odd(BaseModel):
        cell: Annotated[float, Asks("colour", "Cell")] = 1.0

    for model in (Plain, Odd):
        with pytest.raises(TypeError, match="cell"):
            parameters_of(model)


def test_exactly_the_hours_asked_for_count_half():
    from citymodel.analysis.sun_rules import enough

    hours = np.array([1.9166666, 2.0, 2.0833333, np.nan], dtype=np.float32)
    assert enough(hours, 2.0)[:3].tolist() == [0.0, 0.5, 1.0]
    assert np.isnan(enough(hours, 2.0)[3])
