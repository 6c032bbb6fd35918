"""For an alert and a channel: what decided whether it was told.

Belongs here: reading the stored facts, once, in one transaction. Does not belong here: what follows from them
(`reasons.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quality_platform.alerting.facts import Facts, Step
from quality_platform.alerting.notices import labels, pacing
from quality_platform.alerting.notices.suppression import Held, Suppression
from quality_platform.alerting.plan import Plan
from quality_platform.alerting.reasons import steps
from quality_platform.alerting.routing.tree import Route, routes_for
from quality_platform.errors import NotFoundError
from quality_platform.state import channel_health
from quality_platform.state.database import State
from quality_platform.state.models import (
    AlertRow,
    ChannelHealthRow,
    NoticeGroupRow,
    NoticeRow,
    OutboxAlertRow,
    OutboxRow,
    SilenceRow,
)


def explain(state: State, plan: Plan, alert_id: str, channel: str | None, now: datetime) -> tuple[Step, ...]:
    """The steps from the rule to `channel`, or to every channel that has to do with the alert (None).

    Raises NotFoundError for an alert or a channel that there is not.
    """
    with state.read() as session:
        alert = session.get(AlertRow, alert_id)
        if alert is None:
            raise NotFoundError(f"There is no alert {alert_id}.", hint="`quality-platform alerts` lists them.")
        notices = {row.channel: row for row in session.scalars(sa.select(NoticeRow).filter_by(alert_id=alert_id))}
        routes = routes_for(plan.routes, labels.read(alert))
        found = channels_of(routes, notices) if channel is None else [channel]
        if channel is not None and channel not in plan.reachable and channel not in notices:
            raise NotFoundError(f"There is no channel {channel!r}.", hint=f"There are: {', '.join(plan.reachable)}.")
        reader = _Reader(session, plan, alert, now, routes)
        return tuple(step for name in found for step in steps(reader.facts(name, notices.get(name))))


def channels_of(routes: Iterable[Route], told: Collection[str]) -> list[str]:
    """Channels that the routes lead to, then those that were told otherwise, each once."""
    return list(dict.fromkeys([*(name for route in routes for name in route.channels), *sorted(told)]))


class _Reader:
    """The facts about one alert, those that are the same for all channels read once."""

    def __init__(self, session: Session, plan: Plan, alert: AlertRow, now: datetime, routes: tuple[Route, ...]) -> None:
        self._session, self._plan, self._alert, self._now, self._routes = session, plan, alert, now, routes
        self._suppression = Suppression(session, plan, now)
        over = alert.status == "resolved"  # an end is never held back
        self._held = Held() if over else self._suppression.of(alert)
        self._silences = self._reasons(self._held.silenced)
        self._inhibitors = self._messages(self._held.inhibited)

    def facts(self, channel: str, notice: NoticeRow | None) -> Facts:
        alert, session = self._alert, self._session
        rule = self._plan.rules.get(alert.rule)
        route = next((each for each in self._routes if channel in each.channels), None)
        muted = self._suppression.muted(route) if route is not None and alert.status != "resolved" else ()
        return Facts(
            alert=alert, labels=labels.read(alert), rule=rule, channel=channel,
            channel_config=self._plan.reachable.get(channel), routes=self._routes, route=route, now=self._now,
            held=self._held, silences=self._silences, inhibitors=self._inhibitors, muted=muted,
            settles_at=pacing.settles_at(session, alert.fingerprint, rule, self._now) if alert.flapping else None,
            notice=notice, message=self._message(channel), health=session.get(ChannelHealthRow, channel),
            group=session.get(NoticeGroupRow, (channel, notice.group_key)) if notice is not None else None,
            limited=channel_health.limit_reached(session, channel),
        )  # fmt: skip

    def _message(self, channel: str) -> OutboxRow | None:
        about = OutboxAlertRow
        query = sa.select(OutboxRow).join(about, about.position == OutboxRow.position)
        query = query.where(about.alert_id == self._alert.id, OutboxRow.channel == channel)
        return self._session.scalars(query.order_by(OutboxRow.position.desc()).limit(1)).first()

    def _reasons(self, silences: Collection[str]) -> Mapping[str, str]:
        rows = self._session.scalars(sa.select(SilenceRow).where(SilenceRow.id.in_(silences)))
        return {row.id: f"{row.comment} ({row.created_by}, until {row.ends_at:%Y-%m-%d %H:%M} UTC)" for row in rows}

    def _messages(self, alerts: Collection[str]) -> Mapping[str, str]:
        rows = self._session.scalars(sa.select(AlertRow).where(AlertRow.id.in_(alerts)))
        return {row.id: f"{row.rule}, {row.message}" for row in rows}
