"""The words of the alert routes: what can be asked for, what is sent, what is shown.

Belongs here: shapes and their limits. Does not belong here: what happens (`routes/alerts.py`,
`routes/alert_actions.py`).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, FiniteFloat

from quality_platform.model.alerts import AlertType, Condition, Severity
from quality_platform.model.matchers import MatcherText
from quality_platform.state.alert_lists import Sort

Name = Annotated[str, Field(max_length=200)]
Note = Annotated[str, Field(max_length=4_000)]
Labels = Annotated[
    dict[Annotated[str, Field(max_length=200)], Annotated[str, Field(max_length=2_000)]], Field(max_length=100)
]
ListedStatus = Literal["open", "active", "acknowledged", "resolved", "pending", "all"]


def _aware(value: datetime) -> datetime:
    return value if value.tzinfo is not None else value.replace(tzinfo=UTC)


Instant = Annotated[datetime, AfterValidator(_aware)]
"""ISO 8601; without a zone it is UTC."""


class Filters(BaseModel):
    """Which alerts, in which order. What is repeated is one or the other; different filters all have to fit."""

    model_config = ConfigDict(extra="forbid")

    status: list[ListedStatus] = Field(
        default=["open"], max_length=6, description="`open` is active and acknowledged; `pending` stands alone."
    )
    severity: list[Severity] = Field(default=[], max_length=3)
    project_id: list[Name] = Field(default=[], max_length=100)
    project: list[Name] = Field(default=[], max_length=100, description="The same as project_id.")
    alert_type: list[AlertType] = Field(default=[], max_length=20)
    type: list[AlertType] = Field(default=[], max_length=20, description="The same as alert_type.")
    metric_name: list[Name] = Field(default=[], max_length=100)
    metric: list[Name] = Field(default=[], max_length=100, description="The same as metric_name.")
    rule: list[Name] = Field(default=[], max_length=100, description="Key of the rule.")
    matcher: list[MatcherText] = Field(
        default=[], max_length=20, description='On labels, as Alertmanager writes them: `team="core"`, `env=~"prod.*"`.'
    )
    assignee: Name | None = Field(default=None, description="Who takes care of it; empty for nobody.")
    since: Instant | None = Field(default=None, description="Opened at or after.")
    until: Instant | None = Field(default=None, description="Opened before.")
    text: str = Field(default="", max_length=200, description="Part of message, rule, metric, subject or project.")
    sort: Sort = Field(default="-opened_at", description="`severity` is the worst first, then the newest.")
    limit: int = Field(default=100, ge=1, le=1_000)
    cursor: str | None = Field(default=None, max_length=500, description="`next` of the page before.")


class Alert(BaseModel):
    """An alert: one episode from firing to resolved. `version` is its `ETag`."""

    id: str | None = Field(description="Null while it is pending: then it is no alert yet.")
    version: int = 0
    fingerprint: str = Field(description="The same for every episode of one rule on one series.")
    status: str = Field(description="active, acknowledged or resolved; pending where it was asked for.")
    condition: Condition | str = Field(description="How the rule stands: firing, recovering, nodata, pending, normal.")
    severity: str
    rule: str
    alert_type: str
    metric_name: str
    project_id: str
    subject: str
    labels: dict[str, str] = Field(description="What routes, silences and inhibitions match.")
    annotations: dict[str, str] = {}
    current_value: float | None = None
    threshold_value: float | None = None
    message: str
    observed_at: datetime | None = None
    opened_at: datetime | None = None
    updated_at: datetime | None = None
    breached_at: datetime | None = Field(default=None, description="The first bad value that led to it.")
    resolved_at: datetime | None = None
    reason: str | None = Field(default=None, description="Why it is over: recovered, manual, rule_removed, stale.")
    origin: str = Field(default="rule", description="rule, api or alertmanager.")
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    acknowledged_until: datetime | None = None
    assignee: str | None = None
    snoozed_until: datetime | None = None
    flapping: bool = False
    reopened: int = 0
    manual: bool = False
    actionable: bool | None = Field(default=None, description="What people marked: whether it was worth telling.")
    silenced_by: list[str] = []
    inhibited_by: list[str] = []
    muted_by: list[str] = []
    ends_at: datetime | None = None
    generator_url: str | None = None
    escalation: str | None = None
    escalation_step: int = 0


class AlertPage(BaseModel):
    """A page of alerts."""

    alerts: list[Alert]
    next: str | None = Field(description="Cursor of the next page; null on the last.")


class NewAlert(BaseModel):
    """An alert that somebody else found."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {
            "project_id": "my-project", "alert_type": "threshold_violation", "severity": "warning",
            "metric_name": "code_coverage", "current_value": 65.0, "threshold_value": 70.0,
            "message": "Code coverage below warning threshold",
        }},
    )  # fmt: skip

    project_id: str = Field(min_length=1, max_length=200)
    alert_type: AlertType = "external"
    severity: Severity = "warning"
    message: str = Field(min_length=1, max_length=4_000)
    metric_name: str = Field(default="", max_length=200)
    current_value: FiniteFloat | None = None
    threshold_value: FiniteFloat | None = None
    rule: str | None = Field(
        default=None, min_length=1, max_length=200, description="Default: made of type and metric."
    )
    subject: str = Field(default="", max_length=500, description="Default: the project.")
    labels: Labels = {}
    annotations: Labels = {}
    starts_at: Instant | None = None
    ends_at: Instant | None = Field(
        default=None, description="When it is over unless it is sent again; null for never."
    )
    generator_url: str | None = Field(default=None, max_length=2_000)


class Changed(BaseModel):
    """What is to be other than it is; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    status: Literal["active", "acknowledged", "resolved"] | None = None
    assignee: Name | None = Field(default=None, description="null for nobody.")
    snoozed_until: Instant | None = Field(default=None, description="null to end it.")
    actionable: bool | None = Field(default=None, description="null to take it back.")
    note: Note | None = Field(default=None, description="Why; goes with the status, or stands as a comment.")


class Done(BaseModel):
    """What became of each."""

    results: dict[str, str] = Field(description="By id: `done`, or why not.")
    done: int
    failed: int


class Bulk(BaseModel):
    """One action on many alerts. Its other fields are those of the action itself."""

    model_config = ConfigDict(extra="forbid")

    action: Literal["acknowledge", "unacknowledge", "assign", "comment", "snooze", "resolve", "mark"]
    ids: list[Annotated[str, Field(max_length=100)]] = Field(min_length=1, max_length=1_000)
    note: Note | None = None
    until: Instant | None = None
    assignee: Name | None = None
    text: Note | None = None
    actionable: bool | None = None


def plain(filters: Filters) -> dict[str, Any]:
    """The filters that go into the query as they are, with both names of one put together."""
    return {
        "severities": tuple(filters.severity),
        "projects": (*filters.project_id, *filters.project),
        "types": (*filters.alert_type, *filters.type),
        "metrics": (*filters.metric_name, *filters.metric),
        "rules": tuple(filters.rule),
        "assignee": filters.assignee,
        "since": filters.since,
        "until": filters.until,
        "text": filters.text,
    }
