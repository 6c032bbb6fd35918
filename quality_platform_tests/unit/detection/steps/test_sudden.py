from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.signal import lfilter

from quality_platform.detection.steps.sudden import FEWEST, LEAST_MEMORY, sudden_near

MEMORY = 0.8


def stepped(seed: int, height: float, at: int = 100, n: int = 200) -> np.ndarray:
    white = np.random.default_rng(seed).normal(size=n + 50)
    return lfilter([math.sqrt(1 - MEMORY**2)], [1, -MEMORY], white)[50:] + height * (np.arange(n) >= at)


def test_a_sudden_step_is_found_at_its_place_from_a_cut_beside_it() -> None:
    found = [sudden_near(stepped(seed, 4.0), 0, 92, 200, MEMORY) for seed in range(20)]
    assert sum(one is not None and one.cut == 100 and one.p_value < 1e-4 for one in found) >= 18


def test_wandering_is_not() -> None:
    found = [sudden_near(stepped(seed, 0.0), 0, 100, 200, MEMORY) for seed in range(200)]
    assert min(one.p_value for one in found if one is not None) > 1e-4


def test_stays_at_the_cut_unless_another_place_is_clearly_likelier() -> None:
    found = sudden_near(stepped(1, 4.0, at=101), 0, 100, 200, LEAST_MEMORY)
    assert found is not None
    assert found.cut in (100, 101)
    still = sudden_near(np.random.default_rng(0).normal(size=200), 0, 90, 200, LEAST_MEMORY)
    assert still is not None
    assert still.cut == 90
    assert still.p_value == pytest.approx(1.0, abs=0.2)


def test_none_without_memory_and_beside_the_ends() -> None:
    values = stepped(2, 4.0)
    assert sudden_near(values, 0, 100, 200, LEAST_MEMORY - 0.01) is None
    assert sudden_near(values, 0, FEWEST - 1, 200, MEMORY) is None
    assert sudden_near(values, 0, FEWEST, 200, MEMORY) is not None
    assert sudden_near(values, 0, 200 - FEWEST + 1, 200, MEMORY) is None
