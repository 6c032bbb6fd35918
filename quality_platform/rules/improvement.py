"""The improvement rule: a metric stepped in its good direction, which is news for some days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from quality_platform.model.alerts import Evidence, RuleState, Sample
from quality_platform.model.change import percent_change, worsening
from quality_platform.model.metric import Direction
from quality_platform.model.rules import ImprovementRule
from quality_platform.rules.levels import Judged, moved
from quality_platform.rules.regression import ChangeRow, stepped


def evaluate(
    rule: ImprovementRule,
    state: RuleState,
    changes: Sequence[ChangeRow],
    *,
    latest: Sample,
    now: datetime,
    direction: Direction,
    unit: str = "",
) -> Judged:
    """Judge a series by its steps, in any order: info while one of the last days was good enough and still is.

    `latest` is the newest observation; an evaluation for an earlier `now` than one before is ignored.
    """
    if state.evaluated_to is not None and now < state.evaluated_to:
        return state, ()
    today = max(changes, key=lambda change: change.changed_at, default=None)
    best = None if today is None else _best(rule, changes, today, now, direction)
    if best is None:
        over = Evidence(latest.value, None, latest.observed_at, detail="It is no news any more.")
        return moved(state, "ok", over, now)
    told = Evidence(best.after, best.before, best.changed_at, batch_id=best.batch_id, detail=stepped(best, unit))
    return moved(state, "info", told, now)


def _best(
    rule: ImprovementRule, changes: Sequence[ChangeRow], today: ChangeRow, now: datetime, direction: Direction
) -> ChangeRow | None:
    def gain(change: ChangeRow, level: float) -> float:
        return -worsening(direction, percent_change(change.before, level))

    counting = [
        change
        for change in changes
        if now - change.changed_at <= rule.within
        and gain(change, change.after) >= rule.min_percent
        and gain(change, today.after) >= rule.min_percent
    ]
    return max(counting, key=lambda change: gain(change, today.after), default=None)
