"""The clock was set back: nothing may wait for an instant that comes again.

What has happened cannot lie ahead. Where it does, it counts as having happened now, and what is due so long after it is
due so long after now. Instants that people named (a snooze, the end of a silence) are theirs and stay.

Belongs here: the memory of rules, alerts and notices. Does not belong here: noticing (`set_clock.py`), messages that
wait for another attempt (`state/outbox.py`).
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quality_platform.alerting.conditions.grains import grain_of
from quality_platform.alerting.conditions.sampled import sampled_rules
from quality_platform.alerting.delivery.backoff import LONGEST_PAUSE
from quality_platform.alerting.plan import Plan
from quality_platform.model.rules import BurnRateRule
from quality_platform.rules.matching import metric_of
from quality_platform.state import alerts, outbox
from quality_platform.state.database import State
from quality_platform.state.models import AlertRow, FlapRow, NoticeGroupRow, NoticeRow, RuleStateRow, SilenceRow

SKEW = timedelta(minutes=1)
"""Clocks of machines that share a state may differ by this; a rule's memory is not touched for less."""

OPEN = AlertRow.status != "resolved"
UNNOTICED = timedelta(minutes=1)
"""So long before it is noticed the clock may have been set: Dagster's sensors look every half minute."""

# how far each goes back: what came since the clock was set is still to be judged
_MEMORIES = (
    (RuleStateRow.evaluated_to, UNNOTICED),
    (RuleStateRow.pending_since, timedelta(0)),
    (RuleStateRow.recovering_since, timedelta(0)),
)


def follow(moved: timedelta | None, state: State, plan: Plan, now: datetime) -> bool:
    """Unwind where the clock `moved` back; None for who does not know: then the state tells. Returns whether it did."""
    back = moved < timedelta(0) if moved is not None else _is_ahead(state, plan, now)
    if back:
        unwind(state, plan, now)
    return back


def _is_ahead(state: State, plan: Plan, now: datetime) -> bool:
    """Whether something has happened that lies ahead of `now`."""
    newest = sa.select(sa.func.max(RuleStateRow.evaluated_to)).where(RuleStateRow.rule.in_(_by_clock(plan)))
    with state.read() as session:
        found = (session.scalar(newest), alerts.newest_instant(session))
        return any(each is not None and each > now + SKEW for each in found)


def unwind(state: State, plan: Plan, now: datetime) -> None:
    """Bring back what lies ahead of `now` and cannot; again, it changes nothing more. Raises StateError."""
    with state.write(serial="alerts") as session:
        _remember_less(session, plan, now)
        _hold_still(session, now)
        _keep_silences(session, now)
        _hold_closed(session, now)
        _count_anew(session, now)
        # what waits in a group is told, and every open alert is looked at: it knows then when it is due
        session.execute(sa.update(NoticeGroupRow).where(NoticeGroupRow.flush_at > now).values(flush_at=now))
        later = sa.or_(AlertRow.due_at > now, AlertRow.due_at.is_(None))
        session.execute(sa.update(AlertRow).where(OPEN, later).values(due_at=now))
        outbox.unwind(session, now, timedelta(seconds=LONGEST_PAUSE))


def _remember_less(session: Session, plan: Plan, now: datetime) -> None:
    """Samples come with the time as it is now: what a rule was judged to must not hide them."""
    for column, earlier in _MEMORIES:
        ahead = sa.and_(RuleStateRow.rule.in_(_by_clock(plan)), column > now + SKEW)
        session.execute(sa.update(RuleStateRow).where(ahead).values({column.key: now - earlier}))


def _by_clock(plan: Plan) -> list[str]:
    """Rules over metrics whose instants are the clock's; a commit has the time of who made it."""
    rules = {**sampled_rules(plan), **plan.rules_of(BurnRateRule)}
    return [key for key, rule in rules.items() if grain_of(plan.metric(metric_of(rule)).grain).by_clock]


def _hold_still(session: Session, now: datetime) -> None:
    """Flapping ends so long after the last change."""
    for row in session.scalars(sa.select(FlapRow).where(FlapRow.changes != "[]")):
        changes = [datetime.fromisoformat(each) for each in json.loads(row.changes)]
        row.changes = json.dumps([min(each, now).isoformat() for each in changes])


def _keep_silences(session: Session, now: datetime) -> None:
    """One that was in force is in force; one that was made for later begins then; one that was ended is over."""
    ended = sa.and_(SilenceRow.ends_at > now, SilenceRow.ends_at <= SilenceRow.updated_at)
    session.execute(sa.update(SilenceRow).where(ended).values(starts_at=now, ends_at=now, updated_at=now))
    begun = sa.and_(SilenceRow.starts_at > now, SilenceRow.starts_at <= SilenceRow.updated_at)
    session.execute(sa.update(SilenceRow).where(begun).values(starts_at=now))


def _hold_closed(session: Session, now: datetime) -> None:
    """What was resolved by hand is not held closed for longer than that."""
    held = sa.select(AlertRow).where(
        AlertRow.due_at > now, AlertRow.resolved_at > now, AlertRow.held_until.is_not(None)
    )
    for alert in session.scalars(held):
        if alert.held_until is not None and alert.resolved_at is not None:
            alert.held_until -= alert.resolved_at - now
            alert.due_at = alert.held_until


def _count_anew(session: Session, now: datetime) -> None:
    """The next step of an escalation, and the next time that somebody is told again."""
    for alert in session.scalars(sa.select(AlertRow).where(OPEN, AlertRow.escalated_from > now)):
        if alert.escalated_from is not None and alert.escalation_at is not None:
            alert.escalation_at -= alert.escalated_from - now
        alert.escalated_from = now
    repeating = sa.select(NoticeRow).join(AlertRow, AlertRow.id == NoticeRow.alert_id)
    for notice in session.scalars(repeating.where(OPEN, NoticeRow.repeat_at > now)):
        latest = now + timedelta(seconds=notice.repeat_seconds)
        notice.repeat_at = min(notice.repeat_at or latest, latest)
