"""Contributions of parts add up to the change, and each is what putting the part back as it was would undo."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.detection.causes import ranks, ratio_contributions, sum_contributions

ONE = np.zeros(2, dtype=np.int64)


def of_one(before: list[float], after: list[float], w_before: list[float], w_after: list[float]) -> list[float]:
    sides = [np.array(side, dtype=float) for side in (before, after, w_before, w_after)]
    owner = np.zeros(len(before), dtype=np.int64)
    return ratio_contributions(owner, sides[0], sides[1], (sides[2], sides[3])).tolist()


@pytest.mark.parametrize(
    ("before", "after", "w_before", "w_after", "expected"),
    [
        # one route fails more often, the traffic is as it was
        ([1, 1], [11, 1], [50, 50], [50, 50], [0.1, 0]),
        # all fail as often as before, only more people come to the one that fails
        ([0, 50], [0, 100], [50, 50], [0, 100], [0.375, 0.125]),
        # as much more of everything is no change
        ([1, 3], [2, 6], [10, 10], [20, 20], [0, 0]),
        # a part that came, a part that went
        ([4, 0], [0, 4], [10, 0], [0, 10], [0, 0]),
        ([0, 4], [8, 0], [0, 10], [10, 0], [0.2, 0.2]),
    ],
)
def test_ratios(
    before: list[float], after: list[float], w_before: list[float], w_after: list[float], expected: list[float]
) -> None:
    assert of_one(before, after, w_before, w_after) == pytest.approx(expected)


def test_a_ratio_without_weight_on_one_side_has_no_contributions() -> None:
    assert np.isnan(of_one([0, 0], [1, 2], [0, 0], [3, 4])).all()


def test_several_ratios_at_once_are_each_by_itself() -> None:
    random = np.random.default_rng(1)
    owner = np.array([2, 0, 1, 0, 2, 2], dtype=np.int64)
    before, after, w_before, w_after = random.uniform(1, 9, (4, 6))
    found = ratio_contributions(owner, before, after, (w_before, w_after))
    for each in range(3):
        own = owner == each
        alone = of_one(*(side[own].tolist() for side in (before, after, w_before, w_after)))
        assert found[own].tolist() == pytest.approx(alone)


PART = st.tuples(*[st.floats(0, 1000)] * 2, *[st.floats(0.01, 1000)] * 2)


@given(st.lists(PART, min_size=1, max_size=12))
def test_what_parts_have_in_a_ratio_is_what_swapping_them_does(parts: list[tuple[float, ...]]) -> None:
    n0, n1, w0, w1 = (np.array(side) for side in zip(*parts, strict=True))
    found = np.array(of_one(*(side.tolist() for side in (n0, n1, w0, w1))))
    n0, w0, n1, w1 = n0 / w0.sum(), w0 / w0.sum(), n1 / w1.sum(), w1 / w1.sum()
    assert found.sum() == pytest.approx(n1.sum() - n0.sum(), rel=1e-6, abs=1e-6)
    for place in range(len(parts)):
        expected = (undone(n1, n0, w1, w0, place) - undone(n0, n1, w0, w1, place)) / 2
        assert found[place] == pytest.approx(expected, rel=1e-6, abs=1e-6)


def undone(n: np.ndarray, other_n: np.ndarray, w: np.ndarray, other_w: np.ndarray, place: int) -> float:
    """How much higher the ratio is than with one part as it is on the other side, times the weight there is then."""
    changed_n, changed_w = n.copy(), w.copy()
    changed_n[place], changed_w[place] = other_n[place], other_w[place]
    return float((n.sum() / w.sum() - changed_n.sum() / changed_w.sum()) * changed_w.sum())


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(-5, 5)), max_size=30))
def test_ranks(parts: list[tuple[int, float]]) -> None:
    owner = np.array([each for each, _ in parts], dtype=np.int64)
    found = ranks(owner, np.array([size for _, size in parts]))
    for place, (each, size) in enumerate(parts):
        before = sum(
            other == each and (abs(other_size) > abs(size) or (abs(other_size) == abs(size) and at < place))
            for at, (other, other_size) in enumerate(parts)
        )
        assert found[place] == before + 1


def test_parts_of_a_sum() -> None:
    assert sum_contributions(np.array([3.0, 0.0, 5.0]), np.array([4.0, 2.0, 0.0])).tolist() == [1.0, 2.0, -5.0]
