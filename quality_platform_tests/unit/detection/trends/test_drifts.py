"""Slow trends as they begin: found, dated, told once; and no step, noise or constant taken for one."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quality_platform.detection.report import Detection
from quality_platform.detection.trends.drifts import WIDTH, OnlineTrends, find_drifts, lasting_drift


def noise(seed: int, count: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(100, 1, count)


def drifting(seed: int, count: int, onset: int, slope: float) -> np.ndarray:
    return noise(seed, count) + slope * np.maximum(np.arange(count) - onset, 0)


def found(values: np.ndarray) -> tuple[Detection, ...]:
    return find_drifts(np.arange(float(len(values))), values)


@pytest.mark.parametrize("slope", [0.05, -0.05])
def test_a_drift_is_told_once_with_its_beginning_and_size(slope: float) -> None:
    (trend,) = found(drifting(1, 300, 150, slope))
    assert trend.direction == ("up" if slope > 0 else "down")
    assert 150 < trend.reported_at < 225
    assert abs(trend.index - 150) <= 25
    assert np.sign(trend.effect) == np.sign(slope)
    assert trend.p_value <= 0.001


def test_the_effect_is_that_of_a_line() -> None:
    values = np.arange(100.0) * 3
    (trend,) = found(values)
    assert (trend.index, trend.reported_at, trend.effect) == (0, 99, 297.0)


@pytest.mark.parametrize(
    "values",
    [
        np.zeros(300),
        np.tile([1.0, 2.0], 150),
        np.concatenate((noise(2, 150), noise(3, 150) + 10)),
        np.concatenate((noise(4, 150), noise(5, 30) + 10, noise(6, 120))),
        np.arange(99.0),
        np.full(300, np.nan),
    ],
    ids=["constant", "two modes", "step", "there and back", "too short", "nothing"],
)
def test_what_is_no_drift(values: np.ndarray) -> None:
    assert found(values) == ()


def test_it_may_be_told_again_when_it_has_ended() -> None:
    up = drifting(7, 250, 100, 0.08)
    values = np.concatenate((up, up[::-1], noise(8, 150)))
    assert [trend.direction for trend in found(values)] == ["up", "down"]
    assert lasting_drift(values) is None
    assert lasting_drift(up) == found(up)[-1]


def test_noise_is_told_about_less_than_once_in_five_thousand_rows() -> None:
    assert sum(len(found(noise(seed, 1000))) for seed in range(100, 140)) <= 40_000 / 5_000


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    count=st.integers(0, 320),
    slope=st.sampled_from([0.0, 0.02, -0.1]),
    whole=st.booleans(),
    stop=st.integers(0, 320),
)
def test_row_by_row_is_the_same(seed: int, count: int, slope: float, whole: bool, stop: int) -> None:
    values = drifting(seed, count, count // 3, slope)
    values = np.round(values) if whole else values
    values[np.random.default_rng(seed).random(count) < 0.05] = np.nan

    detector, rows = OnlineTrends(), []
    for row, value in enumerate(values.tolist()):
        if row == stop:
            detector = OnlineTrends.from_state(json.loads(json.dumps(detector.state())))
        one = detector.update(float(row), value)
        rows += [one] if one else []

    assert tuple(rows) == found(values)
    assert len(json.dumps(detector.state())) < 60 * WIDTH


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(-40, 40))
def test_the_unit_does_not_matter(seed: int, exponent: int) -> None:
    values = drifting(seed, 250, 80, 0.05) - 100
    places = [(trend.index, trend.reported_at, trend.direction) for trend in found(values)]
    scaled = found(np.ldexp(values, exponent))
    assert [(trend.index, trend.reported_at, trend.direction) for trend in scaled] == places
