"""Sending groups: what waits in them becomes messages in the outbox, now or at a noted instant.

Belongs here: which notices go into one message. Does not belong here: when (`groups.py`), the words (`messages.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quality_platform.alerting.notices import labels, outbox, pacing
from quality_platform.alerting.notices.background import Background
from quality_platform.alerting.notices.happened import Happened
from quality_platform.alerting.notices.messages import Told
from quality_platform.alerting.plan import Plan
from quality_platform.alerting.routing.route import Route, group_labels
from quality_platform.alerting.routing.tree import routes_for
from quality_platform.model.alerts import SEVERITY_ORDER, Evidence, Series
from quality_platform.state.models import AlertRow, FlapRow, NoticeGroupRow, NoticeRow, OutboxAlertRow, OutboxRow

MOST_ALERTS = 50
"""Alerts that one message speaks of; more become more messages."""

FAMILIES: Mapping[str, int] = {
    "firing": 0, "repeat": 0, "escalated": 1, "flapping": 2, "acknowledged": 3, "settled": 4, "resolved": 5,
}  # fmt: skip
"""News that may share a message have one number; messages leave in the order of the numbers."""

Key = tuple[str, str]
Member = tuple[NoticeRow, AlertRow]


@dataclass(frozen=True, slots=True)
class Flush:
    """What groups become in one transaction."""

    session: Session
    plan: Plan
    now: datetime
    background: Background
    newest: Mapping[str, Happened]

    def groups(self, keys: Collection[Key]) -> int:
        """Send those of these groups that are due, note for the others when they are; returns the messages."""
        waiting = self._waiting(keys)
        known = self._known(keys)
        sent: list[outbox.Posted] = []
        for key, members in waiting.items():
            group = known.get(key)
            pace = pacing.pace(group, self._route(*members[0]))
            if group is None:
                group = NoticeGroupRow(channel=key[0], group_key=key[1], burst=0)
                self.session.add(group)
            at = pace.flush_at(self.now, urgent=any(map(_is_urgent, members)))
            if min(at, group.flush_at or at) > self.now:
                group.flush_at = min(at, group.flush_at or at)
                continue
            sent += self._messages(key, members)
            group.burst, group.flushed_at, group.flush_at = pace.flushed(self.now), self.now, None
        for key in keys - waiting.keys():
            if key in known:
                known[key].flush_at = None
        outbox.enqueue(self.session, sent)
        return len(sent)

    def _waiting(self, keys: Collection[Key]) -> dict[Key, list[Member]]:
        row = NoticeRow
        query = sa.select(row, AlertRow).join(AlertRow, AlertRow.id == row.alert_id)
        query = query.where(row.group_key.in_({key for _, key in keys}), row.waiting.is_not(None), ~row.held)
        found: dict[Key, list[Member]] = {}
        for notice, alert in self.session.execute(query):
            if (notice.channel, notice.group_key) in keys:
                found.setdefault((notice.channel, notice.group_key), []).append((notice, alert))
        return found

    def _known(self, keys: Collection[Key]) -> dict[Key, NoticeGroupRow]:
        query = sa.select(NoticeGroupRow).where(NoticeGroupRow.group_key.in_({key for _, key in keys}))
        return {(row.channel, row.group_key): row for row in self.session.scalars(query)}

    def _route(self, notice: NoticeRow, alert: AlertRow) -> Route | None:
        routes = routes_for(self.plan.routes, labels.read(alert))
        return next((route for route in routes if route.path == notice.route), None)

    def _messages(self, key: Key, members: Sequence[Member]) -> Iterator[outbox.Posted]:
        """The messages of a group, critical alerts first, and what follows for its notices."""
        for family in sorted({FAMILIES[notice.waiting or "firing"] for notice, _ in members}):
            of_one = [each for each in members if FAMILIES[each[0].waiting or "firing"] == family]
            of_one.sort(key=lambda each: (-SEVERITY_ORDER[each[1].severity], each[1].opened_at))
            for first in range(0, len(of_one), MOST_ALERTS):
                chunk = of_one[first : first + MOST_ALERTS]
                channel = self.plan.reachable.get(key[0])
                about = outbox.Group(
                    key[1], self._labels(*chunk[0]), self._first_message(key[0], chunk),
                    channel.retry_for if channel is not None else None,
                )  # fmt: skip
                yield outbox.posted(key[0], about, [self._told(*each) for each in chunk], self.now)
        for notice, alert in members:
            self._note(notice, alert)

    def _labels(self, notice: NoticeRow, alert: AlertRow) -> dict[str, str]:
        """What the alerts of a group have in common."""
        route = self._route(notice, alert)
        return (
            {}
            if route is None
            else group_labels(pacing.grouped(route, self.plan.rules.get(alert.rule)), labels.read(alert))
        )

    def _first_message(self, channel: str, chunk: Sequence[Member]) -> str | None:
        """The message that told `channel` first of the only alert in a message: mails about it are one thread."""
        if len(chunk) > 1 or chunk[0][0].told is None:
            return None
        row = OutboxRow
        query = sa.select(row.message_id).join(OutboxAlertRow, OutboxAlertRow.position == row.position)
        query = query.where(OutboxAlertRow.alert_id == chunk[0][1].id, row.channel == channel)
        return self.session.scalar(query.order_by(row.position).limit(1))

    def _told(self, notice: NoticeRow, alert: AlertRow) -> Told:
        newest = self.newest.get(alert.id)
        evidence = newest.evidence if newest else stored_evidence(alert)
        series = Series(alert.metric, alert.project, alert.subject, alert.labels)
        return Told(
            alert=alert, metric=self.plan.metric(alert.metric), news=notice.waiting or "firing", evidence=evidence,
            previous=newest.previous if newest else None, points=self.background.of(series),
            commit=self.background.commit(series, evidence), first=notice.told is None, now=self.now,
            note=(newest.note if newest else None) or "", base_url=self.plan.public_url,
            cycles=self._cycles(alert) if notice.waiting in {"flapping", "settled"} else None,
        )  # fmt: skip

    def _cycles(self, alert: AlertRow) -> int | None:
        row = self.session.get(FlapRow, alert.fingerprint)
        return None if row is None else row.cycles

    def _note(self, notice: NoticeRow, alert: AlertRow) -> None:
        notice.told, notice.told_kind, notice.told_at = alert.severity, notice.waiting, self.now
        notice.waiting, notice.held = None, False
        again = alert.status == "active" and notice.repeat_seconds > 0
        notice.repeat_at = self.now + timedelta(seconds=notice.repeat_seconds) if again else None


def stored_evidence(alert: AlertRow) -> Evidence:
    """What an alert rests on, as it was stored with it."""
    value = float("nan") if alert.value is None else alert.value
    return Evidence(value, alert.threshold, alert.observed_at)


def _is_urgent(member: Member) -> bool:
    notice, alert = member
    return alert.severity == "critical" or notice.waiting not in {"firing", "repeat"}
