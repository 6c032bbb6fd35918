"""Who is told what: from events of alerts to notices, inside the caller's transaction.

The promise kept here: a channel that was told of a start is told of the end, whatever silences, routes or restarts came
between; and what came and went before it could be told is told as one.

Belongs here: which notices change. Does not belong here: when a group is sent (`flushing.py`), what holds news back
(`suppression.py`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quality_platform.alerting.notices import labels, pacing
from quality_platform.alerting.notices.background import NOTHING, Background
from quality_platform.alerting.notices.flushing import Flush
from quality_platform.alerting.notices.happened import STARTS, UPDATES, Happened, News
from quality_platform.alerting.notices.suppression import AGAIN, Held, Suppression
from quality_platform.alerting.plan import Plan
from quality_platform.alerting.routing.route import Route, group_key
from quality_platform.alerting.routing.tree import routes_for
from quality_platform.state.models import AlertRow, NoticeRow

REPLACED = frozenset({"resolved", "repeat", "acknowledged"})
"""News that means nothing any more once something else has happened."""


@dataclass
class Teller:
    """Collects what is to be told, then `finish` sends what is due. For one transaction."""

    session: Session
    plan: Plan
    now: datetime
    background: Background = NOTHING
    alerts: dict[str, AlertRow] = field(default_factory=dict)
    notices: dict[str, dict[str, NoticeRow]] = field(default_factory=dict)
    newest: dict[str, Happened] = field(default_factory=dict)
    """By alert, what happened to it last."""
    due_groups: set[tuple[str, str]] = field(default_factory=set)
    """Groups that are due though nothing happened to their alerts."""
    looked: set[str] = field(default_factory=set)
    """Alerts whose deadline has come and is seen to in this transaction."""

    def __post_init__(self) -> None:
        self.suppression = Suppression(self.session, self.plan, self.now)

    def know(self, alerts: Iterable[AlertRow]) -> None:
        """Read what the channels have been told about `alerts`, which are in the session."""
        new = {alert.id: alert for alert in alerts if alert.id not in self.alerts}
        self.alerts |= new
        self.notices |= {key: {} for key in new}
        for row in self.session.scalars(sa.select(NoticeRow).where(NoticeRow.alert_id.in_(new))):
            self.notices[row.alert_id][row.channel] = row

    def tell(self, happened: Sequence[Happened]) -> None:
        """Note what each of `happened` means to whom, in their order."""
        self.know({each.alert.id: each.alert for each in happened}.values())
        for each in happened:
            self.newest[each.alert.id] = each
            if each.kind in STARTS:
                self.start(each.alert, bypass=each.bypass)
            elif each.kind == "resolved":
                self.end(each.alert)
            elif each.kind in UPDATES:
                self.update(each.alert, each.kind)  # type: ignore[arg-type]  # UPDATES are news
            elif each.kind == "escalated":
                self.escalate(each.alert, each.channels)
            elif each.kind == "unsnoozed":
                self.release(each.alert)

    def start(self, alert: AlertRow, *, bypass: bool = False) -> None:
        """It fires, or fires otherwise than before: those whom it concerns, and those who know of it."""
        held = self.held(alert)
        if bypass:
            held = Held(held.silenced, held.inhibited, held.snoozed)
        routed = dict(self.routed(alert))
        for notice in self._of(alert).values():
            if bypass and notice.waiting == "flapping":
                notice.waiting = None  # it got worse, which says more
            if notice.told is not None and notice.channel not in routed:
                self._wait(notice, "firing", held=bool(held))
        muted = self._mute(alert, routed)
        for channel, route in routed.items():
            self._wait(self._notice(alert, channel, route), "firing", held=bool(held or muted[channel]))

    def end(self, alert: AlertRow) -> None:
        """It is over: all who know of it; who was about to learn of it learns both in one."""
        self.suppression.lift(alert)
        self.suppression.expire(alert)
        for notice in self._of(alert).values():
            notice.repeat_at = None
            if self._tells_end(notice) and (notice.told is not None or (notice.waiting and not notice.held)):
                self._wait(notice, "resolved", held=False)
            else:
                notice.waiting, notice.held = None, False

    def update(self, alert: AlertRow, news: News) -> None:
        """Something that only those want to know who know of the alert."""
        for notice in self._of(alert).values():
            if news == "acknowledged":
                notice.repeat_at = None
            if notice.told is not None:
                self._wait(notice, news, held=False)

    def escalate(self, alert: AlertRow, channels: Iterable[str]) -> None:
        """These channels are told now, whatever the routes say; not while something holds it back."""
        held = bool(self.held(alert))
        routes = [route for _, route in self.routed(alert)]
        for channel in channels:
            if channel in self.plan.reachable and routes:
                self._wait(self._notice(alert, channel, routes[0]), "escalated", held=held)

    def repeat(self, alert: AlertRow) -> None:
        """It still fires: those whose time has come, unless it is acknowledged or held back."""
        held = self.suppression.of(alert, "repeat")
        for notice in self._of(alert).values():
            if notice.repeat_at is None or notice.repeat_at > self.now:
                continue
            if held or alert.status != "active" or self._muted(alert, notice):
                notice.repeat_at = self.now + timedelta(seconds=notice.repeat_seconds)
            elif notice.waiting is None:
                self._wait(notice, "repeat", held=False)

    def release(self, alert: AlertRow) -> None:
        """Look again at what is held back: an end of a silence is told of, once."""
        held = bool(self.held(alert))
        muted = self._mute(alert, dict(self.routed(alert)))
        for notice in self._of(alert).values():
            if notice.waiting and notice.held:
                notice.held = held or bool(muted.get(notice.channel))

    def held(self, alert: AlertRow) -> Held:
        """What holds news of `alert` back, noted on it."""
        found = self.suppression.of(alert)
        alert.silenced_by = json.dumps(sorted(found.silenced))
        alert.inhibited_by = json.dumps(sorted(found.inhibited))
        return found

    def finish(self) -> int:
        """Put what is due into the outbox, and note when each alert must be looked at again; returns the messages."""
        flush = Flush(self.session, self.plan, self.now, self.background, self.newest)
        waiting = [n for rows in self.notices.values() for n in rows.values() if n.waiting and not n.held]
        self.session.flush()
        sent = flush.groups({(notice.channel, notice.group_key) for notice in waiting} | self.due_groups)
        for alert in self.alerts.values():
            if not self._is_overdue(alert):
                alert.due_at = self.due_at(alert)
        return sent

    def _is_overdue(self, alert: AlertRow) -> bool:
        """Whether a look is still to come: what ended a moment ago is no longer among the instants to come."""
        return alert.due_at is not None and alert.due_at <= self.now and alert.id not in self.looked

    def due_at(self, alert: AlertRow, *, after: datetime | None = None) -> datetime | None:
        """When `alert` must be looked at again though nothing arrives.

        What was due at `after`, when it was looked at, is held back: it is looked at again a while later.
        """
        instants = self._instants(alert)
        if after is not None:
            instants = (each if each > after else after + AGAIN for each in instants)
        return min(instants, default=None)

    def _instants(self, alert: AlertRow) -> Iterator[datetime]:
        if alert.status == "resolved":
            if alert.held_until is not None:
                yield alert.held_until
            return
        notices = self._of(alert).values()
        yield from (notice.repeat_at for notice in notices if notice.repeat_at is not None)
        named = (alert.acknowledged_until, alert.snoozed_until, alert.ends_at)
        yield from (instant for instant in named if instant is not None)
        if alert.status == "active" and alert.escalation_at is not None:
            yield alert.escalation_at
        if alert.flapping:
            yield pacing.settles_at(self.session, alert.fingerprint, self.plan.rules.get(alert.rule), self.now)
        if any(notice.held for notice in notices):
            yield from self.suppression.changes(alert, [route for _, route in self.routed(alert)])
        yield from self.suppression.marks_change(alert)

    def routed(self, alert: AlertRow) -> Iterator[tuple[str, Route]]:
        """Channels that the alert's labels lead to, each with the first route that names it."""
        seen: set[str] = set()
        for route in routes_for(self.plan.routes, labels.read(alert)):
            for channel in route.channels:
                if channel not in seen and channel in self.plan.reachable:
                    seen.add(channel)
                    yield channel, route

    def _mute(self, alert: AlertRow, routed: Mapping[str, Route]) -> Mapping[str, tuple[str, ...]]:
        """By channel the windows that mute it, all of them noted on the alert."""
        muted = {channel: self.suppression.muted(route) for channel, route in routed.items()}
        alert.muted_by = json.dumps(sorted({name for found in muted.values() for name in found}))
        return muted

    def _muted(self, alert: AlertRow, notice: NoticeRow) -> bool:
        route = dict(self.routed(alert)).get(notice.channel)
        return route is not None and bool(self.suppression.muted(route))

    def _of(self, alert: AlertRow) -> dict[str, NoticeRow]:
        return self.notices[alert.id]

    def _notice(self, alert: AlertRow, channel: str, route: Route) -> NoticeRow:
        found = self._of(alert).get(channel)
        if found is None:
            rule = self.plan.rules.get(alert.rule)
            known = labels.read(alert)
            found = NoticeRow(
                alert_id=alert.id, channel=channel, route=route.path, held=False, told=None, waiting=None,
                group_key=group_key(pacing.grouped(route, rule), known),
                repeat_seconds=pacing.repeat_interval(route, rule, alert.severity).total_seconds(),
            )  # fmt: skip
            self.session.add(found)
            self._of(alert)[channel] = found
        return found

    def _wait(self, notice: NoticeRow, news: News, *, held: bool) -> None:
        """Have `news` wait for the group. What waits already stays where it says more: a first start says all."""
        notice.held = held
        if notice.waiting is None or notice.waiting in REPLACED or news in {"resolved", "flapping", "settled"}:
            notice.waiting, notice.waiting_since = news, self.now

    def _tells_end(self, notice: NoticeRow) -> bool:
        channel = self.plan.reachable.get(notice.channel)
        return channel is not None and channel.send_resolved
