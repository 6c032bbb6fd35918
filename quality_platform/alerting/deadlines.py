"""What is due though nothing arrives: repeats, escalations, silences, snoozes, acknowledgements, flapping.

Every deadline is an instant in the database, so that a restart forgets none and catches up with each once. Called by
the live service every moment and by Dagster's sensors; whoever comes second finds nothing due.

Belongs here: finding what is due, and one look at each. Does not belong here: what follows (`episodes/`, `notices/`).
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from quality_platform.alerting.conditions.history import points
from quality_platform.alerting.conditions.relations import SAMPLES, Relation
from quality_platform.alerting.episodes import lookback, silence_alerts
from quality_platform.alerting.episodes.changes import Changes, series_of
from quality_platform.alerting.evaluate import Evaluation, outcome
from quality_platform.alerting.notices.background import MOST_PICTURES, NOTHING, Background
from quality_platform.alerting.notices.telling import Teller
from quality_platform.alerting.plan import Plan
from quality_platform.state import alerts
from quality_platform.state.database import State
from quality_platform.state.models import AlertRow, NoticeGroupRow, NoticeRow
from quality_platform.warehouse.lake import Lake

AT_ONCE = 500
"""Alerts looked at in one transaction."""


def next_deadline(state: State) -> datetime | None:
    """When something is due next; None when nothing is."""
    with state.read() as session:
        return alerts.next_deadline(session)


def tick(state: State, plan: Plan, now: datetime, lake: Lake | None = None, relation: Relation = SAMPLES) -> Evaluation:
    """Do what is due at `now`; messages show points out of `relation` where `lake` is given. Raises StateError."""
    total = Evaluation()
    while True:
        due = next_deadline(state)
        if due is None or due > now:
            return total
        shown = _background(state, lake, now, relation)
        with state.write(serial="alerts") as session:
            changes = Changes(session, plan, now, shown)
            looked = _look(changes)
        total += outcome(changes, judged=0, overtaken=0)
        if not looked:
            return total


def reconsider(state: State, now: datetime) -> None:
    """Another plan is in force: what the one before held back, in a mute window for months, may be told now."""
    held = sa.exists().where(NoticeRow.alert_id == AlertRow.id, NoticeRow.held, NoticeRow.waiting.is_not(None))
    with state.write(serial="alerts") as session:
        session.execute(sa.update(AlertRow).where(AlertRow.status != "resolved", held).values(due_at=now))


def _look(changes: Changes) -> int:
    """One transaction's work; returns how many silences, alerts and groups there were."""
    session, now = changes.session, changes.now
    ending = silence_alerts.warn(changes)
    teller = Teller(session, changes.plan, now, changes.background)
    due = alerts.due(session, now, AT_ONCE)
    before = {alert.id: alert.due_at for alert in due}
    teller.know(due)
    teller.looked = set(before)
    for alert in due:
        lookback.look(changes, teller, alert)
    groups = session.execute(
        sa.select(NoticeGroupRow.channel, NoticeGroupRow.group_key)
        .where(NoticeGroupRow.flush_at <= now)
        .order_by(NoticeGroupRow.flush_at)
        .limit(AT_ONCE)
    ).all()
    teller.due_groups = {(row.channel, row.group_key) for row in groups}
    changes.store(teller)
    for alert in due:
        if alert.due_at is not None and alert.due_at == before[alert.id]:  # another look now would find the same
            alert.due_at = teller.due_at(alert, after=now)
    return ending + len(due) + len(groups)


def _background(state: State, lake: Lake | None, now: datetime, relation: Relation) -> Background:
    """Points of what is about to be told, read before the transaction."""
    if lake is None or not lake.exists:
        return NOTHING
    waiting = sa.select(AlertRow).join(NoticeRow, NoticeRow.alert_id == AlertRow.id)
    waiting = waiting.join(
        NoticeGroupRow,
        sa.and_(NoticeGroupRow.channel == NoticeRow.channel, NoticeGroupRow.group_key == NoticeRow.group_key),
    ).where(NoticeGroupRow.flush_at <= now, NoticeRow.waiting.is_not(None))
    with state.read() as session:
        found = [*session.scalars(waiting.limit(MOST_PICTURES)), *alerts.due(session, now, MOST_PICTURES)]
    shown = {series_of(alert) for alert in found if alert.origin == "rule"}
    return Background(points(lake, sorted(shown, key=lambda each: each.key), until=now, relation=relation), {})
