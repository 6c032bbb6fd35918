"""Steps that are there are found where they are; everything that only looks like one is left alone."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from quality_platform.detection.steps.history import find_changes


def random(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def noise(n: int, seed: int = 0) -> np.ndarray:
    return random(seed).normal(size=n)


def red_noise(n: int, seed: int, memory: float) -> np.ndarray:
    values = noise(n, seed)
    for place in range(1, n):
        values[place] += memory * values[place - 1]
    return values


def steps(values: object, **settings: float) -> list[int]:
    return [change.index for change in find_changes(values, **settings)]  # type: ignore[arg-type]


@pytest.mark.parametrize("at", [5, 30, 100, 170, 195])
@pytest.mark.parametrize("height", [8.0, -8.0])
def test_a_clear_step_is_found_at_its_row(at: int, height: float) -> None:
    values = 100 + noise(200) + height * (np.arange(200) >= at)
    (change,) = find_changes(values)
    assert change.index == at
    assert change.effect == pytest.approx(height, abs=1.5)
    assert change.effect == pytest.approx(change.after - change.before)
    assert change.effect_percent == pytest.approx(100 * change.effect / change.before)
    assert change.p_value < 1e-4
    assert change.score > 4


@pytest.mark.parametrize("points", [1, 2, 3, 4, 5, 6])
def test_a_level_must_last(points: int) -> None:
    values = 100 + noise(100, 2)
    values[-points:] += 20
    assert steps(values) == ([100 - points] if points >= 5 else [])


def test_no_level_is_shorter_than_the_cleaning_can_tell_from_outliers() -> None:
    values = np.r_[np.full(30, 5.0), np.full(4, 9.0)]
    assert steps(values, minimum_segment=1) == [30]
    assert steps(values[:-1], minimum_segment=1) == []


def test_several_steps_in_order() -> None:
    levels = np.repeat([100, 110, 95, 95, 120], 40)
    assert steps(levels + noise(200, 4)) == [40, 80, 160]


@pytest.mark.parametrize("burst", [1, 2, 3])
@pytest.mark.parametrize("place", [0, 1, 40, 96])
def test_lone_outliers_are_no_steps(burst: int, place: int) -> None:
    values = 100 + noise(100, 5)
    values[place : place + burst] = 1e6
    assert steps(values) == []


def test_outliers_hide_no_step_and_do_not_move_its_levels() -> None:
    values = 100 + noise(200, 6) + 8.0 * (np.arange(200) >= 90)
    values[[10, 50, 51, 120, 180]] = [1e5, -1e5, 1e5, 0, 1e9]
    (change,) = find_changes(values)
    assert change.index == 90
    assert (change.before, change.after) == pytest.approx((100, 108), abs=0.5)


STEADY = {
    "normal": lambda seed: 50 + noise(300, seed),
    "heavy tails": lambda seed: 50 + random(seed).standard_t(2, size=300),
    "skewed": lambda seed: random(seed).lognormal(0, 1, size=300),
    "two modes": lambda seed: random(seed).choice([10.0, 20.0], size=300) + 0.1 * noise(300, seed),
    "counts": lambda seed: random(seed).poisson(0.3, size=300),
    "rounded": lambda seed: np.round(50 + noise(300, seed) / 2),
    "memory": lambda seed: 50 + red_noise(300, seed, 0.7),
    "a walk": lambda seed: 50 + np.cumsum(noise(300, seed)),
    "a slope": lambda seed: np.linspace(50, 80, 300) + noise(300, seed),
    "an exact slope": lambda seed: np.linspace(50, 80, 300 + seed),
    "a season": lambda seed: 5 * np.sin(np.pi * np.arange(300) / 12) + noise(300, seed),
    "a working week": lambda seed: 8.0 * (np.arange(364) % 7 < 5) + noise(364, seed),
    "constant": lambda seed: np.full(300, 0.1 * seed),
}


@pytest.mark.parametrize("kind", STEADY)
def test_silence_where_there_is_no_step(kind: str) -> None:
    """20 series of 300 rows: at most one false step in 6,000 rows."""
    assert sum(len(steps(STEADY[kind](seed))) for seed in range(20)) <= 1


def test_a_step_in_a_slope_is_one_step() -> None:
    values = np.linspace(100, 110, 300) + noise(300, 7) / 2 + 10.0 * (np.arange(300) >= 150)
    assert steps(values) == [150]


def test_a_step_in_a_season_and_one_in_noise_with_memory() -> None:
    places = np.arange(240)
    season = 6 * np.sin(np.pi * places / 6) + noise(240) / 2 + 3.0 * (places >= 130)
    assert steps(season, minimum_effect_percent=0) == [130]
    remembered = red_noise(240, 3, 0.8) + 6.0 * (places >= 130)
    assert steps(remembered, minimum_effect_percent=0) == [130]


def test_a_rise_in_stages_is_one_step_to_where_it_ends() -> None:
    values = np.r_[np.full(40, 10.0), np.linspace(12, 40, 15), np.full(40, 42.0)] + noise(95, 9) / 5
    (change,) = find_changes(values)
    assert 38 <= change.index <= 48
    assert (change.before, change.after) == pytest.approx((10, 42), abs=3)
    assert change.effect == pytest.approx(change.after - change.before)


def commits(seed: int, n: int = 120, changing: float = 0.3) -> np.ndarray:
    """A metric of code: exact, standing still from commit to commit or moving on from where it was."""
    moves = random(seed).normal(scale=0.1, size=n) * (random(seed + 1000).random(n) < changing)
    return 60 + np.cumsum(moves)


@pytest.mark.parametrize("changing", [0.02, 0.1, 0.3, 1.0])
def test_planted_in_a_metric_that_wanders(changing: float) -> None:
    false = 0
    for seed in range(20):
        values = commits(seed, changing=changing)
        false += len(steps(values, minimum_effect_percent=2.0))
        values[100:] *= 0.95
        found = {change.index: change for change in find_changes(values, minimum_effect_percent=2.0)}
        assert found[100].effect_percent == pytest.approx(-5, abs=1.5)
        false += len(found) - 1
    assert false <= 2  # of 4,800 rows; a walk may look like two levels by chance


@pytest.mark.parametrize(
    ("before", "after", "percent"), [(80, 72, -10), (0, 3, 100), (-10, -15, -50), (4, 0, -100), (1000, 1011, 1.1)]
)
def test_constants_on_both_sides_are_exact(before: float, after: float, percent: float) -> None:
    (change,) = find_changes([before] * 12 + [after] * 7)
    assert (change.index, change.before, change.after) == (12, before, after)
    assert change.effect_percent == pytest.approx(percent)
    assert (change.p_value, change.score) == (0.0, math.inf)


def test_effects_below_the_minimum_are_not_told() -> None:
    values = np.r_[np.full(50, 1000.0), np.full(50, 1030.0)]
    assert steps(values, minimum_effect_percent=3.0) == [50]
    assert steps(values, minimum_effect_percent=3.1) == []


def test_indices_are_those_of_the_array_with_its_gaps() -> None:
    values = np.r_[np.full(20, 5.0), np.full(20, 9.0)]
    gaps = np.insert(values, [0, 3, 20, 20, 40], [math.nan, math.inf, math.nan, math.nan, -math.inf])
    assert steps(gaps) == [24]
    assert gaps[24] == 9.0


@pytest.mark.parametrize("values", [[], [1.0], [1.0, 9.0], [1] * 4 + [9] * 4, [math.nan] * 50, [5] * 50])
def test_too_little_to_say(values: list[float]) -> None:
    assert find_changes(values) == ()


def test_integers_and_lists_are_taken() -> None:
    assert steps([3] * 10 + [8] * 10) == [10]
    assert steps(np.repeat([3, 8], 10)) == [10]


@given(st.integers(0, 20), st.sampled_from([1e-150, 1e-6, 3.0, 1e9, 1e150]))
def test_the_unit_does_not_matter(seed: int, scale: float) -> None:
    values = 100 + red_noise(120, seed, 0.3) + 6.0 * (np.arange(120) >= 55)
    assert steps(values * scale) == steps(values)


@given(st.integers(0, 20), st.sampled_from([-1e6, -100.0, 0.0, 1e6]))
def test_the_zero_point_does_not_matter(seed: int, shift: float) -> None:
    values = red_noise(120, seed, 0.3) + 6.0 * (np.arange(120) >= 55)
    assert steps(values + shift, minimum_effect_percent=0) == steps(values, minimum_effect_percent=0)


@given(st.integers(0, 20))
def test_up_and_down_are_alike(seed: int) -> None:
    values = red_noise(120, seed, 0.3) + 6.0 * (np.arange(120) >= 55)
    up, down = find_changes(values), find_changes(-values)
    assert [change.index for change in up] == [change.index for change in down]
    assert [change.effect for change in up] == pytest.approx([-change.effect for change in down])


FLOATS = st.one_of(st.floats(), st.sampled_from([0.0, 1.0, 1e199, -1e199, 5e-324, math.nan]))


@given(arrays.arrays(float, st.integers(0, 60), elements=FLOATS), st.integers(4, 8))
def test_any_floats_give_a_sane_answer(values: np.ndarray, minimum: int) -> None:
    changes = find_changes(values, minimum_segment=minimum)
    kept = np.flatnonzero(np.abs(values) < 1e200)
    places = [0, *np.searchsorted(kept, [change.index for change in changes]), len(kept)]
    assert np.all(np.diff(places) >= minimum) or not changes
    for change in changes:
        assert change.index in kept
        assert math.isfinite(change.effect_percent)
        assert 0 <= change.p_value <= 1e-4
    assert find_changes(values, minimum_segment=minimum) == changes
