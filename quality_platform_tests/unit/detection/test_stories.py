"""Changes that may share an instant are one story; a chain of neighbours is none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.detection.stories import stories, widened


@pytest.mark.parametrize(
    ("intervals", "groups"),
    [
        ([], []),
        ([(0, 1)], [0]),
        ([(0, 10), (5, 15)], [0, 0]),
        # each may be misplaced by two of its own intervals
        ([(0, 1), (4, 5)], [0, 0]),
        ([(0, 1), (6, 7)], [0, 1]),
        # a daily figure and what moved within that day
        ([(0, 86_400), (40_000, 40_060), (41_000, 41_060)], [1, 0, 1]),
        # each is near to the next, the first is far from the last
        ([(0, 1), (4, 5), (8, 9), (12, 13)], [0, 0, 1, 1]),
    ],
)
def test_groups(intervals: list[tuple[float, float]], groups: list[int]) -> None:
    bounds = np.array(intervals, dtype=float).reshape(-1, 2)
    assert stories(bounds[:, 0], bounds[:, 1]).tolist() == groups


INTERVALS = st.lists(st.tuples(st.integers(0, 1000), st.integers(1, 50)), min_size=1, max_size=30)


@given(INTERVALS, st.integers(-10_000, 10_000))
def test_those_of_a_story_share_an_instant_and_two_stories_do_not_wholly(
    spans: list[tuple[int, int]], shift: int
) -> None:
    after = np.array([start for start, _ in spans], dtype=float)
    at = after + [length for _, length in spans]
    groups = stories(after, at)
    low, high = widened(after, at)
    for group in range(groups.max() + 1):
        members = groups == group
        assert low[members].max() <= high[members].min()
    assert (stories(after + shift, at + shift) == groups).all()
