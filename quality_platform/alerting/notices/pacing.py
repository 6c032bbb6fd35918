"""How often one is told, by rule, route and severity: grouping, repeats, flapping.

Belongs here: which of a rule's, a route's and the usual setting applies. Does not belong here: routes themselves
(`routing/`), counting changes (`episodes/flapping.py`).
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from quality_platform.alerting.notices import labels
from quality_platform.alerting.notices.groups import INTERVAL, Pace
from quality_platform.alerting.plan import Plan
from quality_platform.alerting.routing.escalation import Policy
from quality_platform.alerting.routing.route import Route
from quality_platform.alerting.routing.tree import routes_for
from quality_platform.model.rules import RuleBase
from quality_platform.state.models import AlertRow, FlapRow, NoticeGroupRow

GROUP_BY = ("project_id", "rule")
REPEAT = {"critical": timedelta(hours=1), "warning": timedelta(hours=4)}
NEVER = timedelta(0)
STABLE_FOR = timedelta(minutes=10)


def grouped(route: Route, rule: RuleBase | None) -> Route:
    """`route` with the labels that messages are put together by."""
    own = tuple(getattr(rule, "group_by", None) or ())
    return replace(route, group_by=own) if own else route


def repeat_interval(route: Route, rule: RuleBase | None, severity: str) -> timedelta:
    """How long until one is told again that an alert still fires; zero for never."""
    for given in (getattr(rule, "repeat_interval", None), route.repeat_interval):
        if given is not None:
            return given
    return REPEAT.get(severity, NEVER)


def pace(group: NoticeGroupRow | None, route: Route | None) -> Pace:
    """How a group is sent."""
    wait = route.group_wait if route is not None and route.group_wait is not None else NEVER
    interval = route.group_interval if route is not None and route.group_interval is not None else INTERVAL
    if group is None:
        return Pace(wait=wait, interval=interval)
    return Pace(group.flushed_at, group.burst, wait, interval)


def settles_at(session: Session, fingerprint: str, rule: RuleBase | None, now: datetime) -> datetime:
    """When an alert that flaps has been still for long enough, if nothing happens until then."""
    row = session.get(FlapRow, fingerprint)
    changes = json.loads(row.changes) if row is not None else []
    stable = getattr(getattr(rule, "flap", None), "stable_for", None) or STABLE_FOR
    return datetime.fromisoformat(changes[-1]) + stable if changes else now


def escalation_of(plan: Plan, alert: AlertRow) -> Policy | None:
    """The policy that the alert's rule names, else the first of its routes that names one; only for its severities."""
    named = [getattr(plan.rules.get(alert.rule), "escalation_policy", None)]
    if plan.escalations:
        named += [route.escalation for route in routes_for(plan.routes, labels.read(alert))]
    found = next((plan.escalations[name] for name in named if name is not None and name in plan.escalations), None)
    return found if found is not None and alert.severity in found.severities else None
