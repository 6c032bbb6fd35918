"""The words of alerting: rules' verdicts, an alert's state, its events.

Belongs here: frozen types shared by `rules/`, `alerting/`, `state/` and `notifications/`. Does not belong
here: when a rule fires (`rules/`) or what happens then (`alerting/`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

AlertType = Literal[
    "threshold_violation", "trend_degradation", "regression", "improvement", "anomaly", "absence", "heartbeat",
    "burn_rate", "external",
]  # fmt: skip
Severity = Literal["critical", "warning", "info"]
Level = Literal["ok", "info", "warning", "critical"]
Condition = Literal["normal", "pending", "firing", "recovering", "nodata", "error"]
Status = Literal["active", "acknowledged", "resolved"]
EventKind = Literal[
    "pending_ended", "fired", "reopened", "severity_changed", "acknowledged", "unacknowledged", "assigned", "commented",
    "snoozed", "unsnoozed", "marked", "escalated", "flapping", "settled", "resolved",
]  # fmt: skip
"""What an episode's history consists of. `unacknowledged`: an acknowledgement ended or was taken back; `settled`: it
no longer flaps; `pending_ended`: it had been pending and never fired."""

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
    """Memory of one rule on one series. `evaluated_to` is the newest instant already judged.

    `level` is what fires (while recovering too), `pending_since` the first breach of a wait, `recovering_since` the
    first good value while a firing alert is kept, `breached_at` the first breach of what fires now; `no_data` says that
    the series is silent.
    """

    level: Level = "ok"
    pending_since: datetime | None = None
    pending_level: Level = "ok"
    evaluated_to: datetime | None = None
    recovering_since: datetime | None = None
    breached_at: datetime | None = None
    no_data: bool = False

    @property
    def condition(self) -> Condition:
        """Where the rule stands on the series."""
        if self.no_data:
            return "nodata"
        if self.level != "ok":
            return "firing" if self.recovering_since is None else "recovering"
        return "normal" if self.pending_since is None else "pending"


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of level that a rule decided, with its evidence. `to` "ok" means it cleared.

    `reason` says why where it is not the value: `no_data`, `stale`. `breached_at` is the first breach that led to it.
    """

    before: Level
    to: Level
    evidence: Evidence
    reason: str = ""
    breached_at: datetime | None = None
