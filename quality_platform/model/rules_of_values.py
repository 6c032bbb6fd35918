"""Rules about the values of a series, or that there are none: threshold, absence, heartbeat.

Belongs here: fields, and contradictions that can be seen in the values alone; each is refused under the name of the
field that has to change. Does not belong here: the evaluation (`rules/`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field, FiniteFloat, ValidationInfo, field_validator

from quality_platform.model.rule_base import ZERO, Fired, Operator, PositiveSpan, RuleBase, Span
from quality_platform.model.shares import whole_of

Aggregate = Literal["last", "avg", "min", "max", "median", "sum", "count"]
NoData = Literal["keep", "ok", "alert", "error"]


class ThresholdRule(RuleBase):
    """Fires when a value passes a threshold, clears when it is back behind the clear level."""

    type: Literal["threshold_violation"] = "threshold_violation"
    warning_threshold: FiniteFloat | None = Field(default=None, description="Warning from here on.")
    critical_threshold: FiniteFloat | None = Field(
        default=None, validate_default=True, description="Critical from here on."
    )
    operator: Operator | None = Field(
        default=None, validate_default=True,
        description="Which side is bad; inferred when both thresholds are given and differ.",
    )  # fmt: skip
    warning_clear: FiniteFloat | None = Field(default=None, description="Warning ends here; default its threshold.")
    critical_clear: FiniteFloat | None = Field(default=None, description="Critical ends here; default its threshold.")
    agg: Aggregate = Field(default="last", description="What of the window's values is compared.")
    for_: Span = Field(default=ZERO, alias="for", description="How long it must hold before it fires.")
    keep_firing_for: Span = Field(default=ZERO, description="How long values must be good before it clears.")
    trend_window_minutes: int = Field(
        default=60, ge=1, le=5_256_000, description="Window of `agg` and of `min_samples`."
    )
    min_samples: int = Field(default=1, ge=1, le=1_000_000, description="Fewer in the window neither fire nor clear.")
    no_data: NoData = Field(
        default="keep", description="Of a series gone silent: stay as it is, count as good, fire, fire as critical."
    )
    stale_after: PositiveSpan | None = Field(
        default=None, description="Silence after so long; default three times the series' own pace."
    )
    denominator_metric: str | None = Field(
        default=None, max_length=200, description="Metric of what the value is a share of."
    )
    min_denominator: FiniteFloat | None = Field(
        default=None, gt=0, description="Shares of less than this neither fire nor clear."
    )

    @property
    def side(self) -> Operator:
        """The bad side: as given, else inferred from the order of the thresholds."""
        return self.operator or _inferred(self.warning_threshold, self.critical_threshold)

    @property
    def denominator(self) -> str | None:
        """The metric that `min_denominator` is about."""
        return self.denominator_metric or whole_of(self.metric_name)

    @field_validator("critical_threshold")
    @classmethod
    def _has_a_level(cls, value: float | None, info: ValidationInfo) -> float | None:
        if value is None and info.data.get("warning_threshold", 0.0) is None:
            raise ValueError("give warning_threshold, critical_threshold or both")
        return value

    @field_validator("operator")
    @classmethod
    def _tells_the_side(cls, value: Operator | None, info: ValidationInfo) -> Operator | None:
        if not {"warning_threshold", "critical_threshold"} <= info.data.keys():
            return value  # what is wrong with them is said already
        warning, critical = info.data["warning_threshold"], info.data["critical_threshold"]
        if value is None and (warning is None or critical is None or warning == critical):
            raise ValueError("give above or below: one threshold, or two equal ones, do not tell the side")
        if value and warning is not None and critical is not None and _sign(value) * (critical - warning) < 0:
            raise ValueError(f"critical_threshold must lie beyond warning_threshold for operator {value}")
        return value

    @field_validator("warning_clear", "critical_clear")
    @classmethod
    def _is_on_the_safe_side(cls, value: float | None, info: ValidationInfo) -> float | None:
        name = str(info.field_name).replace("clear", "threshold")
        if value is None or not {name, "operator"} <= info.data.keys():
            return value
        threshold = info.data[name]
        if threshold is None:
            raise ValueError(f"needs {name}")
        side = info.data["operator"] or _inferred(info.data["warning_threshold"], info.data["critical_threshold"])
        if _sign(side) * (threshold - value) < 0:
            raise ValueError(f"must lie on the safe side of {name}")
        return value

    @field_validator("min_denominator")
    @classmethod
    def _has_a_denominator(cls, value: float | None, info: ValidationInfo) -> float | None:
        named = info.data.get("denominator_metric", "") or whole_of(info.data.get("metric_name", ""))
        if value is not None and named is None:
            raise ValueError("nobody knows what this metric is a share of: name it in denominator_metric")
        return value


class AbsenceRule(RuleBase):
    """Fires when a series that should come does not: one that came before, or one that the rule names."""

    type: Literal["absence"] = "absence"
    stale_after: PositiveSpan | None = Field(
        default=None, description="Missing after so long; default three times the series' own pace."
    )
    severity: Fired = Field(default="warning", description="How bad it is.")
    forget_after: PositiveSpan = Field(
        default=timedelta(days=7), description="A series that was silent for so long does not come any more: it clears."
    )


class HeartbeatRule(RuleBase):
    """A dead man's switch: fires when the newest heartbeat is older than `every` and `grace` together."""

    type: Literal["heartbeat"] = "heartbeat"
    every: PositiveSpan = Field(description="How often it should come.")
    grace: Span = Field(default=timedelta(minutes=1), description="How late it may be.")
    severity: Fired = Field(default="critical", description="How bad it is.")


def _sign(side: Operator) -> float:
    return 1.0 if side == "above" else -1.0


def _inferred(warning: float | None, critical: float | None) -> Operator:
    return "below" if (warning or 0.0) > (critical or 0.0) else "above"
