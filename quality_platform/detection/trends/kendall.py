"""Kendall's score of every window of a series: rising pairs less falling ones, kept up to date row by row.

Does not belong here: whether a score is significant (`drifts.py`, `line.py`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Scores = NDArray[np.int64]


def score(values: Floats) -> int:
    """The score of `values`, shape (n,): from n (1 - n) / 2 where each is below the one before to its opposite."""
    later, earlier = np.triu_indices(len(values), 1)[::-1]
    return int(np.sign(values[later] - values[earlier]).sum())


def moved_on(before: int, window: Floats, value: float) -> int:
    """The score of `window` (that of `before`) without its oldest value and with `value` as its newest."""
    rest = window[1:]
    return before - int(np.sign(rest - window[0]).sum()) + int(np.sign(value - rest).sum())


def rolling_scores(values: Floats, width: int) -> Scores:
    """The scores of all windows of `width`, shape (n - width + 1,); empty where there is none."""
    if len(values) < width:
        return np.empty(0, dtype=np.int64)
    windows = np.lib.stride_tricks.sliding_window_view(values, width)
    comes = np.sign(windows[1:, -1:] - windows[1:, :-1]).sum(axis=1)
    goes = np.sign(windows[:-1, 1:] - windows[:-1, :1]).sum(axis=1)
    return score(windows[0]) + np.concatenate(([0], np.cumsum(comes - goes))).astype(np.int64)
