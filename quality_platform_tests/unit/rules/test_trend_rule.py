from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from quality_platform.model.alerts import RuleState, Sample
from quality_platform.model.rules import TrendRule
from quality_platform.rules.trend import TrendRow, evaluate

DAY = datetime(2026, 3, 1, tzinfo=UTC)
FRESH = RuleState()
RULE = TrendRule(metric_name="code_coverage", warning_percent=5, critical_percent=15, max_p_value=0.01)


def row(change: float | None, p_value: float = 0.001, days: int = 0) -> TrendRow:
    return TrendRow(DAY + timedelta(days=days), 72.5, change, p_value, batch_id="b1")


def judge(trend: TrendRow | None, state: RuleState = FRESH, direction: str = "higher_is_better"):
    return evaluate(RULE, state, trend, latest=Sample(DAY, 72.5), direction=direction, unit="%")


@pytest.mark.parametrize(
    ("change", "p_value", "direction", "level"),
    [
        (-5, 0.001, "higher_is_better", "warning"),
        (-4.99, 0.001, "higher_is_better", "ok"),
        (-15, 0.001, "higher_is_better", "critical"),
        (-14.9, 0.001, "higher_is_better", "warning"),
        (30, 0.001, "higher_is_better", "ok"),
        (30, 0.001, "lower_is_better", "critical"),
        (-30, 0.001, "lower_is_better", "ok"),
        (-30, 0.01, "higher_is_better", "critical"),
        (-30, 0.011, "higher_is_better", "ok"),
        (-30, 0.001, "neutral", "ok"),
        (None, 0.001, "lower_is_better", "ok"),
    ],
)
def test_levels(change: float | None, p_value: float, direction: str, level: str) -> None:
    state, transitions = judge(row(change, p_value), direction=direction)
    assert state == RuleState(level, evaluated_to=DAY, breached_at=None if level == "ok" else DAY)
    assert [t.to for t in transitions] == ([level] if level != "ok" else [])


def test_without_a_critical_percentage_it_stays_a_warning() -> None:
    rule = TrendRule(metric_name="cpu", warning_percent=5)
    state, _ = evaluate(rule, RuleState(), row(900), latest=Sample(DAY, 1.0), direction="lower_is_better")
    assert state.level == "warning"


def test_evidence() -> None:
    _, (fired,) = judge(row(-8.25))
    evidence = fired.evidence
    assert (evidence.value, evidence.threshold, evidence.observed_at, evidence.batch_id) == (72.5, None, DAY, "b1")
    assert evidence.detail == "Drifted by -8.2% over the window to 72.5%, p = 0.001."


def test_the_same_verdict_again_decides_nothing_and_an_older_one_is_ignored() -> None:
    state, _ = judge(row(-8))
    assert judge(row(-8), state) == (state, ())
    assert judge(row(20, days=-1), state) == (state, ())


def test_it_follows_the_drift_and_clears() -> None:
    state, told = RuleState(), []
    for days, trend in enumerate([row(-8), row(-20, days=1), row(-8, days=2), row(-1, days=3)]):
        state, transitions = judge(trend, state)
        told.extend((t.before, t.to) for t in transitions)
        assert state.evaluated_to == DAY + timedelta(days=days)
    assert told == [("ok", "warning"), ("warning", "critical"), ("critical", "warning"), ("warning", "ok")]


def test_a_trend_that_is_gone_clears_once() -> None:
    state, _ = judge(row(-8))
    state, (cleared,) = judge(None, state)
    assert (cleared.before, cleared.to, cleared.evidence.value) == ("warning", "ok", 72.5)
    assert judge(None, state) == (state, ())
