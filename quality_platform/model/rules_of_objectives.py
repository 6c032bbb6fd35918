"""Rules about a service level: how fast its error budget burns.

After Google's SRE workbook, chapter 5, "Multiwindow, Multi-Burn-Rate Alerts". Does not belong here: the evaluation
(`rules/burn_rate.py`), or the objectives themselves as people set them elsewhere.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field, FiniteFloat, ValidationInfo, field_validator

from quality_platform.model.rule_base import ZERO, Fired, Part, PositiveSpan, RuleBase, Span


class WindowSettings(Part):
    """A pair of windows: fires while the budget burns more than `factor` times too fast in both."""

    long: PositiveSpan = Field(description="Enough of the budget is gone in this one to be worth telling.")
    short: PositiveSpan = Field(description="It still burns in this one; usually a twelfth of the long one.")
    factor: FiniteFloat = Field(gt=0, description="1 uses up the budget exactly in the objective's own period.")
    severity: Fired = Field(default="critical", description="How bad it is.")

    @field_validator("short")
    @classmethod
    def _is_shorter(cls, value: timedelta, info: ValidationInfo) -> timedelta:
        if value >= info.data.get("long", value + timedelta(1)):
            raise ValueError("must be shorter than long")
        return value


def _hours(long: float, short: float, factor: float, severity: Fired) -> WindowSettings:
    return WindowSettings(long=timedelta(hours=long), short=timedelta(hours=short), factor=factor, severity=severity)


WORKBOOK = (
    # 2% of a month's budget in an hour, 5% in six hours, 10% in three days
    _hours(1, 1 / 12, 14.4, "critical"),
    _hours(6, 0.5, 6.0, "critical"),
    _hours(72, 6, 1.0, "warning"),
)


class BurnRateRule(RuleBase):
    """Fires when a service uses up its error budget too fast, by a short and a long window together."""

    type: Literal["burn_rate"] = "burn_rate"
    objective: FiniteFloat = Field(gt=0, lt=100, description="Per cent of events that must be good, such as 99.9.")
    measures: Literal["bad", "good"] = Field(default="bad", description="Which events `metric_name` speaks of.")
    total_metric: str | None = Field(
        default=None, max_length=200,
        description="Metric of all events, of the same series; without it `metric_name` itself is a share.",
    )  # fmt: skip
    windows: tuple[WindowSettings, ...] = Field(
        default=WORKBOOK, min_length=1, max_length=10, description="Pairs of windows; default as in the SRE workbook."
    )
    min_denominator: FiniteFloat | None = Field(
        default=None, gt=0, description="Fewer events than this in the long window neither fire nor clear."
    )
    for_: Span = Field(default=ZERO, alias="for", description="How long it must hold before it fires.")
    keep_firing_for: Span = Field(default=ZERO, description="How long it must be good before it clears.")

    @property
    def budget(self) -> float:
        """The share of events that may be bad, in (0, 1)."""
        return (100.0 - self.objective) / 100.0

    @field_validator("min_denominator")
    @classmethod
    def _counts_events(cls, value: float | None, info: ValidationInfo) -> float | None:
        if value is not None and info.data.get("total_metric", "") is None:
            raise ValueError("needs total_metric: a share does not say of how many events")
        return value
