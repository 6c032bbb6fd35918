"""Open alerts as Alertmanager shows them, and its filters.

Belongs here: one alert's shape, and which are shown. Does not belong here: addresses (`alerts.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from quality_platform.alerting import listing
from quality_platform.alerting.plan import Plan
from quality_platform.alerting.routing.tree import Route, routes_for
from quality_platform.api.routes.alertmanager.forms import Shown, receivers, written
from quality_platform.model.matchers import Matcher, checked, parsed_all
from quality_platform.state import alert_lists
from quality_platform.state.alert_lists import Wanted
from quality_platform.state.database import State
from quality_platform.state.models import AlertRow

_COLUMNS = (
    AlertRow.fingerprint, AlertRow.status, AlertRow.message, AlertRow.annotations, AlertRow.silenced_by,
    AlertRow.inhibited_by, AlertRow.opened_at, AlertRow.breached_at, AlertRow.updated_at, AlertRow.ends_at,
    AlertRow.generator_url,
)  # fmt: skip
RESOLVE_TIMEOUT = timedelta(minutes=5)
"""An alert that was pushed without an end is over so long after it was pushed last, as in Alertmanager."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Alertmanager's filters: those of a kind are shown unless the kind is switched off."""

    filters: Sequence[str]
    receiver: str | None
    active: bool = True
    silenced: bool = True
    inhibited: bool = True

    def takes(self, alert: Shown) -> bool:
        """Whether an alert that its labels let pass is shown."""
        status = alert["status"]
        return (
            (self.active or status["state"] != "active")
            and (self.silenced or not status["silencedBy"])
            and (self.inhibited or not status["inhibitedBy"])
        )


@dataclass(frozen=True, slots=True)
class Found:
    """One open alert: its shape, and the routes that it takes to the receivers asked for."""

    shown: Shown
    routes: tuple[Route, ...]
    labels: dict[str, str]


def found(state: State, plan: Plan, choice: Choice, now: datetime) -> Iterator[Found]:
    """Open alerts that `choice` lets pass. Raises UsageError for a filter that cannot be read."""
    wanted = Wanted(statuses=listing.OPEN, matchers=parsed_all(choice.filters))
    receiver = None if not choice.receiver else checked(Matcher("receiver", choice.receiver, "=~"))
    with state.read() as session:
        for row in alert_lists.every(session, wanted, listing.labels_of, _COLUMNS):
            labels = dict(listing.labels_of(row))
            routes = routes_for(plan.routes, labels)
            if receiver is not None:
                routes = tuple(route for route in routes if _leads(route, receiver))
                if not routes:
                    continue
            alert = _shown(row, labels, routes, now)
            if choice.takes(alert):
                yield Found(alert, routes, labels)


def _leads(route: Route, receiver: Matcher) -> bool:
    return any(receiver.matches({"receiver": name}) for name in route.channels)


def _shown(row: Any, labels: dict[str, str], routes: Sequence[Route], now: datetime) -> Shown:
    silenced, inhibited = orjson.loads(row.silenced_by), orjson.loads(row.inhibited_by)
    names = dict.fromkeys(name for route in routes for name in route.channels)
    return {
        "annotations": _annotations(row),
        "endsAt": written(row.ends_at or now + RESOLVE_TIMEOUT),
        "fingerprint": row.fingerprint,
        "receivers": receivers(list(names)),
        "startsAt": written(row.breached_at if row.origin != "rule" and row.breached_at else row.opened_at),
        "status": {
            "inhibitedBy": inhibited, "silencedBy": silenced,
            "state": "suppressed" if silenced or inhibited else "active",
        },
        "updatedAt": written(row.updated_at),
        "generatorURL": row.generator_url or "",
        # a pushed alert looks as it was sent: clients compare
        "labels": orjson.loads(row.labels) if row.origin == "alertmanager" else labels,
    }  # fmt: skip


def _annotations(row: Any) -> dict[str, str]:
    given: dict[str, str] = orjson.loads(row.annotations)
    if row.origin == "alertmanager":
        return given
    return {"summary": row.message, **given, "status": row.status, "alert_id": row.id}
