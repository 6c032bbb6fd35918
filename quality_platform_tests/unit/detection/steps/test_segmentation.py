"""The quick search against the exact optimum, found with plain loops."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from quality_platform.detection.steps.segmentation import segment


def cost(values: np.ndarray, cuts: list[int], penalty: float) -> float:
    edges = [0, *cuts, len(values)]
    stretches = [values[start:end] for start, end in pairwise(edges)]
    return sum(((stretch - stretch.mean()) ** 2).sum() for stretch in stretches) + penalty * len(cuts)


def optimum(values: np.ndarray, penalty: float, minimum: int) -> float:
    n = len(values)
    best = [-penalty] + [np.inf] * n
    for end in range(minimum, n + 1):
        best[end] = min(
            best[start] + ((values[start:end] - values[start:end].mean()) ** 2).sum() + penalty
            for start in range(end - minimum + 1)
        )
    return best[n]


@pytest.mark.parametrize("seed", range(12))
def test_is_close_to_the_optimum(seed: int) -> None:
    random = np.random.default_rng(seed)
    levels = np.repeat(random.normal(scale=3, size=8), random.integers(6, 30, size=8))
    values = levels + random.normal(size=len(levels))
    cuts = segment(values, penalty=10.0, minimum_segment=5)
    assert np.all(np.diff([0, *cuts, len(values)]) >= 5)
    assert cost(values, cuts, 10.0) <= 1.02 * optimum(values, 10.0, 5)


@pytest.mark.parametrize("sizes", [(5, 5), (5, 200), (200, 5), (7, 5, 6), (40, 5, 40), (60, 60, 60)])
def test_clean_levels_are_cut_where_they_change(sizes: tuple[int, ...]) -> None:
    values = np.repeat(np.arange(len(sizes)) % 2 * 50.0, sizes)
    assert segment(values, penalty=10.0, minimum_segment=5) == list(np.cumsum(sizes)[:-1])


def test_nothing_to_cut() -> None:
    assert segment(np.zeros(100), penalty=10.0, minimum_segment=5) == []
    assert segment(np.arange(9.0), penalty=0.1, minimum_segment=5) == []
