"""What explains slow time comes before what is merely busy, or merely full."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.detection.slow_time import call_scores, resource_scores

SHARE = st.floats(0, 1)
MAYBE = st.one_of(st.just(float("nan")), st.floats(-1, 1))
P = st.one_of(st.just(float("nan")), SHARE)


def call(time: float, tail: float, rho: float = float("nan"), p: float = float("nan")) -> float:
    return float(call_scores(*(np.array([value]) for value in (time, tail, rho, p)))[0])


def resource(use: float, rho: float = float("nan"), p: float = float("nan")) -> float:
    return float(resource_scores(*(np.array([value]) for value in (use, rho, p)))[0])


def test_the_order_of_plain_cases() -> None:
    slow, busy = call(0.3, 0.95, 0.8, 1e-6), call(0.7, 0.05, 0.1, 0.3)
    saturated, cache, idle = resource(0.98, 0.8, 1e-6), resource(0.98, 0.05, 0.5), resource(0.3, 0.9, 1e-9)
    assert min(slow, saturated) > busy
    assert saturated > cache > idle == 0
    assert busy > 0


def test_calls_in_parallel_take_no_more_than_all() -> None:
    assert call(7.0, 3.0, 1.0, 0.0) == 1


@given(SHARE, SHARE, MAYBE, P, SHARE)
def test_scores_are_shares_and_grow_with_what_explains(
    time: float, tail: float, rho: float, p: float, more: float
) -> None:
    for score, higher in (
        (call(time, tail, rho, p), call(time, min(tail + more, 1), rho, p)),
        (resource(time, rho, p), resource(min(time + more, 1), rho, p)),
    ):
        assert 0 <= score <= 1
        assert higher >= score
