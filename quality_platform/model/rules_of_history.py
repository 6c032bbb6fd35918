"""Rules about how a series moved: trend, regression, improvement, anomaly.

Belongs here: fields, and contradictions that can be seen in the values alone. Does not belong here: the evaluation
(`rules/`), or how detection finds steps and trends (`detection/`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field, FiniteFloat, ValidationInfo, field_validator

from quality_platform.model.rule_base import ZERO, Part, PositiveSpan, RuleBase, Span

MONTH = timedelta(days=30)


def _beyond(value: float | None, info: ValidationInfo) -> float | None:
    if value is not None and value < info.data.get("warning_percent", value):
        raise ValueError("must not be less than warning_percent")
    return value


class SlopeSettings(Part):
    """A drift that the rule measures itself: the Theil–Sen slope over the newest observations."""

    method: Literal["theil_sen"] = Field(default="theil_sen", description="How the slope is measured.")
    window: PositiveSpan = Field(default=MONTH, description="Observations of so long, before the newest.")
    min_slope_per_day: FiniteFloat = Field(
        default=0.0, description="Least slope, units a day; its sign is the bad side, else the metric's direction says."
    )
    min_change: FiniteFloat = Field(default=0.0, ge=0, description="Least change along the window, in units.")
    min_r: FiniteFloat = Field(
        default=0.6, ge=0, le=1, description="Least consistency: share of rising minus share of falling pairs."
    )
    min_samples: int = Field(default=8, ge=3, le=1000, description="Observations needed.")


class TrendRule(RuleBase):
    """Fires when a metric drifts in its bad direction."""

    type: Literal["trend_degradation"] = "trend_degradation"
    warning_percent: FiniteFloat = Field(default=5.0, gt=0, description="Drift over the window, in per cent.")
    critical_percent: FiniteFloat | None = Field(default=None, gt=0, description="Critical from here on.")
    max_p_value: FiniteFloat = Field(default=0.01, gt=0, le=1, description="Least significance of the trend.")
    trend: SlopeSettings | None = Field(
        default=None, description="Measure the slope over a window instead; then it says what is a drift."
    )

    _critical_is_worse = field_validator("critical_percent")(_beyond)


class BaselineSettings(Part):
    """What the newest value is held against, instead of the steps that detection found."""

    kind: Literal["branch", "release", "median_runs"] = Field(
        default="median_runs", description="The value before it, that of the last release, or the median of `n` runs."
    )
    n: int = Field(default=5, ge=1, le=1000, description="Runs whose median counts.")
    max_drop: FiniteFloat = Field(gt=0, description="Change for the worse, from here on a warning.")
    critical_drop: FiniteFloat | None = Field(default=None, gt=0, description="Critical from here on.")
    mode: Literal["absolute", "percent"] = Field(default="percent", description="What drops are given in.")

    @field_validator("critical_drop")
    @classmethod
    def _critical_is_worse(cls, value: float | None, info: ValidationInfo) -> float | None:
        if value is not None and value < info.data.get("max_drop", value):
            raise ValueError("must not be less than max_drop")
        return value


class RegressionRule(RuleBase):
    """Fires when a metric stepped in its bad direction, or is worse than its baseline."""

    type: Literal["regression"] = "regression"
    warning_percent: FiniteFloat = Field(default=5.0, gt=0, description="Step in per cent of the level before.")
    critical_percent: FiniteFloat | None = Field(default=None, gt=0, description="Critical from here on.")
    within: PositiveSpan = Field(default=MONTH, description="How old a step may be and still fire.")
    baseline: BaselineSettings | None = Field(
        default=None, description="Hold the newest value against a baseline instead; then it says what is too much."
    )

    _critical_is_worse = field_validator("critical_percent")(_beyond)


class ImprovementRule(RuleBase):
    """Tells of a metric that stepped in its good direction: news of severity info that never escalates."""

    type: Literal["improvement"] = "improvement"
    min_percent: FiniteFloat = Field(default=5.0, gt=0, description="Step in per cent of the level before.")
    within: PositiveSpan = Field(default=timedelta(days=7), description="How long the news is one.")

    @field_validator("escalation_policy")
    @classmethod
    def _never_escalates(cls, value: str | None) -> str | None:
        if value is not None:
            raise ValueError("good news never escalates")
        return value


class AnomalyRule(RuleBase):
    """Fires when a value is unlike those before it."""

    type: Literal["anomaly"] = "anomaly"
    side: Literal["both", "above", "below", "worse"] = Field(
        default="both", description="Which side is looked at; `worse` is the metric's bad one."
    )
    warning_score: FiniteFloat = Field(
        default=6.0, gt=0, description="Robust standard deviations from the median of the window."
    )
    critical_score: FiniteFloat | None = Field(default=None, gt=0, description="Critical from here on.")
    window: PositiveSpan = Field(default=timedelta(days=14), description="Observations that it is compared with.")
    min_samples: int = Field(default=20, ge=5, le=1000, description="Of them, needed before it may fire.")
    min_change_percent: FiniteFloat = Field(
        default=5.0, ge=0, description="Least distance from the median in per cent, whatever the score."
    )
    for_: Span = Field(default=ZERO, alias="for", description="How long it must hold before it fires.")
    keep_firing_for: Span = Field(default=ZERO, description="How long values must be ordinary before it clears.")

    @field_validator("critical_score")
    @classmethod
    def _critical_is_worse(cls, value: float | None, info: ValidationInfo) -> float | None:
        if value is not None and value < info.data.get("warning_score", value):
            raise ValueError("must not be less than warning_score")
        return value
