"""What every rule has, whatever it judges: identity, scope, labels, and what is to follow when it fires.

Does not belong here: the fields of one type (`rules_of_values.py`, `rules_of_history.py`, `rules_of_objectives.py`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from quality_platform.model.durations import Duration
from quality_platform.model.matchers import MatcherText

LONGEST = timedelta(days=3650)
"""Of any duration: ten years from now still are a date."""

ZERO = timedelta(0)

Span = Annotated[Duration, Field(ge=ZERO, le=LONGEST)]
PositiveSpan = Annotated[Duration, Field(gt=ZERO, le=LONGEST)]
Operator = Literal["above", "below"]
Fired = Literal["warning", "critical"]
Gate = Literal["fail", "warn", "off"]
LabelName = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$", max_length=100)]
Text = Annotated[str, StringConstraints(max_length=4000)]


class Part(BaseModel):
    """Base of rules and of what is nested in them: unknown keys are errors, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class FlapSettings(Part):
    """When an alert that comes and goes is called flapping."""

    transitions: int = Field(default=6, ge=2, le=1000, description="So many changes in the window are flapping.")
    window: PositiveSpan = Field(default=timedelta(minutes=30), description="The window.")
    stable_for: PositiveSpan = Field(default=timedelta(minutes=10), description="Over after so long without a change.")


class RuleBase(Part):
    """What every rule has."""

    type: str = Field(description="What kind of rule it is.")
    metric_name: str = Field(min_length=1, max_length=200, description="Metric, by name or alias.")
    id: str | None = Field(
        default=None, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$",
        description="Stable identity; with it a rule may change its name and keep its alerts.",
    )  # fmt: skip
    name: str | None = Field(default=None, max_length=200, description="Name for people, unique; made if absent.")
    project_id: str = Field(default="*", description="Project, or * for all.")
    subject: str = Field(default="*", description="Subject of the series, or * for all.")
    labels_match: tuple[MatcherText, ...] = Field(
        default=(), max_length=20, description="Only series whose labels fulfil these matchers, such as `env=prod`."
    )
    enabled: bool = Field(default=True, description="Whether it is evaluated.")
    flap: FlapSettings = Field(default_factory=FlapSettings, description="Damping of alerts that come and go.")
    repeat_interval: Span | None = Field(
        default=None, description="Told again after so long; 0 for never, by default as the severity says."
    )
    group_by: tuple[str, ...] | None = Field(
        default=None, max_length=20, description="Labels that messages are grouped by, instead of the route's."
    )
    labels: dict[LabelName, Text] = Field(
        default_factory=dict, max_length=50, description="Labels that its alerts bear, for routing."
    )
    annotations: dict[LabelName, Text] = Field(
        default_factory=dict, max_length=50, description="Words for people, such as `summary` and `runbook_url`."
    )
    escalation_policy: str | None = Field(default=None, max_length=100, description="Escalation, by its name.")
    gate: Gate = Field(default="fail", description="In the CI gate: critical fails it, only warns, or is left out.")
    version: int = Field(default=1, ge=1, description="Counted up with each change through the API.")

    @property
    def key(self) -> str:
        """Stable identity of the rule: its id, else its name, else made of type, metric and scope."""
        if self.id or self.name:
            return self.id or self.name or ""
        scope = (self.type, self.metric_name, self.project_id, self.subject, *self.labels_match)
        return ":".join(scope)

    @property
    def title(self) -> str:
        """What people call it."""
        return self.name or self.key
