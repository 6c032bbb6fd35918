"""What people and programs are told about an alert."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import orjson
import pytest

from quality_platform.alerting.conditions.history import Points
from quality_platform.alerting.notices.messages import Told, data, message, sentence
from quality_platform.model.alerts import Evidence, Series
from quality_platform.model.message import Facts, Link, Paragraph, Plot
from quality_platform.model.metrics import CATALOGUE
from quality_platform.state.models import AlertRow
from quality_platform_tests.data.alerting import COVERAGE, NOON

METRIC = CATALOGUE.get(COVERAGE)
EVIDENCE = Evidence(45.0, 50.0, NOON, "batch-7", "45% is below 50%.")
LABELS = '{"a":"1","b":"/"}'
POINTS = Points((NOON - timedelta(days=1), NOON), (80.0, 45.0))


def alert(**values: object) -> AlertRow:
    row = {
        "id": "1", "fingerprint": "f", "rule": "Test coverage low", "type": "threshold_violation", "metric": COVERAGE,
        "project": "shop", "subject": "shop", "labels": "{}", "severity": "critical", "status": "active",
        "value": 45.0, "threshold": 50.0, "observed_at": NOON, "message": "Test coverage of shop: 45% is below 50%.",
        "opened_at": NOON, "updated_at": NOON, "routing_labels": "{}", "annotations": "{}", "reopened": 0,
    }  # fmt: skip
    return AlertRow(**{**row, **values})


FIRED = Told(alert(), METRIC, "firing", EVIDENCE, None, POINTS, "Commit 0123456789ab: Drop tests")
OVER = replace(
    FIRED,
    alert=alert(status="resolved", resolved_at=NOON, reason="recovered"),
    news="resolved",
    first=False,
    evidence=Evidence(75.0, 50.0, NOON, "batch-8", "75% is back above 50%."),
    commit="",
)


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        (Series(COVERAGE, "shop", "shop"), "Test coverage of shop: 45% is below 50%."),
        (Series(COVERAGE, "shop", "cart"), "Test coverage of cart in shop: 45% is below 50%."),
        (
            Series(COVERAGE, "shop", "h", '{"a":"1","b":"/"}'),
            "Test coverage of h in shop (a=1, b=/): 45% is below 50%.",
        ),
    ],
)
def test_the_sentence_names_metric_place_and_reason(series: Series, expected: str) -> None:
    assert sentence(METRIC, series, EVIDENCE) == expected


def test_a_reason_without_words_still_gives_the_value() -> None:
    bare = replace(EVIDENCE, detail="")
    assert sentence(METRIC, Series(COVERAGE, "shop", "shop"), bare) == "Test coverage of shop: the value is 45."


def test_a_firing_alert_shows_value_commit_picture_and_where_to_look() -> None:
    shown = message([FIRED])
    facts, commit, plot, hint = shown.blocks
    assert (shown.title, shown.tone) == ("Test coverage of shop: 45% is below 50%", "critical")
    assert isinstance(facts, Facts)
    assert {("Value", "45%"), ("Threshold", "50%"), ("Rule", "Test coverage low")} <= set(facts.pairs)
    assert commit == Paragraph("Commit 0123456789ab: Drop tests")
    assert plot == Plot(
        "Test coverage", "%", POINTS.times, POINTS.values, 50.0, marks=((NOON, "critical"),), tone="critical"
    )
    assert hint == Paragraph("Where it comes from: quality-platform lineage code.coverage_percent --subject shop")


def test_a_resolved_alert_says_so_and_why() -> None:
    shown = message([OVER])
    assert (shown.title, shown.tone) == ("Resolved: Test coverage of shop: 45% is below 50%", "good")
    assert Paragraph("75% is back above 50%.") in shown.blocks


def test_another_severity_is_said() -> None:
    shown = message([replace(FIRED, previous="warning", commit="")])
    assert Paragraph("It was warning, it is critical now.") in shown.blocks


def test_one_point_makes_no_picture() -> None:
    shown = message([replace(FIRED, points=Points((NOON,), (45.0,)))])
    assert not any(isinstance(block, Plot) for block in shown.blocks)


def test_a_hostile_subject_is_quoted_in_the_command() -> None:
    shown = message([replace(FIRED, alert=alert(subject="x; rm -rf ~"))])
    assert shown.blocks[-1] == Paragraph(
        "Where it comes from: quality-platform lineage code.coverage_percent --subject 'x; rm -rf ~'"
    )


def test_programs_get_the_names_of_the_http_interface() -> None:
    fired, over = data([FIRED], "g", {}), data([OVER], "g", {})
    assert orjson.loads(orjson.dumps(fired)) == fired
    assert fired | {"project_id": "shop", "alert_type": "threshold_violation", "severity": "critical",
                    "metric_name": COVERAGE, "current_value": 45.0, "threshold_value": 50.0, "event": "fired",
                    "status": "active", "batch_id": "batch-7", "observed_at": "2026-03-02T12:00:00+00:00",
                    "resolved_at": None, "reason": None, "labels": {}} == fired  # fmt: skip
    assert (over["event"], over["status"], over["reason"], over["current_value"]) == (
        "resolved", "resolved", "recovered", 75.0,
    )  # fmt: skip


def test_several_alerts_are_told_in_one_message_and_programs_get_each() -> None:
    other = replace(FIRED, alert=alert(id="2", subject="cart"))
    shown, told = message([FIRED, other]), data([FIRED, other], "channel/all:{}", {"rule": "Test coverage low"})
    assert shown.title == "2 alerts firing in shop"
    assert [each["id"] for each in told["alerts"]] == ["1", "2"]  # type: ignore[attr-defined]
    assert told["group"] == {
        "key": "channel/all:{}", "count": 2, "truncated": 0, "labels": {"rule": "Test coverage low"},
    }  # fmt: skip
    assert "id" not in told


def test_what_nobody_was_told_of_before_it_was_over_is_told_in_one() -> None:
    assert "cleared" in message([replace(OVER, first=True)]).title.lower()


def test_a_message_links_to_the_alert_and_its_runbook_where_they_are_known() -> None:
    told = replace(
        FIRED, base_url="https://quality.example.org/",
        alert=alert(annotations='{"summary":"Write tests","runbook_url":"https://runbooks.example.org/coverage"}'),
    )  # fmt: skip
    links = {block.text: block.url for block in message([told]).blocks if isinstance(block, Link)}
    assert links == {
        "The alert": "https://quality.example.org/api/v1/quality-monitoring/alerts/1",
        "Runbook": "https://runbooks.example.org/coverage",
    }
    assert Paragraph("Write tests") in message([told]).blocks
    assert data([told], "g", {})["url"] == links["The alert"]
