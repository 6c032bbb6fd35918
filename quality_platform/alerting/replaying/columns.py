"""A series as columns, and the few samples of it that a rule needs to see.

A month of a busy series has more samples than a rule has reasons to change its mind. What is left out here changes no
transition: a property test holds the replay of what is kept against the replay of everything. Belongs here: columns to
samples. Does not belong here: judging them (`rules/`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from quality_platform.model.alerts import Sample, Series
from quality_platform.model.rules import AbsenceRule, HeartbeatRule, RuleConfig, ThresholdRule
from quality_platform.rules import silence, threshold
from quality_platform.rules.series import PACED

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

Instants = NDArray[np.int64]
Values = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Columns:
    """A series: microseconds since 1970, rising, and a value for each."""

    series: Series
    instants: Instants
    values: Values

    def samples(self, places: Places | slice = slice(None)) -> list[Sample]:
        """The samples at `places`."""
        pairs = zip(self.instants[places].tolist(), self.values[places].tolist(), strict=True)
        return [Sample(instant(at), value) for at, value in pairs]


def instant(microseconds: int) -> datetime:
    """The instant that a column holds as a number."""
    return EPOCH + microseconds * MICROSECOND


def microseconds(moment: datetime | timedelta) -> int:
    """An instant or a length as columns hold it."""
    length = moment if isinstance(moment, timedelta) else moment - EPOCH
    return length // MICROSECOND


def needed(rule: RuleConfig, columns: Columns, *, by_clock: bool) -> tuple[RuleConfig, Places] | None:
    """The samples that a threshold rule must see, and the rule to show them to; None where it needs all of them."""
    if not isinstance(rule, ThresholdRule) or _looks_further(rule) or not _has_company(rule, columns, by_clock):
        return None
    alone: RuleConfig = rule if rule.min_samples == 1 else rule.model_copy(update={"min_samples": 1})
    bands, breached = _bands(rule, columns.values)
    at = columns.instants
    gap = np.diff(at) > microseconds(threshold.times_of(rule).patience or timedelta.max)
    starts, fires = _fires(at, breached, gap, microseconds(rule.for_))
    if not len(starts):
        return alone, np.empty(0, dtype=np.int64)
    turns = np.flatnonzero((np.diff(bands) != 0) | (gap & breached[1:])) + 1
    resets = _resets(at, bands, microseconds(rule.keep_firing_for))
    ends = np.append(resets, len(at) - 1)[np.searchsorted(resets, fires)]
    changes = np.zeros(len(at) + 1, dtype=np.int64)  # +1 where a firing begins, -1 after it is over
    np.add.at(changes, starts, 1)
    np.add.at(changes, ends + 1, -1)
    firing = np.cumsum(changes[:-1]) > 0
    places = np.concatenate((turns, turns - 1, fires - 1))
    return alone, np.unique(np.concatenate((starts, fires, ends, places[(places >= 0) & firing[places]])))


def _fires(at: Instants, breached: NDArray[np.bool_], gap: NDArray[np.bool_], wait: int) -> tuple[Places, Places]:
    """Where stretches beyond a threshold begin that last long enough, and where each of them fires."""
    starts = np.flatnonzero(breached & np.concatenate(([True], ~breached[:-1] | gap)))
    ends = np.flatnonzero(breached & np.concatenate((~breached[1:] | gap, [True])))
    fires = np.searchsorted(at, at[starts] + wait)
    lasting = fires <= ends
    return starts[lasting], fires[lasting]


def _resets(at: Instants, bands: Places, keep: int) -> Places:
    """Where good stretches begin after which nothing fires any more, whatever fired before."""
    calm = bands == 0
    begins = np.flatnonzero(calm & np.concatenate(([True], ~calm[:-1])))
    after = np.flatnonzero(~calm & np.concatenate(([False], calm[:-1])))
    until = np.append(at[after], np.iinfo(np.int64).max // 2)[: len(begins)]
    lasting: Places = begins[until - at[begins] > keep]
    return lasting


def _looks_further(rule: ThresholdRule) -> bool:
    """Whether more than a value and its instant decides."""
    return threshold.looks_back(rule) or silence.matters(rule) or rule.min_denominator is not None


def _bands(rule: ThresholdRule, values: Values) -> tuple[Places, NDArray[np.bool_]]:
    """How many of the rule's bounds each value is beyond, and whether it is beyond a threshold; NaN is beyond none."""
    sign = 1.0 if rule.side == "above" else -1.0
    levels = [each for each in (rule.warning_threshold, rule.critical_threshold) if each is not None]
    clears = [each for each in (rule.warning_clear, rule.critical_clear) if each is not None]
    bounds = np.unique(sign * np.array([*levels, *clears]))
    signed = sign * values
    bands = np.where(np.isnan(values), 0, np.searchsorted(bounds, signed, side="left"))
    return bands, signed > min(sign * each for each in levels)


def _has_company(rule: ThresholdRule, columns: Columns, by_clock: bool) -> bool:
    """Whether `min_samples` never holds back a value that matters."""
    if rule.min_samples == 1:
        return True
    bands, _ = _bands(rule, columns.values)
    at, isnumber = columns.instants, ~np.isnan(columns.values)
    so_far = np.concatenate(([0], np.cumsum(isnumber)))
    if by_clock:
        window = microseconds(timedelta(minutes=rule.trend_window_minutes))
        begins = np.searchsorted(at, at - window, "right")
    else:  # a replay looks at so many observations before each, numbers or not
        begins = np.maximum(np.arange(len(at)) - rule.min_samples, 0)
    counted = so_far[1:] - so_far[begins]
    few = np.flatnonzero(counted < rule.min_samples)
    # few samples neither fire nor clear: where all are calm before anything fires, that is what they do anyway
    return not bool(np.any(bands[few])) and not bool(np.any(bands[: few[-1] + 1] if len(few) else False))


def silences(rule: AbsenceRule | HeartbeatRule, columns: Columns) -> Iterator[tuple[Places, int]]:
    """Stretches of a series around each gap that may be too long, and the place that it begins at.

    A stretch has the samples that the pace is taken from and the one that ends the gap; the last one has none.
    What the rule decides before the gap is of no account: it does not see enough of the series for that.
    """
    at = columns.instants
    gaps = np.diff(at)
    if isinstance(rule, HeartbeatRule):
        long, company = gaps > microseconds(rule.every + rule.grace), 1
    elif rule.stale_after is not None:
        long, company = gaps > microseconds(rule.stale_after), 1
    else:
        long, company = gaps > np.maximum(silence.PACES * _least_pace(gaps), microseconds(silence.LEAST)), PACED
    for place in np.flatnonzero(long).tolist():
        yield np.arange(max(place - company + 1, 0), place + 2), place
    yield np.arange(max(len(at) - company, 0), len(at)), len(at) - 1


def _least_pace(gaps: Instants) -> Instants:
    """The least of the gaps before each, of those that its pace is made of: no pace is less."""
    before = np.concatenate((np.full(PACED, np.iinfo(np.int64).max // 8), gaps))
    least: Instants = np.lib.stride_tricks.sliding_window_view(before, PACED).min(axis=1)
    return least[: len(gaps)]
