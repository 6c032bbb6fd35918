"""Whether something still comes: what a sample and the clock make of the memory of a rule that waits for it.

`evaluated_to` is when it came last, `pending_since` when somebody first looked for it in vain. Belongs here: the part
that absence and heartbeat share. Does not belong here: how long is too long, and how bad (`absence.py`,
`heartbeat.py`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from quality_platform.model.alerts import Evidence, RuleState, Sample, Transition
from quality_platform.model.rule_base import Fired
from quality_platform.rules.levels import Judged, lasting


def seen(state: RuleState, samples: Sequence[Sample], what: str) -> Judged:
    """It came, whatever its value; samples by time, of which only the newest counts, and only if it is news."""
    newest = samples[-1] if samples else None
    if newest is None or (state.evaluated_to is not None and newest.observed_at <= state.evaluated_to):
        return state, ()
    after = RuleState(evaluated_to=newest.observed_at)
    if state.level == "ok":
        return after, ()
    told = Evidence(newest.value, None, newest.observed_at, detail=f"{what} is back.")
    return after, (Transition(state.level, "ok", told, "", state.breached_at),)


def missing(state: RuleState, now: datetime, limit: timedelta, severity: Fired, what: str) -> Judged:
    """Time passes without it: fires when that lasts longer than `limit`, the first time since somebody looked."""
    last = state.evaluated_to or state.pending_since
    if state.level != "ok" or (last is not None and now - last <= limit):
        return state, ()
    if last is None:
        return replace(state, pending_since=now, pending_level=severity), ()
    told = f"No {what} for {lasting(now - last)}; it may take {lasting(limit)}."
    if state.evaluated_to is None:
        told = f"No {what} has ever come; waited for {lasting(now - last)}."
    after = RuleState(severity, evaluated_to=state.evaluated_to, breached_at=last, no_data=True)
    return after, (Transition(state.level, severity, Evidence(math.nan, None, last, detail=told), "no_data", last),)


def given_up(state: RuleState, what: str) -> Judged:
    """Nobody expects it any more."""
    last = state.evaluated_to or state.breached_at
    assert last is not None
    told = Evidence(math.nan, None, last, detail=f"The {what} does not come any more.")
    after = RuleState(evaluated_to=state.evaluated_to, no_data=True)
    return after, (Transition(state.level, "ok", told, "stale", state.breached_at),)
