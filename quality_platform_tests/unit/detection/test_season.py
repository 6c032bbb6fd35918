"""A season that both halves share goes; what only looks like one stays."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.detection.season import mean_squared_differences, season_length, without_season


def noise(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=n)


@given(st.integers(0, 1000), st.integers(5, 60))
def test_structure_function_is_the_mean_of_squared_differences(seed: int, n: int) -> None:
    values = noise(n, seed)
    expected = [0.0, *(np.mean((values[lag:] - values[:-lag]) ** 2) for lag in range(1, n // 2))]
    assert mean_squared_differences(values, n // 2 - 1) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("length", [7, 12, 24])
@pytest.mark.parametrize("rise", [0.0, 0.5])
def test_a_season_is_found_and_taken_out(length: int, rise: float) -> None:
    """On a rise it shows in the increments alone."""
    places = np.arange(12 * length + 5)
    pattern = 5.0 * np.sin(2 * np.pi * places / length) + 4.0 * (places % length == 2)
    rest = rise * places + noise(len(places)) / 2
    assert season_length(rest + pattern) == length
    left = without_season(rest + pattern) - rest
    assert left.std() < 0.4 < pattern.std()


def test_a_step_does_not_go_with_the_season() -> None:
    places = np.arange(240)
    values = 3.0 * np.sin(np.pi * places / 6) + 4.0 * (places >= 130) + noise(240) / 4
    left = without_season(values)
    assert left[130:].mean() - left[:130].mean() == pytest.approx(4.0, abs=0.2)
    assert left[:130].std() < 0.6


NO_SEASON = {
    "noise": lambda seed: noise(300, seed),
    "a walk": lambda seed: np.cumsum(noise(300, seed)),
    "a slope": lambda seed: np.linspace(0, 50, 300) + noise(300, seed),
    "constant": lambda seed: np.full(300, 3.0),
    "short": lambda seed: np.sin(np.pi * np.arange(50) / 3),
}


@pytest.mark.parametrize("kind", NO_SEASON)
def test_nothing_is_taken_where_there_is_none(kind: str) -> None:
    series = [NO_SEASON[kind](seed) for seed in range(20)]
    assert sum(without_season(values) is not values for values in series) <= 1
