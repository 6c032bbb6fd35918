"""The threshold rule against what Prometheus decided on the same series."""

from __future__ import annotations

import json
import math
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from quality_platform.model.alerts import RuleState, Sample
from quality_platform.model.rules import ThresholdRule
from quality_platform.rules.threshold import evaluate

ROOT = Path(__file__).parents[3]
VECTORS = Path(os.environ.get("CONFORMANCE_DIR", ROOT / "../shared/conformance")) / "alerting/rule_vectors.json"
START = datetime(2026, 1, 1, tzinfo=UTC)
LOOKBACK_SECONDS = 300


def observed(vector: dict[str, object]) -> list[Sample]:
    """What Prometheus sees at each step: the last value while it is no older than its lookback, else nothing."""
    made, last, age = [], math.nan, 0
    for place, value in enumerate(vector["series"]):
        age = 0 if value is not None else age + vector["step_s"]
        if value is not None:
            last = math.nan if isinstance(value, str) and value.lower() in {"nan", "stale"} else float(value)
        seen = last if age <= LOOKBACK_SECONDS else math.nan
        made.append(Sample(START + timedelta(seconds=place * vector["step_s"]), seen))
    return made


@pytest.mark.conformance
def test_agrees_with_prometheus() -> None:
    if not VECTORS.is_file():
        pytest.skip(f"{VECTORS} is not there; set CONFORMANCE_DIR")
    vectors = [vector for vector in json.loads(VECTORS.read_text()) if vector["keep_firing_s"] == 0]
    assert vectors
    for vector in vectors:
        rule = ThresholdRule.model_validate(
            {
                "metric_name": "any",
                "operator": {">": "above", "<": "below"}[vector["op"]],
                "critical_threshold": vector["threshold"],
                "for": timedelta(seconds=vector["for_s"]),
            }
        )
        state, firing = RuleState(), []
        for sample in observed(vector):
            state, _ = evaluate(rule, state, [sample])
            firing.append(state.level == "critical")
        assert firing == vector["firing"], vector
