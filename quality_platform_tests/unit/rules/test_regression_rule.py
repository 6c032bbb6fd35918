from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from quality_platform.model.alerts import RuleState, Sample
from quality_platform.model.rules import RegressionRule
from quality_platform.rules.regression import ChangeRow, evaluate

NOW = datetime(2026, 3, 31, tzinfo=UTC)
RULE = RegressionRule(metric_name="code_coverage", warning_percent=5, critical_percent=20)
FRESH = RuleState()
LATEST = Sample(NOW - timedelta(hours=1), 77.0)


def step(days_ago: float, before: float, after: float) -> ChangeRow:
    return ChangeRow(NOW - timedelta(days=days_ago), before, after, commit_sha="0123456789abcdef", batch_id="b7")


def judge(changes: Sequence[ChangeRow], state: RuleState = FRESH, *, better: str = "higher", after: int = 0):
    now = NOW + timedelta(days=after)
    direction = better if better == "neutral" else f"{better}_is_better"
    return evaluate(RULE, state, changes, latest=LATEST, now=now, direction=direction, unit="%")


@pytest.mark.parametrize(
    ("changes", "better", "level"),
    [
        pytest.param([], "higher", "ok", id="none"),
        pytest.param([step(3, 80, 75)], "higher", "warning", id="worse"),
        pytest.param([step(3, 80, 76.1)], "higher", "ok", id="too small"),
        pytest.param([step(3, 80, 76)], "higher", "warning", id="just large enough"),
        pytest.param([step(3, 80, 64)], "higher", "critical", id="critical"),
        pytest.param([step(3, 80, 90)], "higher", "ok", id="better"),
        pytest.param([step(3, 80, 90)], "lower", "warning", id="worse where lower is better"),
        pytest.param([step(3, 80, 20)], "neutral", "ok", id="neutral never fires"),
        pytest.param([step(30, 80, 60)], "higher", "critical", id="as old as it may be"),
        pytest.param([step(30.01, 80, 60)], "higher", "ok", id="too old"),
        pytest.param([step(3, 0, 2)], "lower", "critical", id="the first findings"),
        pytest.param([step(3, 80, 60), step(2, 60, 79)], "higher", "ok", id="made good"),
        pytest.param([step(2, 60, 79), step(3, 80, 60)], "higher", "ok", id="in any order"),
        pytest.param([step(3, 80, 60), step(2, 60, 70)], "higher", "warning", id="made good in part"),
        pytest.param([step(3, 80, 76), step(2, 76, 60)], "higher", "critical", id="worse twice"),
        pytest.param([step(9, 80, 60), step(3, 60, 56), step(2, 56, 60)], "higher", "critical",
                     id="the later one made good, the earlier one not"),
        pytest.param([step(9, 80, 77), step(3, 77, 74)], "higher", "ok", id="small ones do not add up"),
        pytest.param([step(40, 50, 80), step(3, 80, 75)], "higher", "warning", id="earlier good does not excuse"),
    ],
)  # fmt: skip
def test_levels(changes: list[ChangeRow], better: str, level: str) -> None:
    state, transitions = judge(changes, better=better)
    assert (state.level, state.evaluated_to) == (level, NOW)
    assert (state.breached_at is None) == (level == "ok")
    assert [t.to for t in transitions] == ([level] if level != "ok" else [])


def test_evidence_names_the_step() -> None:
    _, (fired,) = judge([step(3, 80, 72)])
    evidence = fired.evidence
    assert (evidence.value, evidence.threshold, evidence.batch_id) == (72, 76, "b7")
    assert evidence.observed_at == NOW - timedelta(days=3)
    assert evidence.detail == "Stepped from 80% to 72% (-10.0%) at 0123456789ab."


def test_threshold_lies_above_where_lower_is_better() -> None:
    _, (fired,) = judge([step(3, -10, -4)], better="lower")
    assert fired.evidence.threshold == -9.5


def test_it_resolves_with_the_step_that_made_it_good() -> None:
    state, _ = judge([step(3, 80, 60)])
    good = [step(3, 80, 60), step(-1, 60, 81)]
    state, (cleared,) = judge(good, state, after=1)
    assert (cleared.before, cleared.to, cleared.evidence.value) == ("critical", "ok", 81)
    assert judge(good, state, after=2) == (RuleState(evaluated_to=NOW + timedelta(days=2)), ())


@pytest.mark.parametrize(
    ("changes", "after"), [([], 1), ([step(3, 80, 60)], 28)], ids=["gone on analysing again", "too old by now"]
)
def test_it_resolves_with_the_latest_observation(changes: list[ChangeRow], after: int) -> None:
    state, _ = judge([step(3, 80, 60)])
    state, (cleared,) = judge(changes, state, after=after)
    assert (cleared.to, cleared.evidence.value, cleared.evidence.observed_at) == ("ok", 77, LATEST.observed_at)


def test_again_decides_nothing_and_an_earlier_now_is_ignored() -> None:
    state, _ = judge([step(3, 80, 60)])
    assert judge([step(3, 80, 60)], state) == (state, ())
    assert judge([], state, after=-1) == (state, ())
