"""Escalation: absolute deadlines, steps once, repeats."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from quality_platform.alerting.routing.escalation import Policy, due_steps, next_at, policies
from quality_platform.model.routing import EscalationPolicy

OPENED = datetime(2026, 11, 25, 12, tzinfo=UTC)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def policy(*steps: dict[str, Any], **more: Any) -> Policy:
    return policies([EscalationPolicy.model_validate({"name": "p", "steps": steps, **more})])["p"]


THREE = policy(
    {"after": "0s", "channels": ["first"]},
    {"after": "15m", "channels": ["second", "third"]},
    {"after": "30m", "channels": ["boss"], "repeat": 2},
)


def test_repeats_are_steps_as_far_apart_as_the_step_before() -> None:
    assert [step.after for step in THREE.steps] == [minutes(each) for each in (0, 15, 30, 45, 60)]
    assert [step.channels for step in THREE.steps[2:]] == [("boss",)] * 3


@pytest.mark.parametrize(
    ("done", "after", "due", "following"),
    [
        (0, minutes(0), 1, minutes(15)),
        (1, minutes(0), 0, minutes(15)),
        (1, minutes(15) - timedelta(microseconds=1), 0, minutes(15)),
        (1, minutes(15), 1, minutes(30)),
        # a restart: what became due meanwhile, once
        (1, minutes(40), 2, minutes(45)),
        (0, minutes(600), 5, None),
        (5, minutes(600), 0, None),
        (9, minutes(600), 0, None),
    ],
)
def test_due(done: int, after: timedelta, due: int, following: timedelta | None) -> None:
    now = OPENED + after
    found = due_steps(THREE, OPENED, done, now)

    assert len(found) == due
    assert found == THREE.steps[done : done + due]
    assert next_at(THREE, OPENED, done + due) == (None if following is None else OPENED + following)
    assert due_steps(THREE, OPENED, done + due, now) == ()


def test_a_repeat_may_come_after_the_step_that_follows() -> None:
    found = policy(
        {"after": "0s", "channels": ["a"], "repeat": 2, "repeat_every": "10m"}, {"after": "15m", "channels": ["b"]}
    )

    assert [(step.after, *step.channels) for step in found.steps] == [
        (minutes(0), "a"), (minutes(10), "a"), (minutes(15), "b"), (minutes(20), "a")
    ]  # fmt: skip


def test_repeats_are_a_minute_apart_at_least() -> None:
    found = policy({"after": "5s", "channels": ["a"], "repeat": 1}, {"after": "6s", "channels": ["b"], "repeat": 1})

    assert [step.after.total_seconds() for step in found.steps] == [5, 6, 65, 66]


def test_only_critical_alerts_escalate_unless_it_is_said() -> None:
    other = policy({"after": "1m", "channels": ["a"]}, severities=["warning", "critical"])

    assert [THREE.applies(severity) for severity in ("info", "warning", "critical")] == [False, False, True]
    assert [other.applies(severity) for severity in ("info", "warning", "critical")] == [False, True, True]


@pytest.mark.parametrize(
    "steps",
    [[], [{"after": "1m"}], [{"after": "1m", "channels": []}], [{"after": "-1m", "channels": ["a"]}],
     [{"after": "2m", "channels": ["a"]}, {"after": "1m", "channels": ["a"]}],
     [{"after": "1m", "channels": ["a"], "repeat": -1}], [{"after": "1m", "channels": ["a"], "repeat": 101}]],
)  # fmt: skip
def test_what_is_no_policy(steps: list[dict[str, Any]]) -> None:
    with pytest.raises(ValidationError):
        EscalationPolicy.model_validate({"name": "p", "steps": steps})
