"""The shapes of rules, as written in `quality.yaml` or sent to the API, and which of them there are.

Does not belong here: the fields of one (`rule_base.py`, `rules_of_*.py`), the evaluation (`rules/`).
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Discriminator, Tag

from quality_platform.model.rule_base import FlapSettings, Operator, RuleBase
from quality_platform.model.rules_of_history import (
    AnomalyRule,
    BaselineSettings,
    ImprovementRule,
    RegressionRule,
    SlopeSettings,
    TrendRule,
)
from quality_platform.model.rules_of_objectives import BurnRateRule, WindowSettings
from quality_platform.model.rules_of_values import AbsenceRule, HeartbeatRule, ThresholdRule

__all__ = [
    "AbsenceRule", "AnomalyRule", "BaselineSettings", "BurnRateRule", "FlapSettings", "HeartbeatRule",
    "ImprovementRule", "Operator", "RegressionRule", "RuleBase", "RuleConfig", "SlopeSettings", "ThresholdRule",
    "TrendRule", "WindowSettings",
]  # fmt: skip


def _kind(value: object) -> str:
    found = value.get("type") if isinstance(value, dict) else getattr(value, "type", None)
    return str(found or "threshold_violation")


RuleConfig = Annotated[
    Annotated[ThresholdRule, Tag("threshold_violation")]
    | Annotated[TrendRule, Tag("trend_degradation")]
    | Annotated[RegressionRule, Tag("regression")]
    | Annotated[ImprovementRule, Tag("improvement")]
    | Annotated[AnomalyRule, Tag("anomaly")]
    | Annotated[AbsenceRule, Tag("absence")]
    | Annotated[HeartbeatRule, Tag("heartbeat")]
    | Annotated[BurnRateRule, Tag("burn_rate")],
    Discriminator(_kind),
]
