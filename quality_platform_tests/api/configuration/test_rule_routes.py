"""Thresholds and rules over HTTP: in force at once, wrong ones refused by their field."""

from __future__ import annotations

import json
import time
from contextlib import closing
from typing import Any

import httpx
import pytest

from quality_platform.alerting.plans import PlanSource
from quality_platform.configuration.watched import WatchedConfiguration
from quality_platform.state.database import State
from quality_platform_tests.data.asking import Asking
from quality_platform_tests.data.configuring import THRESHOLD, name
from quality_platform_tests.data.live import Live


def test_the_example_of_a_threshold_is_accepted_and_replaces_the_default(editor: Asking) -> None:
    before = editor.get("/thresholds?metric_name=code_coverage")["thresholds"]
    put = editor("PUT", "/thresholds", THRESHOLD)
    (after,) = editor.get("/thresholds?metric_name=code_coverage")["thresholds"]
    again = editor("PUT", "/thresholds", after)
    gone = editor("DELETE", f"/rules/{after['id']}")

    assert put.status_code == 200, put.text
    assert {name: after[name] for name in THRESHOLD} == THRESHOLD
    assert (after["source"], after["in_force"], after["version"]) == ("api", True, 1)
    assert put.headers["etag"] == again.headers["etag"] == '"1"'
    assert gone.status_code == 204
    assert editor.get("/thresholds?metric_name=code_coverage")["thresholds"] == before
    assert [each["source"] for each in before] == ["defaults"]


def test_several_thresholds_are_all_set_or_none(editor: Asking) -> None:
    one, two = ({**THRESHOLD, "metric_name": name()} for _ in range(2))

    wrong = editor("PUT", "/thresholds", [one, {**two, "critical_threshold": 90.0, "operator": "below"}])
    none = editor.get(f"/thresholds?metric_name={one['metric_name']}")["thresholds"]
    right = editor("PUT", "/thresholds", [one, two])

    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["field"].startswith("[1]")
    assert none == []
    assert [each["metric_name"] for each in right.json()["thresholds"]] == [one["metric_name"], two["metric_name"]]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"bogus": 1}, "bogus"), ({"warning_threshold": "x"}, "warning_threshold"),
        ({"warning_threshold": 50.0}, "operator"), ({"warning_clear": 60.0}, "warning_clear"),
        ({"operator": "above"}, "operator"), ({"min_samples": 0}, "min_samples"), ({"metric_name": ""}, "metric_name"),
    ],
)  # fmt: skip
def test_a_wrong_threshold_names_its_field(editor: Asking, change: dict[str, Any], field: str) -> None:
    answer = editor("PUT", "/thresholds", {**THRESHOLD, **change})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field, answer.text


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_what_is_no_number_is_refused(live: Live, number: str) -> None:
    text = json.dumps(THRESHOLD).replace("70.0", number)
    headers = {"Authorization": f"Bearer {live.token('editor')}", "Content-Type": "application/json"}

    answer = httpx.put(f"{live.base}/api/v1/quality-monitoring/thresholds", content=text, headers=headers)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "warning_threshold"


def test_a_rule_lives_from_post_to_delete(editor: Asking) -> None:
    rule = {"type": "regression", "metric_name": "m", "name": name(), "warning_percent": 7}
    path = f"/rules/{rule['name']}"

    made = editor("POST", "/rules", rule)
    twice = editor("POST", "/rules", rule)
    stale = editor("PUT", path, {**rule, "warning_percent": 8}, If_Match='"7"')
    changed = editor("PUT", path, {**made.json(), "warning_percent": 8}, If_Match=made.headers["etag"])
    renamed = editor("PUT", path, {**rule, "name": "another"})
    gone = editor("DELETE", path)

    assert (made.status_code, made.headers["etag"], made.json()["warning_percent"]) == (201, '"1"', 7)
    assert (twice.status_code, stale.status_code, renamed.status_code) == (409, 412, 422)
    assert (changed.headers["etag"], changed.json()["warning_percent"]) == ('"2"', 8)
    assert (gone.status_code, editor("GET", path).status_code) == (204, 404)


def test_a_default_is_switched_off_and_not_deleted(editor: Asking) -> None:
    (default,) = (each for each in editor.get("/rules?type=threshold_violation")["rules"] if each["name"] == "CPU busy")

    refused = editor("DELETE", "/rules/CPU busy")
    off = editor("PUT", "/rules/CPU busy", {**default, "enabled": False})

    assert (refused.status_code, refused.json()["current"]) == (409, "defaults")
    assert (off.json()["enabled"], off.json()["in_force"], off.json()["source"]) == (False, False, "api")
    assert editor("DELETE", "/rules/CPU busy").status_code == 204


def test_what_stands_in_the_file_is_not_changed(filed: Live) -> None:
    admin = Asking(filed, "admin")
    rule = {"name": "from the file", "metric_name": "in.file", "warning_threshold": 3, "critical_threshold": 4}

    answers = [
        admin("PUT", "/thresholds", rule), admin("POST", "/rules", rule), admin("PUT", "/rules/from the file", rule),
        admin("DELETE", "/rules/from the file"), admin("DELETE", "/notifications/channels/file channel"),
        admin("PUT", "/notifications/channels/file channel", {"channel_type": "console"}),
    ]  # fmt: skip

    assert {answer.status_code for answer in answers} == {409}
    assert {answer.json()["current"] for answer in answers} == {"quality.yaml"}
    assert all("quality.yaml" in answer.json()["detail"] for answer in answers)
    assert admin.get("/rules")["rules"][0]["source"] == "quality.yaml"


def test_a_rule_is_in_force_in_every_process_within_a_second(live: Live, editor: Asking) -> None:
    with closing(State(live.settings)) as state:
        elsewhere = PlanSource(live.settings, state, WatchedConfiguration(live.settings))
        before, rule = elsewhere.current, {**THRESHOLD, "name": name()}

        editor("PUT", "/thresholds", rule)
        time.sleep(1)
        after = elsewhere.current

        assert before is not after
        assert rule["name"] in after.rules
        assert elsewhere.current is after
        editor("DELETE", f"/rules/{rule['name']}")
        assert rule["name"] not in elsewhere.look().rules


def test_a_threshold_fires_on_what_is_sent_after_it_without_a_restart(live: Live, editor: Asking) -> None:
    project, metric = name(), f"metric.{name()}"
    headers = {"Authorization": f"Bearer {live.key(project)['key']}"}
    url = f"{live.base}/api/v1/ingest/metrics"
    httpx.post(url, json={"metric": metric, "value": 10}, headers=headers)
    live.until(f"SELECT 1 FROM raw.metric_samples WHERE metric = '{metric}'")

    editor("PUT", "/thresholds", {"metric_name": metric, "warning_threshold": 70.0, "critical_threshold": 50.0})
    time.sleep(1)
    httpx.post(url, json={"metric": metric, "value": 60}, headers=headers)
    deadline = time.monotonic() + 30
    while not (found := editor.get(f"/alerts?project_id={project}")["alerts"]) and time.monotonic() < deadline:
        time.sleep(0.3)
    httpx.request("DELETE", f"{live.base}/api/v1/quality-monitoring/rules/{found[0]['rule']}",
                  headers={"Authorization": f"Bearer {live.token('editor')}"})  # fmt: skip
    while editor.get(f"/alerts?project_id={project}")["alerts"] and time.monotonic() < deadline:
        time.sleep(0.3)
    (over,) = editor.get(f"/alerts?project_id={project}&status=resolved")["alerts"]

    assert over["reason"] == "rule_removed"
