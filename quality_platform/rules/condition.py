"""The condition plane: normal, pending, firing, recovering and normal again, whatever says that a level is reached.

The times are Prometheus': a wait (`for`) and a good while (`keep_firing_for`) are counted on the samples' own instants,
the latter from the first good one, and are met at exactly their length. Unlike there, a good while also ends between
two samples, by the clock, so that a series that stops after a good value does not stay open.

Belongs here: how a state moves. Does not belong here: which level a value has (the rule types), silence (`silence.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from quality_platform.model.alerts import Evidence, Level, RuleState, Transition
from quality_platform.model.rule_base import ZERO
from quality_platform.rules.levels import Judged

Tell = Callable[[Level, Level], Evidence]
"""Evidence of a change from one level to another; asked for only where there is one."""


@dataclass(frozen=True, slots=True)
class Times:
    """How long it must be bad and good; `patience` is the silence after which a wait begins anew (None: never)."""

    wait: timedelta = ZERO
    keep: timedelta = ZERO
    patience: timedelta | None = None


def advance(state: RuleState, level: Level, at: datetime, times: Times, tell: Tell, *, enough: bool = True) -> Judged:
    """`state` after an evaluation at `at` that found `level`; without `enough` data it neither fires nor clears."""
    if state.level == "ok":
        return _from_ok(state, level, at, times, tell, enough=enough)
    if not enough:
        return replace(state, evaluated_to=at, no_data=False), ()
    if level == "ok":
        return _fallen(state, at, times, tell)
    return _held(state, level, at, tell)


def lapsed(state: RuleState, now: datetime, keep: timedelta) -> bool:
    """Whether the good while is over at `now`, although no sample said so."""
    return state.recovering_since is not None and now - state.recovering_since >= keep


def cleared(state: RuleState, evidence: Evidence, reason: str = "") -> Judged:
    """`state` without what fires, as far judged as before."""
    after = RuleState(evaluated_to=state.evaluated_to, no_data=state.no_data)
    return after, (Transition(state.level, "ok", evidence, reason, state.breached_at),)


def _from_ok(
    state: RuleState, level: Level, at: datetime, times: Times, tell: Tell, *, enough: bool
) -> Judged:  # fmt: skip
    if level == "ok":
        return RuleState("ok", None, "ok", at), ()
    since = _since(state, at, times)
    if not enough or at - since < times.wait:
        return RuleState("ok", since, level, at), ()
    after = RuleState(level, None, "ok", at, None, since)
    return after, (Transition("ok", level, tell("ok", level), "", since),)


def _since(state: RuleState, at: datetime, times: Times) -> datetime:
    """When the wait began. A host that slept for hours between two high values was not busy for hours."""
    if state.pending_since is None or state.evaluated_to is None:
        return at
    if times.patience is not None and at - state.evaluated_to > times.patience:
        return at
    return state.pending_since


def _fallen(state: RuleState, at: datetime, times: Times, tell: Tell) -> Judged:
    since = at if state.recovering_since is None else state.recovering_since
    if at - since < times.keep:
        return replace(state, evaluated_to=at, recovering_since=since, no_data=False), ()
    told = Transition(state.level, "ok", tell(state.level, "ok"), "", state.breached_at)
    return RuleState("ok", None, "ok", at), (told,)


def _held(state: RuleState, level: Level, at: datetime, tell: Tell) -> Judged:
    after = RuleState(level, None, "ok", at, None, state.breached_at or at)
    if level == state.level:
        return after, ()
    return after, (Transition(state.level, level, tell(state.level, level), "", after.breached_at),)
