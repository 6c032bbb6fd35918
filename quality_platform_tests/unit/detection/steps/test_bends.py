from __future__ import annotations

import math

import numpy as np
import pytest

from quality_platform.detection.steps.bends import find_bends


def noise(n: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=n)


def test_slopes_before_and_after() -> None:
    slopes = np.repeat([1.0, -2.0, 0.0], [50, 40, 50])
    values = 100 + np.cumsum(slopes + noise(140, 1) / 5)
    first, second = find_bends(values)
    assert (first.index, second.index) == pytest.approx((50, 90), abs=1)
    assert (first.before, first.after, second.after) == pytest.approx((1, -2, 0), abs=0.15)
    assert first.effect == pytest.approx(first.after - first.before)


def test_an_exact_bend_and_gaps() -> None:
    values = np.r_[np.arange(30.0), np.full(30, 29.0)]
    assert [bend.index for bend in find_bends(values)] == [30]
    assert [bend.index for bend in find_bends(np.insert(values, [3, 30], math.nan))] == [32]


STRAIGHT = {
    "noise": lambda seed: noise(300, seed),
    "a level that steps": lambda seed: noise(300, seed) + 9.0 * (np.arange(300) >= 120),
    "a walk": lambda seed: np.cumsum(noise(300, seed)),
    "a walk that drifts": lambda seed: np.cumsum(0.4 + noise(300, seed)),
    "a slope": lambda seed: np.arange(300) / 9 + noise(300, seed),
    "short": lambda seed: np.arange(19.0) ** 2,
}


@pytest.mark.parametrize("kind", STRAIGHT)
def test_no_bend(kind: str) -> None:
    assert sum(len(find_bends(STRAIGHT[kind](seed))) for seed in range(20)) == 0
