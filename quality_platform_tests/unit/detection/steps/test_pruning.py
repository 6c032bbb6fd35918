from __future__ import annotations

from collections.abc import Mapping

import pytest

from quality_platform.detection.steps.pruning import prune


def by_cut(doubts: Mapping[int, float]):
    return lambda start, cut, end: doubts[cut]


@pytest.mark.parametrize(
    ("doubts", "kept"),
    [
        ({}, []),
        ({5: 0.0}, [(0, 5, 20)]),
        ({5: 0.9}, []),
        ({5: 0.1}, [(0, 5, 20)]),
        ({5: 0.0, 9: 0.9, 12: 0.0}, [(0, 5, 12), (5, 12, 20)]),
        ({5: 0.9, 9: 0.0, 12: 0.9}, [(0, 9, 20)]),
        ({5: 0.9, 9: 0.8, 12: 0.7}, []),
    ],
)
def test_cuts_above_the_limit_go(doubts: dict[int, float], kept: list[tuple[int, int, int]]) -> None:
    assert prune(list(doubts), 20, by_cut(doubts), 0.1) == kept


def test_the_most_doubtful_goes_first_and_its_neighbours_are_weighed_anew() -> None:
    asked = []

    def doubt(start: int, cut: int, end: int) -> float:
        asked.append((start, cut, end))
        return 1.0 / (end - start)

    assert prune([2, 4, 10], 30, doubt, 0.11) == [(0, 4, 10), (4, 10, 30)]
    assert asked == [(0, 2, 4), (2, 4, 10), (4, 10, 30), (0, 4, 10)]


def test_longer_stretches_may_save_a_cut() -> None:
    def doubt(start: int, cut: int, end: int) -> float:
        return 1.0 / min(cut - start, end - cut)

    assert prune([10, 11, 20], 30, doubt, 0.1) == [(0, 20, 30)]
    assert prune([9, 20], 30, doubt, 0.1) == [(0, 20, 30)]
