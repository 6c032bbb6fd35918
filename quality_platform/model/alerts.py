"""The words of alerting: rules' verdicts, an alert's state, its events.

Belongs here: frozen types shared by `rules/`, `alerting/`, `state/` and `notifications/`. Does not belong
here: when a rule fires (`rules/`) or what happens then (`alerting/`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

AlertType = Literal["threshold_violation", "trend_degradation", "regression"]
Severity = Literal["critical", "warning", "info"]
Level = Literal["ok", "info", "warning", "critical"]
EventKind = Literal["fired", "severity_changed", "acknowledged", "resolved"]

SEVERITY_ORDER: Mapping[str, int] = {"ok": 0, "info": 1, "warning": 2, "critical": 3}


@dataclass(frozen=True, slots=True)
class Series:
    """Identity of a time series: metric, project, subject and canonical labels."""

    metric: str
    project: str
    subject: str
    labels: str = "{}"

    @property
    def key(self) -> str:
        """The identity as one string."""
        return "|".join((self.metric, self.project, self.subject, self.labels))


@dataclass(frozen=True, slots=True)
class Sample:
    """One observation of a series."""

    observed_at: datetime
    value: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a verdict rests on: the value, what it was held against, and where it came from."""

    value: float
    threshold: float | None
    observed_at: datetime
    batch_id: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class RuleState:
    """Memory of one rule on one series. `evaluated_to` is the newest instant already judged."""

    level: Level = "ok"
    pending_since: datetime | None = None
    pending_level: Level = "ok"
    evaluated_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of level that a rule decided, with its evidence. `to` "ok" means it cleared."""

    before: Level
    to: Level
    evidence: Evidence
