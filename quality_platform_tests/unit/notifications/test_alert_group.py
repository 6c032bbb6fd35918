"""What is read out of a delivery's payload, old and new, whole and odd."""

from __future__ import annotations

from typing import Any

import pytest

from quality_platform.notifications.alert_group import AlertGroup, alerts_of, ended, episode, labels_of
from quality_platform_tests.data.alert_payloads import alert, over, speaking
from quality_platform_tests.data.messages import delivery


def group(payload: dict[str, Any], kind: str = "alert.firing") -> AlertGroup:
    found = alerts_of(delivery(kind=kind, payload=payload))
    assert found is not None
    return found


def test_a_group() -> None:
    found = alerts_of(speaking("firing", alert(1), over(2), message="group"))
    assert found is not None
    assert [ended(one) for one in found.alerts] == [False, True]
    assert (found.status, found.event, found.key) == ("firing", "firing", '{}:{alertname="coverage-low"}')
    assert found.labels == {"alertname": "coverage-low"}


def test_of_one_alert_without_a_list_its_fields_are_the_alert() -> None:
    assert group(alert()).alerts == (alert(),)


@pytest.mark.parametrize(
    ("kind", "payload", "status"),
    [
        ("alert.resolved", {}, "resolved"),
        ("alert.firing", over(), "resolved"),
        ("alert.settled", {"alerts": [over(1), over(2)]}, "resolved"),
        ("alert.settled", {"alerts": [over(1), alert(2)]}, "firing"),
        ("alert.acknowledged", alert(status="acknowledged"), "firing"),
    ],
)
def test_resolved_is_what_is_over_altogether(kind: str, payload: dict[str, Any], status: str) -> None:
    assert group(payload, kind).status == status


@pytest.mark.parametrize("kind", ["report.daily", "channel.test", ""])
def test_what_is_no_alert_has_none(kind: str) -> None:
    assert alerts_of(delivery(kind=kind, payload={})) is None


@pytest.mark.parametrize("odd", [None, 5, "x", [], {}, {"truncated": "many", "labels": [], "key": None}])
def test_an_odd_group_is_none(odd: object) -> None:
    found = group({"alerts": [alert()], "group": odd})
    assert (found.key, found.labels, found.truncated) == ("", {}, 0)


def test_truncated_is_counted() -> None:
    assert group({"alerts": [alert()], "group": {"truncated": 12}}).truncated == 12


def test_labels_are_the_alert_s_own_and_what_every_alert_has() -> None:
    assert labels_of(alert()) == {
        "alertname": "coverage-low", "rule": "coverage-low", "alert_type": "threshold_violation",
        "severity": "critical", "metric": "code.coverage_percent", "project": "flask", "project_id": "flask",
        "subject": "src/flask", "branch": "main", "series": "1",
    }  # fmt: skip
    assert labels_of({}) == {}
    assert labels_of({"labels": {"n": 1, "none": None}}) == {"n": "1"}


def test_an_episode_is_named_by_series_and_start() -> None:
    assert episode(alert(1)) != episode(alert(1, id="another"))
    assert episode(alert(1)) == episode(over(1))
    assert episode({}) == ""
