"""The shape of a rule, as written in `quality.yaml` or sent to the API.

Belongs here: fields, and contradictions that can be seen in the values alone. Does not belong here: the
evaluation (`rules/`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Discriminator, Field, FiniteFloat, Tag, model_validator

Operator = Literal["above", "below"]


class RuleBase(BaseModel):
    """What every rule has."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    type: str = Field(description="What kind of rule it is.")
    metric_name: str = Field(min_length=1, max_length=200, description="Metric, by name or alias.")
    name: str | None = Field(default=None, max_length=200, description="Name for people, unique; made if absent.")
    project_id: str = Field(default="*", description="Project, or * for all.")
    subject: str = Field(default="*", description="Subject of the series, or * for all.")
    enabled: bool = Field(default=True, description="Whether it is evaluated.")

    @property
    def key(self) -> str:
        """Stable identity of the rule: its name, else type, metric, project and subject."""
        return self.name or f"{self.type}:{self.metric_name}:{self.project_id}:{self.subject}"


class ThresholdRule(RuleBase):
    """Fires when a value passes a threshold, clears when it is back behind the clear level."""

    type: Literal["threshold_violation"] = "threshold_violation"
    warning_threshold: FiniteFloat | None = Field(default=None, description="Warning from here on.")
    critical_threshold: FiniteFloat | None = Field(default=None, description="Critical from here on.")
    operator: Operator | None = Field(
        default=None, description="Which side is bad; inferred when both thresholds are given and differ."
    )
    warning_clear: FiniteFloat | None = Field(default=None, description="Warning ends here; default its threshold.")
    critical_clear: FiniteFloat | None = Field(default=None, description="Critical ends here; default its threshold.")
    for_: timedelta = Field(default=timedelta(0), alias="for", description="How long it must hold before it fires.")
    trend_window_minutes: int = Field(default=60, ge=1, description="Window that min_samples are counted in.")
    min_samples: int = Field(default=1, ge=1, description="Observations needed before it may fire.")

    @property
    def side(self) -> Operator:
        """The bad side: as given, else inferred from the order of the thresholds."""
        if self.operator is not None:
            return self.operator
        return "below" if (self.warning_threshold or 0.0) > (self.critical_threshold or 0.0) else "above"

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        warning, critical = self.warning_threshold, self.critical_threshold
        if warning is None and critical is None:
            raise ValueError("give warning_threshold, critical_threshold or both")
        if self.operator is None and (warning is None or critical is None or warning == critical):
            raise ValueError("give operator (above or below): one threshold, or two equal ones, do not tell the side")
        sign = 1.0 if self.side == "above" else -1.0
        if warning is not None and critical is not None and sign * (critical - warning) < 0:
            raise ValueError(f"critical_threshold must lie beyond warning_threshold for operator {self.side}")
        for name in ("warning", "critical"):
            threshold, clear = getattr(self, f"{name}_threshold"), getattr(self, f"{name}_clear")
            if clear is not None and threshold is None:
                raise ValueError(f"{name}_clear needs {name}_threshold")
            if clear is not None and sign * (threshold - clear) < 0:
                raise ValueError(f"{name}_clear must lie on the safe side of {name}_threshold")
        return self


class TrendRule(RuleBase):
    """Fires when a metric drifts in its bad direction, as judged in `marts.metric_trends`."""

    type: Literal["trend_degradation"] = "trend_degradation"
    warning_percent: FiniteFloat = Field(default=5.0, gt=0, description="Drift over the window, in per cent.")
    critical_percent: FiniteFloat | None = Field(default=None, gt=0, description="Critical from here on.")
    max_p_value: FiniteFloat = Field(default=0.01, gt=0, le=1, description="Least significance of the trend.")


class RegressionRule(RuleBase):
    """Fires when a metric stepped in its bad direction, as judged in `marts.metric_changes`."""

    type: Literal["regression"] = "regression"
    warning_percent: FiniteFloat = Field(default=5.0, gt=0, description="Step in per cent of the level before.")
    critical_percent: FiniteFloat | None = Field(default=None, gt=0, description="Critical from here on.")
    within: timedelta = Field(default=timedelta(days=30), description="How old a step may be and still fire.")


def _kind(value: object) -> str:
    found = value.get("type") if isinstance(value, dict) else getattr(value, "type", None)
    return str(found or "threshold_violation")


RuleConfig = Annotated[
    Annotated[ThresholdRule, Tag("threshold_violation")]
    | Annotated[TrendRule, Tag("trend_degradation")]
    | Annotated[RegressionRule, Tag("regression")],
    Discriminator(_kind),
]
