"""Hits of the same rule count less and less: 1, 1/2, 1/3, ... of their risk, the riskiest first."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


def discounted(risk: Floats, *keys: Indices, times: Indices | None = None) -> Floats:
    """Each risk divided by its rank among the rows with equal `keys` (all of shape (n,)), in the order given.

    A row may stand for several hits: `times` says how many, and its value is that of all of them. Equal risks share
    the mean of their weights, so the order of rows decides nothing. One more row never lowers the sum: what it takes
    from the ranks behind it is less than what it adds.
    """
    if not len(risk):
        return risk
    order = np.lexsort((-risk, *keys))
    hits = np.ones(len(risk), dtype=np.int64) if times is None else times[order]
    runs = _starts(*(key[order] for key in keys))
    ties = _starts(risk[order], *(key[order] for key in keys))
    sizes = np.add.reduceat(hits, ties)
    before = np.cumsum(hits) - hits
    rank = before[ties] - before[runs[np.searchsorted(runs, ties, side="right") - 1]]
    harmonic = np.concatenate(([0.0], np.cumsum(1.0 / np.arange(1, np.add.reduceat(hits, runs).max() + 1))))
    share = (harmonic[rank + sizes] - harmonic[rank]) / sizes
    counted = np.empty_like(risk)
    counted[order] = risk[order] * hits * np.repeat(share, np.diff(np.append(ties, len(risk))))
    return counted


def _starts(*keys: NDArray[Any]) -> Indices:
    """Where runs of rows with equal keys begin."""
    changed = np.logical_or.reduce([key[1:] != key[:-1] for key in keys])
    return np.flatnonzero(np.append(True, changed)).astype(np.int64)
