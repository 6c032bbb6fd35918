"""Rows in, steps out: what is told, when, and that nothing but the state is needed to go on."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import lfilter

from quality_platform.detection.report import Detection
from quality_platform.detection.steps.row_by_row import OnlineSteps


def noise(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=n)


def red_noise(n: int, seed: int, memory: float) -> np.ndarray:
    return lfilter([math.sqrt(1 - memory**2)], [1, -memory], noise(n + 50, seed))[50:]


def feed(detector: OnlineSteps, values: object) -> list[Detection]:
    found = [detector.update(float(at), value) for at, value in enumerate(np.asarray(values, dtype=float).tolist())]
    return [one for one in found if one is not None]


def told(values: object) -> list[tuple[int, int]]:
    return [(one.index, one.reported_at) for one in feed(OnlineSteps(), values)]


@pytest.mark.parametrize("height", [6.0, -6.0])
@pytest.mark.parametrize("at", [60, 150, 700])
def test_a_clear_step_is_told_with_its_fourth_to_sixth_row(at: int, height: float) -> None:
    values = 100 + noise(at + 60) + height * (np.arange(at + 60) >= at)
    (found,) = feed(OnlineSteps(), values)
    assert found.index == at
    assert 3 <= found.reported_at - at <= 5
    assert found.direction == ("up" if height > 0 else "down")
    assert found.effect == pytest.approx(height, abs=1.5)
    assert found.p_value < 1e-4
    assert found.kind == "step"


def test_there_and_back_are_two() -> None:
    values = 100 + noise(200, 3) + 5.0 * ((np.arange(200) >= 90) & (np.arange(200) < 120))
    assert [one.direction for one in feed(OnlineSteps(), values)] == ["up", "down"]


def test_a_sudden_step_in_noise_with_memory() -> None:
    values = red_noise(200, 5, 0.8) + 5.0 * (np.arange(200) >= 120)
    assert [index for index, _ in told(values)] == [120]


@pytest.mark.parametrize(("before", "after"), [(3, 4), (0, 1), (1e6, 1e6 + 1)])
def test_constants_step_with_the_fourth_row(before: float, after: float) -> None:
    assert told([before] * 30 + [after] * 20) == [(30, 33)]


@pytest.mark.parametrize("burst", [1, 2, 3])
@pytest.mark.parametrize("level", ["constant", "noisy"])
def test_bursts_of_three_are_not_told(burst: int, level: str) -> None:
    values = np.full(200, 50.0) if level == "constant" else 50 + noise(200, 8)
    values[100 : 100 + burst] = 1e9
    assert told(values) == []


def test_rows_without_a_number_are_left_out() -> None:
    values = np.r_[np.full(30, 5.0), np.full(20, 9.0)]
    gaps = np.insert(values, [0, 3, 31, 31], [math.nan, math.inf, math.nan, 1e250])
    assert told(gaps) == [(32, 37)]


@settings(max_examples=20)
@given(st.integers(0, 50), st.integers(1, 399))
def test_goes_on_from_its_state(seed: int, at: int) -> None:
    values = red_noise(400, seed, 0.3) + 4.0 * (np.arange(400) >= 200)
    whole, first = OnlineSteps(), OnlineSteps()
    expected = feed(whole, values)
    found = feed(first, values[:at])
    second = OnlineSteps.from_state(json.loads(json.dumps(first.state())))
    assert found + feed(second, values[at:]) == expected
    assert second.state() == whole.state()


def test_state_stays_small() -> None:
    detector = OnlineSteps()
    feed(detector, 1e5 / 3 + noise(3000))
    assert len(json.dumps(detector.state())) < 10_000


@settings(max_examples=30)
@given(st.integers(0, 50), st.sampled_from([1e-100, 1e-6, 7.0, 1e150]), st.sampled_from([0.0, -50.0, 1e3]))
def test_unit_and_zero_point_do_not_matter(seed: int, scale: float, shift: float) -> None:
    values = red_noise(150, seed, 0.3) + 4.0 * (np.arange(150) >= 80)
    assert told((values + shift) * scale) == told(values)


SILENT = {
    "normal": lambda seed: 50 + noise(1000, seed),
    "heavy tails": lambda seed: np.random.default_rng(seed).standard_t(3, size=1000),
    "skewed": lambda seed: np.random.default_rng(seed).lognormal(0, 0.6, size=1000),
    "two modes": lambda seed: np.random.default_rng(seed).choice([10.0, 20.0], size=1000) + noise(1000, seed),
    "counts": lambda seed: np.random.default_rng(seed).poisson(4, size=1000),
    "rounded": lambda seed: np.round(50 + noise(1000, seed)),
    "memory": lambda seed: red_noise(1000, seed, 0.8),
    "a walk": lambda seed: np.cumsum(noise(1000, seed)),
    "a slope": lambda seed: np.linspace(50, 80, 1000) + noise(1000, seed),
    "hours of a day": lambda seed: 2 * np.sin(np.pi * np.arange(1000) / 12) + noise(1000, seed) / 2,
    "hours of two days": lambda seed: 2 * np.sin(np.pi * np.arange(1000) / 24) + noise(1000, seed) / 2,
    "constant": lambda seed: np.full(1000, 0.1 * seed),
}


@pytest.mark.parametrize("kind", SILENT)
def test_silence_where_there_is_no_step(kind: str) -> None:
    """At most one false report in 3,000 rows of each kind."""
    assert sum(len(told(SILENT[kind](seed))) for seed in range(3)) <= 1
