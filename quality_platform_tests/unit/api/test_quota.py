"""Quotas: what is over is refused, what is refused counts for nothing, a new minute begins anew."""

from __future__ import annotations

from quality_platform.api.ingest.quota import Quota

LIMITS = {"small": {"error": 2}, "whole": {"total": 3}}


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def quota(clock: Clock) -> Quota:
    return Quota(lambda project: LIMITS.get(project, {}), clock)


def test_a_category_over_its_limit_is_named_and_the_others_go_on() -> None:
    limits = quota(Clock())

    assert list(limits.exceeded("small", {"error": 2})) == []
    assert list(limits.exceeded("small", {"error": 1, "session": 5})) == ["error"]


def test_a_refused_request_counts_for_nothing() -> None:
    limits = quota(Clock())

    assert list(limits.exceeded("small", {"error": 3})) == ["error"]
    assert list(limits.exceeded("small", {"error": 2})) == []


def test_total_limits_all_categories_together() -> None:
    limits = quota(Clock())

    assert list(limits.exceeded("whole", {"error": 2})) == []
    assert list(limits.exceeded("whole", {"session": 2})) == ["session"]
    assert list(limits.exceeded("whole", {"session": 1})) == []


def test_a_new_minute_begins_anew_and_says_when() -> None:
    clock = Clock()
    limits = quota(clock)
    limits.exceeded("small", {"error": 2})
    clock.now = 45.0
    assert limits.seconds_left() == 15
    assert list(limits.exceeded("small", {"error": 1})) == ["error"]

    clock.now = 60.0
    assert list(limits.exceeded("small", {"error": 1})) == []


def test_a_project_without_limits_is_never_over() -> None:
    assert list(quota(Clock()).exceeded("other", {"error": 10**9})) == []
