"""The regression rule: a metric stepped in its bad direction and has not come back since, or is under its baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from quality_platform.model.alerts import Evidence, RuleState, Sample
from quality_platform.model.change import percent_change, worsening
from quality_platform.model.metric import Direction
from quality_platform.model.rules import RegressionRule
from quality_platform.rules.baseline import against_baseline
from quality_platform.rules.levels import Judged, amount, graded, moved


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """What `marts.metric_changes` says of one step: since when, the levels, and where it came from."""

    changed_at: datetime
    before: float
    after: float
    commit_sha: str | None = None
    batch_id: str | None = None


def evaluate(
    rule: RegressionRule,
    state: RuleState,
    changes: Sequence[ChangeRow],
    *,
    latest: Sample,
    now: datetime,
    direction: Direction,
    unit: str = "",
    samples: Sequence[Sample] = (),
    releases: Sequence[datetime] = (),
) -> Judged:
    """Judge a series by all its steps, in any order; none at all clears what fires.

    A rule with a baseline looks at `samples`, sorted by time, and at the instants of `releases` instead.

    A step counts while it is no older than `within` and was large enough by itself. It is graded by what is
    left of it: the level of today, after the newest step, against the level before it. `latest` is the newest
    observation of the series; an evaluation for an earlier `now` than one before is ignored.
    """
    if rule.baseline is not None:
        return against_baseline(
            rule.baseline, state, samples, releases=releases, within=rule.within, direction=direction, unit=unit
        )
    if state.evaluated_to is not None and now < state.evaluated_to:
        return state, ()
    ordered = sorted(changes, key=lambda change: change.changed_at)
    worst = _worst(rule, ordered, now, direction)
    if worst is None:
        gone = Evidence(latest.value, None, latest.observed_at, detail="No step of the last days counts any more.")
        return moved(state, "ok", gone, now)
    today = ordered[-1]
    left = worsening(direction, percent_change(worst.before, today.after))
    level = graded(left, rule.warning_percent, rule.critical_percent)
    return moved(state, level, _evidence(rule, worst, today, direction, unit, fires=level != "ok"), now)


def _worst(rule: RegressionRule, ordered: list[ChangeRow], now: datetime, direction: Direction) -> ChangeRow | None:
    """Of the steps that count, the one of which most is left."""
    counting = [
        change
        for change in ordered
        if now - change.changed_at <= rule.within
        and worsening(direction, percent_change(change.before, change.after)) >= rule.warning_percent
    ]
    if not counting:
        return None
    after = ordered[-1].after
    return max(counting, key=lambda change: worsening(direction, percent_change(change.before, after)))


def _evidence(
    rule: RegressionRule, step: ChangeRow, today: ChangeRow, direction: Direction, unit: str, *, fires: bool
) -> Evidence:
    """The step while something is left of it, afterwards the step that made it good."""
    allowed = rule.warning_percent if direction == "lower_is_better" else -rule.warning_percent
    told = step if fires else today
    return Evidence(
        value=told.after,
        threshold=step.before + abs(step.before) * allowed / 100.0,
        observed_at=told.changed_at,
        batch_id=told.batch_id,
        detail=stepped(told, unit),
    )


def stepped(change: ChangeRow, unit: str) -> str:
    """A step in a sentence."""
    commit = f" at {change.commit_sha[:12]}" if change.commit_sha else ""
    percent = percent_change(change.before, change.after)
    return f"Stepped from {amount(change.before, unit)} to {amount(change.after, unit)} ({percent:+.1f}%){commit}."
