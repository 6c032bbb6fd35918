"""Means of some errors, and the limit that their own past sets."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.detection.anomalies.scale import Scale
from quality_platform.detection.anomalies.tail import tail_of


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40), st.integers(1, 9), st.integers(1, 40))
def test_means_are_the_same_in_pieces(errors: list[float], width: int, piece: int) -> None:
    whole = Scale(width).means(np.array(errors))
    parts = Scale(width)
    pieces = [parts.means(np.array(errors[at : at + piece])) for at in range(0, len(errors), piece)]
    assert np.array_equal(np.concatenate(pieces), whole, equal_nan=True)
    for at in range(len(errors)):
        expected = np.mean(errors[at - width + 1 : at + 1]) if at >= width - 1 else np.nan
        assert whole[at] == pytest.approx(expected, abs=1e-6, nan_ok=True)


def test_nothing_exceeds_a_limit_that_is_not_known() -> None:
    scale = Scale(1)
    scale.extend(np.ones(59))
    scale.renew(60)
    assert scale.limit(0.001) == np.inf
    scale.extend(np.ones(1))
    scale.renew(60)
    assert np.isfinite(scale.limit(0.001))


def test_incidents_of_the_past_do_not_make_the_next_one_ordinary() -> None:
    usual = np.abs(np.random.default_rng(1).normal(size=600))
    after = np.concatenate((usual, np.full(20, 200.0)))
    assert tail_of(after).limit(1e-3) < 2 * tail_of(usual).limit(1e-3)


def test_the_state_goes_through_json() -> None:
    random = np.random.default_rng(2)
    one = Scale(3)
    one.means(random.normal(size=7))
    one.extend(np.abs(random.normal(size=90)))
    one.renew(60)
    other = Scale.from_state(json.loads(json.dumps(one.state())))
    errors = random.normal(size=20)
    assert np.array_equal(one.means(errors), other.means(errors))
    assert (one.limit(1e-4), one.sigma) == (other.limit(1e-4), other.sigma)
