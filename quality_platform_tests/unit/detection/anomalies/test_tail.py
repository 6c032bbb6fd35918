"""The tail of a distribution, against SciPy's and against what is drawn from it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from quality_platform.detection.anomalies.tail import Tail, tail_of


@pytest.mark.parametrize("shape", [0.0, 0.1, 0.4])
@pytest.mark.parametrize("p_value", [1e-5, 1e-3, 0.019])
def test_limit_and_p_value_are_those_of_the_pareto_distribution(shape: float, p_value: float) -> None:
    tail = Tail(3.0, 0.02, 1.5, shape)
    beyond = stats.genpareto.isf(p_value / 0.02, shape, scale=1.5)
    assert tail.limit(p_value) == pytest.approx(3.0 + beyond)
    assert tail.p_value(tail.limit(p_value)) == pytest.approx(p_value)


@given(st.floats(0, 0.4), st.floats(1e-6, 1e-2), st.floats(1e-6, 1e-2))
def test_what_is_rarer_is_larger(shape: float, one: float, other: float) -> None:
    tail = Tail(1.0, 0.02, 0.5, shape)
    assert (tail.limit(one) >= tail.limit(other)) or one > other


@pytest.mark.parametrize("draw", [stats.norm, stats.expon, stats.t(4)])
def test_limits_hold_for_what_comes_next(draw: object) -> None:
    """Of 200,000 new values about one in a thousand lies beyond the limit of one in a thousand."""
    sizes = np.abs(draw.rvs(size=20_000, random_state=1))  # type: ignore[attr-defined]
    fresh = np.abs(draw.rvs(size=200_000, random_state=2))  # type: ignore[attr-defined]
    assert 0.0005 < (fresh > tail_of(sizes).limit(1e-3)).mean() < 0.002


def test_where_nothing_ever_happened_only_more_than_all_of_it_is_unusual() -> None:
    assert tail_of(np.zeros(100)).limit(1e-4) == 0.0
    assert tail_of(np.array([0.0] * 98 + [2.0, 2.0])).limit(1e-4) == 3.0
    assert tail_of(np.zeros(100)).p_value(1.0) == pytest.approx(0.01)
