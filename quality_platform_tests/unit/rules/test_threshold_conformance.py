"""The threshold rule against what Prometheus decided on the same series."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from quality_platform.model.alerts import Sample
from quality_platform.model.rules import ThresholdRule
from quality_platform.rules.series import replay
from quality_platform_tests.data.series import metric_of

ROOT = Path(__file__).parents[3]
VECTORS = Path(os.environ.get("CONFORMANCE_DIR", ROOT / "../shared/conformance")) / "alerting/rule_vectors.json"
START = datetime(2026, 1, 1, tzinfo=UTC)
NUMBERS = {"nan": math.nan, "stale": math.nan, "inf": math.inf, "+inf": math.inf, "-inf": -math.inf}


def number(value: object) -> float:
    return NUMBERS[value.lower()] if isinstance(value, str) else float(value)  # type: ignore[arg-type]


def rule_of(vector: Mapping[str, Any]) -> ThresholdRule:
    """Prometheus looks back five minutes, and what is not there is false."""
    return ThresholdRule.model_validate(
        {
            "metric_name": "any",
            "operator": {">": "above", "<": "below"}[vector["op"]],
            "critical_threshold": vector["threshold"],
            "for": vector["for_s"],
            "keep_firing_for": vector["keep_firing_s"],
            "no_data": "ok",
            "stale_after": "5m",
        }
    )


def firing(vector: Mapping[str, Any]) -> list[bool]:
    """Whether the rule fires at each step of the series."""
    step, series = timedelta(seconds=vector["step_s"]), vector["series"]
    samples = [Sample(START + place * step, number(value)) for place, value in enumerate(series) if value is not None]
    until = START + (len(series) - 1) * step
    found = {
        each.instant: each.state.level != "ok"
        for each in replay(rule_of(vector), samples, metric=metric_of("any"), until=until, step=step)
    }
    return [found.get(START + place * step, False) for place in range(len(series))]


@pytest.mark.conformance
def test_agrees_with_prometheus() -> None:
    if not VECTORS.is_file():
        pytest.skip(f"{VECTORS} is not there; set CONFORMANCE_DIR")
    vectors = json.loads(VECTORS.read_text())
    assert vectors
    wrong = [vector for vector in vectors if firing(vector) != vector["firing"]]
    assert not wrong, f"{len(wrong)} of {len(vectors)}, such as {wrong[0]}"
