from __future__ import annotations

import numpy as np
import pytest

from quality_platform.detection.steps.jumps import REACH, Jumps


def walk(seed: int, n: int = 200) -> np.ndarray:
    return np.cumsum(np.random.default_rng(seed).normal(size=n))


def test_medians_before_and_after() -> None:
    values = walk(0) + np.arange(200)
    jump = Jumps(values).at(60)
    assert jump is not None
    assert (jump.before, jump.after) == (np.median(values[55:60]), np.median(values[60:65]))


def test_is_measured_by_the_moves_of_the_series() -> None:
    values = walk(1) + np.arange(200)
    moves = [np.median(values[cut : cut + 5]) - np.median(values[cut - 5 : cut]) for cut in range(5, 196)]
    jump = Jumps(values).at(60)
    assert jump is not None
    assert jump.statistic == pytest.approx(moves[55] / (1.4826 * np.median(np.abs(moves))))


def test_only_a_sudden_move_is_sure() -> None:
    values = walk(2)
    leap = values + 30.0 * (np.arange(200) >= 120)
    assert Jumps(leap).at(120).p_value < 1e-4  # type: ignore[union-attr]
    usual = [Jumps(walk(seed)).at(cut) for seed in range(20) for cut in range(5, 195, 10)]
    assert min(jump.p_value for jump in usual if jump) > 1e-4


def test_overlapping_sides_are_no_jump() -> None:
    values = np.tile([0.0, 3.0, 1.0, 2.0], 10)
    values[20:23] += 1000
    jumps = Jumps(values)
    assert [jumps.at(cut) is None for cut in (18, 19, 20, 21, 22, 23)] == [True] * 6
    values[23:] += 1000
    assert [jumps is not None for jumps in map(Jumps(values).at, (18, 20, 22))] == [False, True, False]


def test_none_at_the_ends_and_where_the_series_stands_still() -> None:
    jumps = Jumps(walk(3, 30) + 5.0 * np.arange(30))
    assert [jumps.at(cut) is None for cut in (REACH - 1, REACH, 25, 26)] == [True, False, False, True]
    assert Jumps(np.repeat([1.0, 9.0], 40)).at(40) is None
    assert Jumps(np.arange(8.0)).at(4) is None
    assert Jumps(np.arange(9.0)).at(5) is None
