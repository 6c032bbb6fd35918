"""The messages that news of alerts would have become: routes, groups, repeats. Pure.

Who is told and when a group is sent is asked of the same functions as live. Left out: escalations, silences, mute
windows and inhibition, which depend on people and on other rules. Belongs here: news to messages. Does not belong here:
which news there is (`episodes.py`).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from quality_platform.alerting.notices import pacing
from quality_platform.alerting.notices.flushing import FAMILIES, MOST_ALERTS
from quality_platform.alerting.notices.labels import labels_of
from quality_platform.alerting.plan import Plan
from quality_platform.alerting.replaying.episodes import Episode, News
from quality_platform.alerting.routing.tree import Route, group_key, routes_for
from quality_platform.model.alerts import Series
from quality_platform.model.rules import RuleConfig
from quality_platform.state.models import NoticeGroupRow

MOST = 200_000
"""Messages after which nobody counts on."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one channel."""

    at: datetime
    channel: str


@dataclass(slots=True)
class _Notice:
    """What one channel knows of one alert."""

    channel: str
    group: tuple[str, str]
    route: Route
    told: bool = False
    waiting: str | None = None
    repeat_at: datetime | None = None


@dataclass
class Messages:
    """The messages of one rule on all its series."""

    plan: Plan
    key: str
    rule: RuleConfig
    sent: list[Message] = field(default_factory=list)
    _notices: dict[int, dict[str, _Notice]] = field(default_factory=dict)
    _groups: dict[tuple[str, str], NoticeGroupRow] = field(default_factory=dict)
    _waiting: dict[tuple[str, str], list[tuple[_Notice, Episode]]] = field(default_factory=dict)
    _queue: list[tuple[datetime, int, object]] = field(default_factory=list)
    _ways: dict[tuple[Series, str], tuple[tuple[str, Route, str], ...]] = field(default_factory=dict)
    _over: set[int] = field(default_factory=set)

    def follow(self, news: Iterable[News], until: datetime) -> Messages:
        """Send what becomes of `news`, and what is due by `until`."""
        self._order = count()
        for each in sorted(news, key=lambda one: one.at):
            self._push(each.at, each)
        while self._queue and self._queue[0][0] <= until and len(self.sent) < MOST:
            now, _, what = heapq.heappop(self._queue)
            if isinstance(what, News):
                self._tell(what, now)
            elif isinstance(what, _Repeat):
                self._repeat(what, now)
            elif isinstance(what, tuple) and self._groups[what].flush_at == now:
                self._flush(what, now)
        return self

    def _push(self, at: datetime, what: object) -> None:
        heapq.heappush(self._queue, (at, next(self._order), what))

    def _tell(self, news: News, now: datetime) -> None:
        notices = self._notices.setdefault(id(news.alert), {})
        for notice in self._concerned(news, notices):
            if news.kind == "resolved":
                notice.repeat_at = None
                if not self.plan.reachable[notice.channel].send_resolved:
                    notice.waiting = None
                    continue
            self._wait(notice, news.alert, news.kind, now)
        if news.kind == "resolved":
            self._over.add(id(news.alert))
        elif news.kind == "firing":
            self._over.discard(id(news.alert))

    def _concerned(self, news: News, notices: dict[str, _Notice]) -> Iterator[_Notice]:
        """Who knows of the alert, and of a start also whom its labels lead to."""
        if news.kind == "firing":
            for channel, route, key in self._way(news.alert.series, news.severity):
                notices.setdefault(channel, _Notice(channel, (channel, key), route))
            yield from notices.values()
        else:
            yield from (each for each in notices.values() if each.told or each.waiting is not None)

    def _way(self, series: Series, severity: str) -> tuple[tuple[str, Route, str], ...]:
        found = self._ways.get((series, severity))
        if found is None:
            extra: Mapping[str, str] = self.rule.labels
            known = labels_of(series, rule=self.key, alert_type=self.rule.type, severity=severity, extra=extra)
            found = tuple(
                (channel, route, group_key(pacing.grouped(route, self.rule), known))
                for route in routes_for(self.plan.routes, known)
                for channel in route.channels
            )
            self._ways[series, severity] = found
        return found

    def _wait(self, notice: _Notice, alert: Episode, kind: str, now: datetime) -> None:
        if notice.waiting is None:
            self._waiting.setdefault(notice.group, []).append((notice, alert))
        notice.waiting = kind
        group = self._groups.get(notice.group)
        if group is None:
            group = NoticeGroupRow(channel=notice.channel, group_key=notice.group[1], burst=0)
            self._groups[notice.group] = group
        urgent = alert.severity == "critical" or kind in ("resolved", "settled")
        at = pacing.pace(group, notice.route).flush_at(now, urgent=urgent)
        if group.flush_at is None or at < group.flush_at:
            group.flush_at = at
            self._push(at, notice.group)

    def _flush(self, key: tuple[str, str], now: datetime) -> None:
        group = self._groups[key]
        members = [(notice, alert) for notice, alert in self._waiting.pop(key, ()) if notice.waiting is not None]
        group.flush_at = None
        if not members:
            return
        families = [FAMILIES[notice.waiting or "firing"] for notice, _ in members]
        for family in set(families):
            self.sent += [Message(now, key[0])] * -(-families.count(family) // MOST_ALERTS)
        group.burst = pacing.pace(group, members[0][0].route).flushed(now)
        group.flushed_at = now
        for notice, alert in members:
            notice.told, notice.waiting = True, None
            every = pacing.repeat_interval(notice.route, self.rule, alert.severity)
            if every > timedelta(0) and id(alert) not in self._over:
                notice.repeat_at = now + every
                self._push(notice.repeat_at, _Repeat(notice, alert))

    def _repeat(self, due: _Repeat, now: datetime) -> None:
        if due.notice.repeat_at == now and due.notice.waiting is None:
            self._wait(due.notice, due.alert, "repeat", now)


@dataclass(frozen=True, slots=True)
class _Repeat:
    notice: _Notice
    alert: Episode
