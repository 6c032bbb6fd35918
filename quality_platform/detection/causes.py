"""What each part of a metric has in a change of it. Arrays in, contributions out.

A metric is a sum over parts (errors over their groups) or a ratio of two sums (failed requests over requests, by
route). Does not belong here: which parts there are, and what stands behind them (`assessment/parts/`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

MOST = 20
"""Parts of one change that are named; all others are one."""


def sum_contributions(before: Floats, after: Floats) -> Floats:
    """What each part of a sum has in its change: its own difference. All of shape (n,), in units of the metric."""
    return after - before


def ratio_contributions(owner: Indices, before: Floats, after: Floats, weights: tuple[Floats, Floats]) -> Floats:
    """What each part has in the change of R = sum(numerators) / sum(weights), in units of R.

    `owner` (int64, shape (n,), from 0) says which ratio a part belongs to; `before` and `after` are the parts'
    numerators, `weights` their weights before and after, all float64 of shape (n,). NaN where a ratio has no weight
    on one side.

    Of both sides only the composition counts: numerators and weights are taken per unit of the side's total weight, so
    that as much more of everything is no change. A part's contribution is R less R with the one part put back as it
    was, times the weight that then remains: so the parts add up to the change. (By themselves they do not, and their
    sum may be zero, so that dividing by it says nothing.) Putting the part forward instead gives slightly other
    figures; taken is the mean of both, which changes its sign alone when before and after change places. Written out:
    numerator's difference - mean R * weight's difference.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        (n_before, w_before), (n_after, w_after) = (
            (numerators / total, weight / total)
            for numerators, weight in zip((before, after), weights, strict=True)
            for total in (np.bincount(owner, weights=weight)[owner],)
        )
        ratio = np.bincount(owner, weights=n_before + n_after)[owner] / 2
        found: Floats = (n_after - n_before) - ratio * (w_after - w_before)
    return np.where(np.isfinite(found), found, np.nan)


def ranks(owner: Indices, contributions: Floats) -> Indices:
    """Each part's place among those of its owner, from 1, the largest contribution first whatever its sign.

    Of equal ones the first in the order given comes first. All of shape (n,).
    """
    order = np.lexsort((-np.abs(contributions), owner))
    sorted_owner = owner[order]
    first = np.flatnonzero(np.append(True, sorted_owner[1:] != sorted_owner[:-1])) if len(owner) else order
    sizes = np.diff(np.append(first, len(owner)))
    places = np.empty(len(owner), dtype=np.int64)
    places[order] = np.arange(len(owner)) - np.repeat(first, sizes) + 1
    return places
