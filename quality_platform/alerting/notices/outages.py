"""Sources that are down: while nothing arrives, alerts on what would have come from there are not told of.

An alert of type absence or heartbeat says that a subject's source is down. What depends on it, by lineage, are the
metrics of the same project and subject whose values stand in the same raw table; but not one of which something has
been observed since: that is news, whatever else is missing. Belongs here: which alerts those are. Does not belong here:
inhibitions that people write (`routing/inhibition.py`), what is done with either (`suppression.py`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quality_platform.alerting.plan import Plan
from quality_platform.model.rules import AbsenceRule, HeartbeatRule
from quality_platform.state.models import AlertRow

TYPES = ("absence", "heartbeat")
# where samples of metrics that are not in the catalogue stand
SAMPLES = "metric_samples"

Origin = tuple[str, str, str]
"""Project, subject and raw table."""


@dataclass(frozen=True, slots=True)
class Outages:
    """The alerts that say that a source is down, and since when, by the origin of what is missing."""

    plan: Plan
    found: Mapping[Origin, list[tuple[str, datetime]]]

    @classmethod
    def of(cls, session: Session, plan: Plan) -> Outages:
        """Those that fire. Asks nothing where no rule could say it."""
        found: dict[Origin, list[tuple[str, datetime]]] = defaultdict(list)
        if any(isinstance(rule, AbsenceRule | HeartbeatRule) for rule in plan.rules.values()):
            for row in session.execute(_FIRING):
                found[_origin(plan, row.project, row.subject, row.metric)].append((row.id, row.opened_at))
        return cls(plan, found)

    def holding(self, alert: AlertRow) -> tuple[str, ...]:
        """Ids of those that `alert` depends on."""
        if not self.found or says_so(alert):
            return ()
        origin = _origin(self.plan, alert.project, alert.subject, alert.metric)
        return tuple(key for key, began in self.found.get(origin, ()) if alert.observed_at <= began)


def says_so(alert: AlertRow) -> bool:
    """Whether the alert is one that says that a source is down: such are told."""
    return alert.type in TYPES


def _origin(plan: Plan, project: str, subject: str, metric: str) -> Origin:
    return project, subject, plan.metric(metric).raw_table or SAMPLES


_FIRING = sa.select(AlertRow.id, AlertRow.project, AlertRow.subject, AlertRow.metric, AlertRow.opened_at).where(
    AlertRow.status != "resolved", AlertRow.condition != "recovering", AlertRow.type.in_(TYPES)
)
