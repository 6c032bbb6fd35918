from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.model.change import percent_change, worsening

LEVELS = st.floats(-1e300, 1e300)


@pytest.mark.parametrize(
    ("before", "after", "percent"),
    [
        (80, 72, -10),
        (80, 88, 10),
        (-10, -5, 50),
        (-10, -15, -50),
        (-10, 10, 200),
        (5, 0, -100),
        (0, 3, 100),
        (0, -3, -100),
        (0, 0, 0),
        (7, 7, 0),
        (1e-17, 3, 100),
    ],
)
def test_percent_of_the_size_of_the_level_before(before: float, after: float, percent: float) -> None:
    assert percent_change(before, after) == percent


@given(LEVELS, LEVELS)
def test_percent_is_finite_and_has_the_sign_of_the_change(before: float, after: float) -> None:
    percent = percent_change(before, after)
    assert math.isfinite(percent)
    assert percent >= 0 if after >= before else percent <= 0


@pytest.mark.parametrize(
    ("direction", "worse"), [("lower_is_better", 4.0), ("higher_is_better", -4.0), ("neutral", 0.0)]
)
def test_worsening_turns_with_the_metric(direction: str, worse: float) -> None:
    assert worsening(direction, 4.0) == worse  # type: ignore[arg-type]
