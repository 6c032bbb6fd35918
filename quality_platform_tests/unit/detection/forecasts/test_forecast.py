"""The forecast of a series: which method, how far, within which bounds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.detection.forecasts.forecast import forecast

HOUR = 3_600.0


def hours(count: int) -> np.ndarray:
    return np.arange(count) * HOUR


def white(random: np.random.Generator, count: int) -> np.ndarray:
    return 50 + random.normal(size=count)


def walk(random: np.random.Generator, count: int) -> np.ndarray:
    return 500 + np.cumsum(random.normal(size=count))


def line(random: np.random.Generator, count: int) -> np.ndarray:
    return 5 + 0.1 * np.arange(count) + random.normal(size=count)


def season(random: np.random.Generator, count: int) -> np.ndarray:
    return 50 + 10 * np.sin(np.arange(count) * 2 * np.pi / 24) + random.normal(size=count)


@pytest.mark.parametrize("kind", [white, walk, line, season])
def test_bounds_hold_about_nine_times_in_ten(kind: Callable[[np.random.Generator, int], np.ndarray]) -> None:
    held = []
    for seed in range(100):
        values = kind(np.random.default_rng(seed), 300)
        found = forecast(hours(240), values[:240])
        assert found is not None
        came = values[np.round(found.times / HOUR).astype(int)]
        held.append(np.mean((found.lower <= came) & (came <= found.upper)))
    assert 0.82 <= float(np.mean(held)) <= 0.99


@pytest.mark.parametrize(
    ("kind", "methods"),
    [(white, {"mean"}), (line, {"line"}), (season, {"seasonal", "seasonal mean", "seasonal level"})],
)
def test_the_method_that_fits(kind: Callable[[np.random.Generator, int], np.ndarray], methods: set[str]) -> None:
    found = forecast(hours(240), kind(np.random.default_rng(3), 240))
    assert found is not None
    assert found.method in methods


def test_twelve_instants_up_to_a_quarter_ahead() -> None:
    found = forecast(hours(240), white(np.random.default_rng(1), 240))
    assert found is not None
    assert len(found.times) == 12
    assert (found.times[0], found.times[-1]) == (240 * HOUR, (239 + 60) * HOUR)


def test_no_bound_below_zero_where_no_value_is() -> None:
    counts = np.random.default_rng(2).poisson(1, 100).astype(float)
    found = forecast(hours(100), counts)
    assert found is not None
    assert found.lower.min() == 0.0


def test_a_constant_stays() -> None:
    found = forecast(hours(30), np.full(30, 7.5))
    assert found is not None
    assert set(found.lower) == set(found.upper) == {7.5}


def test_too_short_is_no_forecast() -> None:
    assert forecast(hours(23), white(np.random.default_rng(1), 23)) is None
    assert forecast(np.zeros(100), np.ones(100)) is None


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=24, max_size=60), st.integers(-40, 40))
def test_anything_is_finite_and_scales(values: list[float], exponent: int) -> None:
    found = forecast(hours(len(values)), np.array(values))
    if found is None:
        return
    assert np.isfinite([found.middle, found.lower, found.upper]).all()
    assert (found.lower <= found.middle).all()
    assert (found.middle <= found.upper).all()
    if not any(abs(value) >= 1e100 for value in values):
        other = forecast(hours(len(values)), np.ldexp(np.array(values), exponent))
        if other is not None and other.method == found.method:
            assert other.middle == pytest.approx(np.ldexp(found.middle, exponent), rel=1e-6, abs=1e-290)
