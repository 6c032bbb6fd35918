"""What people configure through the API: thresholds, rules, channels, silences, routes; in force at once, secrets kept."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import httpx
import pytest

from quality_platform.alerting.plans import PlanSource
from quality_platform.configuration.watched import WatchedConfiguration
from quality_platform.state.database import State
from quality_platform_tests.data.asking import Asking
from quality_platform_tests.data.live import Live, serving
from quality_platform_tests.data.receivers import answering, receiving

THRESHOLD = {
    "metric_name": "code_coverage", "warning_threshold": 70.0, "critical_threshold": 50.0,
    "trend_window_minutes": 60, "min_samples": 3, "enabled": True,
}  # fmt: skip
SLACK = {
    "name": "Team Slack Channel", "channel_type": "slack",
    "configuration": {"webhook_url": "https://hooks.slack.com/services/..."}, "enabled": True,
    "alert_types": ["threshold_violation", "regression"], "severity_levels": ["critical", "warning"],
}  # fmt: skip
FILE = """
rules:
  - {name: from the file, metric_name: in.file, warning_threshold: 1, critical_threshold: 2}
channels:
  - {name: file channel, channel_type: console}
"""
CANARY = "canary-4f1c9d2e8b7a6053"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Without a file, so that the default rules are in force; what is stored here must not judge others' samples."""
    with serving(tmp_path_factory.mktemp("stored")) as service:
        yield service


@pytest.fixture(scope="module")
def admin(live: Live) -> Asking:
    return Asking(live, "admin")


@pytest.fixture(scope="module")
def editor(live: Live) -> Asking:
    return Asking(live, "editor")


@pytest.fixture(scope="module")
def filed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A live service whose `quality.yaml` names a rule and a channel."""
    folder = tmp_path_factory.mktemp("filed")
    (folder / "quality.yaml").write_text(FILE)
    with serving(folder, config=folder / "quality.yaml") as service:
        yield service


def name() -> str:
    return f"n-{uuid.uuid4().hex[:8]}"


# --- thresholds and rules --------------------------------------------------------------------------------------------


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


# --- channels --------------------------------------------------------------------------------------------------------


def test_the_example_of_a_channel_is_accepted_as_it_stands(admin: Asking) -> None:
    made = admin("POST", "/notifications/channels", SLACK)
    found = admin.get(f"/notifications/channels/{made.json()['id']}")
    status = admin.get("/notifications/status")
    gone = admin("DELETE", f"/notifications/channels/{made.json()['id']}")

    assert made.status_code == 201, made.text
    same = ("name", "channel_type", "enabled", "alert_types", "severity_levels")
    assert {each: found[each] for each in same} == {each: SLACK[each] for each in same}
    assert found["configuration"]["webhook_url"].startswith("****")
    assert SLACK["name"] in [each["name"] for each in status["channels"]]
    assert gone.status_code == 204
    assert admin("GET", f"/notifications/channels/{made.json()['id']}").status_code == 404


def test_a_secret_goes_in_and_never_comes_out(live: Live, admin: Asking, tmp_path: Path) -> None:
    channel = {
        "name": name(),
        "channel_type": "slack",
        "configuration": {"webhook_url": f"https://127.0.0.1:1/{CANARY}"},
    }
    made = admin("POST", "/notifications/channels", channel).json()
    path = f"/notifications/channels/{made['id']}"

    wrong = admin("POST", "/notifications/channels", {**channel, "configuration": {"webhook": CANARY}})
    odd = admin("PUT", path, {**channel, "severity_levels": [CANARY]})
    admin("POST", f"/notifications/test/{made['id']}")
    kept = admin("PUT", path, {**made, "enabled": False})
    seen = [made, wrong.text, odd.text, kept.text, admin.get("/notifications/channels"), admin.get("/notifications/status"),
            admin.get("/notifications/deliveries"), audit(live)]  # fmt: skip
    admin("DELETE", path)

    assert CANARY not in repr(seen)
    assert made["configuration"]["webhook_url"] == f"****{CANARY[-4:]}"
    assert (wrong.status_code, odd.status_code) == (422, 422)
    assert kept.json()["configuration"] == made["configuration"]
    live.nowhere(CANARY)


def test_the_mask_of_another_secret_is_no_secret(admin: Asking) -> None:
    answer = admin("POST", "/notifications/channels", {**SLACK, "configuration": {"webhook_url": "****abcd"}})

    assert answer.status_code == 422
    assert "configuration.webhook_url" in answer.json()["detail"]


def test_a_secret_outlives_a_restart_and_is_used(tmp_path: Path) -> None:
    with receiving(answering(200)) as receiver, serving(tmp_path, webhook_allow_cidrs=("127.0.0.0/8",)) as live:
        admin = Asking(live, "admin")
        made = admin("POST", "/notifications/channels", webhook(receiver.url(f"/{CANARY}"))).json()
        live.kill()
        live.start()
        tested = admin("POST", f"/notifications/test/{made['id']}").json()

        assert (tested["delivered"], tested["status"]) == (True, 200)
        assert receiver.requests[-1].path == f"/{CANARY}"
        for path in live.settings.root.rglob("*"):
            assert not path.is_file() or CANARY.encode() not in path.read_bytes(), path


def webhook(url: str) -> dict[str, Any]:
    return {"name": "hook", "channel_type": "webhook", "configuration": {"url": url}}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"configuration": {}}, "configuration.webhook_url"), ({"channel_type": "pigeon"}, ""),
        ({"configuration": {"webhook_url": "x", "more": 1}}, "configuration.more"), ({"bogus": 1}, "bogus"),
        ({"alert_types": ["x"]}, "alert_types[0]"), ({"name": ""}, "name"),
    ],
)  # fmt: skip
def test_a_wrong_channel_names_its_field(admin: Asking, change: dict[str, Any], field: str) -> None:
    answer = admin("POST", "/notifications/channels", {**SLACK, **change})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field, answer.text


def test_channels_are_for_admins(editor: Asking) -> None:
    assert editor("POST", "/notifications/channels", SLACK).status_code == 403
    assert editor("PUT", "/notifications/channels/x", SLACK).status_code == 403
    assert editor("DELETE", "/notifications/channels/x").status_code == 403
    assert editor("POST", "/notifications/test/console").json()["delivered"] is True
    assert editor("POST", "/notifications/test/nowhere").status_code == 404


def test_what_was_given_up_is_seen_and_sent_again(tmp_path: Path) -> None:
    answers = [400]

    def behave(handler: BaseHTTPRequestHandler) -> None:
        answering(answers[-1])(handler)

    with receiving(behave) as receiver, serving(tmp_path, webhook_allow_cidrs=("127.0.0.0/8",)) as live:
        admin = Asking(live, "admin")
        admin("POST", "/notifications/channels", webhook(receiver.url()))
        alert = {"project_id": "p", "severity": "critical", "message": "bad"}
        admin("POST", "/alerts", alert)
        letters = until(lambda: admin.get("/notifications/dead-letters")["dead_letters"])
        answers.append(200)

        none = admin("POST", "/notifications/dead-letters/replay", {"channel": "another"}).json()
        unknown = admin("POST", "/notifications/dead-letters/unknown/replay")
        done = admin("POST", f"/notifications/dead-letters/{letters[0]['message_id']}/replay").json()
        until(lambda: not admin.get("/notifications/dead-letters")["dead_letters"])
        delivered = until(lambda: admin.get("/notifications/deliveries?channel=hook&state=delivered")["deliveries"])

    assert (none["replayed"], unknown.status_code, done["replayed"]) == (0, 404, 1)
    assert delivered[-1]["message_id"] == letters[0]["message_id"]


def until(look: Any, seconds: float = 60.0) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := look()) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert found
    return found


# --- silences and routes ---------------------------------------------------------------------------------------------


def test_a_silence_lives_from_preview_to_its_end(editor: Asking) -> None:
    project = name()
    editor("POST", "/alerts", {"project_id": project, "message": "noise"})
    body = {"matchers": [f"project_id={project}"], "duration": "2h", "comment": "release"}

    seen = editor("POST", "/silences/preview", {"matchers": body["matchers"]}).json()
    made = editor("POST", "/silences", body)
    path = f"/silences/{made.json()['id']}"
    (silenced,) = editor.get(f"/alerts?project_id={project}")["alerts"]
    longer = editor("PUT", path, {**body, "duration": "3h"}, If_Match=made.headers["etag"])
    late = editor("PUT", path, body, If_Match=made.headers["etag"])
    over = editor("DELETE", path)
    after = editor("PUT", path, body)

    assert (seen["matched"], [each["message"] for each in seen["alerts"]]) == (1, ["noise"])
    assert (made.status_code, made.json()["status"], made.json()["matchers"]) == (
        201,
        "active",
        [f'project_id="{project}"'],
    )
    assert silenced["silenced_by"] == [made.json()["id"]]
    assert (longer.status_code, late.status_code, over.json()["status"], after.status_code) == (
        200,
        412,
        "expired",
        409,
    )
    assert made.json()["id"] not in [each["id"] for each in editor.get("/silences")["silences"]]
    assert made.json()["id"] in [each["id"] for each in editor.get("/silences?status=expired")["silences"]]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"matchers": []}, "matchers"), ({"matchers": ["a=~.*"]}, "matchers"), ({"matchers": ["a"]}, "'a'"),
        ({"matchers": ["a=~("]}, "("), ({"comment": " "}, "comment"), ({"duration": None}, "ends_at"),
        ({"ends_at": "2099-01-01T00:00:00Z"}, "ends_at"), ({"duration": "900d"}, "ends_at"), ({"bogus": 1}, "bogus"),
        ({"kinds": ["resolved"]}, "kinds"), ({"duration": "99999999999d"}, "duration"),
    ],
)  # fmt: skip
def test_a_wrong_silence_names_its_field(editor: Asking, change: dict[str, Any], field: str) -> None:
    body = {"matchers": ["project_id=x"], "duration": "2h", "comment": "why", **change}

    answer = editor("POST", "/silences", body)

    assert answer.status_code == 422
    assert field in answer.json()["detail"], answer.text


def test_a_silence_is_there_after_a_kill(tmp_path: Path) -> None:
    with serving(tmp_path) as live:
        editor = Asking(live, "editor")
        made = editor("POST", "/silences", {"matchers": ["a=b"], "duration": "1h", "comment": "x"}).json()
        live.kill()
        live.start()
        assert [each["id"] for each in editor.get("/silences")["silences"]] == [made["id"]]


def test_routes_are_stored_tried_and_forgotten(admin: Asking) -> None:
    for each in ("calm", "loud"):
        channel = {"name": each, "channel_type": "console", "configuration": {}, "project_ids": ["routed"]}
        assert admin("POST", "/notifications/channels", channel).status_code == 201
    tree = {"receiver": "calm", "routes": [{"matchers": ['severity="critical"'], "receiver": "loud"}]}

    unknown = admin("PUT", "/routes", {**tree, "receiver": "nowhere"})
    stored = admin("PUT", "/routes", tree)
    loud = admin("POST", "/routes/test", {"labels": {"severity": "critical", "project_id": "routed"}}).json()
    calm = admin("POST", "/routes/test", {"labels": {"severity": "warning", "project_id": "routed"}}).json()
    forgotten = admin("DELETE", "/routes")

    assert (unknown.status_code, "nowhere" in unknown.json()["detail"]) == (422, True)
    assert (stored.json()["source"], stored.headers["etag"]) == ("api", '"1"')
    assert (loud["channels"], calm["channels"]) == (["loud"], ["calm"])
    assert forgotten.status_code == 204
    assert admin.get("/routes")["source"] == "channels"
    for each in ("calm", "loud"):
        admin("DELETE", f"/notifications/channels/{each}")


# --- the audit -------------------------------------------------------------------------------------------------------


def test_every_change_is_in_the_audit(live: Live, admin: Asking) -> None:
    rule = {**THRESHOLD, "name": name()}
    admin("PUT", "/thresholds", rule)
    admin("PUT", "/thresholds", {**rule, "warning_threshold": 71.0})
    admin("DELETE", f"/rules/{rule['name']}")

    found = [each for each in audit(live)["changes"] if each["subject"] == rule["name"]]

    assert [each["action"] for each in found] == ["rule.delete", "rule.change", "rule.create"]
    changed = found[1]["details"]
    assert (changed["before"]["warning_threshold"], changed["after"]["warning_threshold"]) == (70.0, 71.0)
    assert all(each["actor"].startswith("token admin") for each in found)


def audit(live: Live) -> Any:
    headers = {"Authorization": f"Bearer {live.token('admin')}"}
    return httpx.get(f"{live.base}/api/v1/audit?limit=500", headers=headers).json()
