"""The absence rule: a series that should come does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from quality_platform.model.alerts import RuleState, Sample
from quality_platform.model.rules import AbsenceRule
from quality_platform.rules.levels import Judged
from quality_platform.rules.presence import given_up, missing, seen

WHAT = "value"


def evaluate(rule: AbsenceRule, state: RuleState, samples: Sequence[Sample]) -> Judged:
    """Samples came, sorted by time: what was missing is back."""
    return seen(state, samples, "The series")


def elapse(rule: AbsenceRule, state: RuleState, now: datetime, limit: timedelta | None) -> Judged:
    """Nothing came up to `now`. Fires after more than `limit` (None: nobody knows the pace, so it waits).

    What fires clears with the reason `stale` once the series is forgotten; one that is silent so long never fires.
    A forgotten one has no data, and comes back with its next sample.
    """
    last, forgotten = state.evaluated_to, state.no_data and state.level == "ok"
    if forgotten or (limit is None and state.level == "ok"):
        return state, ()
    if last is not None and now - last > rule.forget_after:
        return (replace(state, no_data=True), ()) if state.level == "ok" else given_up(state, "series")
    if limit is None:
        return state, ()
    return missing(state, now, limit, rule.severity, WHAT)
