"""The routes of alerts, as somebody with curl uses them: pushed, listed, acted on, looked back at."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest

from quality_platform_tests.data.asking import MONITORING, Asking
from quality_platform_tests.data.live import Live

EXAMPLE = {
    "project_id": "my-project", "alert_type": "threshold_violation", "severity": "warning",
    "metric_name": "code_coverage", "current_value": 65.0, "threshold_value": 70.0,
    "message": "Code coverage below warning threshold",
}  # fmt: skip


@pytest.fixture(scope="module")
def viewer(live: Live) -> Asking:
    return Asking(live, "viewer")


@pytest.fixture(scope="module")
def editor(live: Live) -> Asking:
    return Asking(live, "editor")


@pytest.fixture
def project() -> str:
    return f"project-{uuid.uuid4().hex[:8]}"


def pushed(editor: Asking, project: str, **words: Any) -> dict[str, Any]:
    answer = editor("POST", "/alerts", {**EXAMPLE, "project_id": project, **words})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_the_example_is_accepted_as_it_stands(editor: Asking, viewer: Asking) -> None:
    answer = editor("POST", "/alerts", EXAMPLE)
    alert = viewer.get(answer.headers["location"].removeprefix(MONITORING))

    assert answer.status_code == 201
    assert answer.headers["etag"] == '"1"'
    assert (alert["status"], alert["metric_name"]) == ("active", "code.coverage_percent")
    same = ("project_id", "alert_type", "severity", "current_value", "threshold_value", "message")
    assert {name: alert[name] for name in same} == {name: EXAMPLE[name] for name in same}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"severity": "bad"}, "severity"),
        ({"alert_type": "none"}, "alert_type"),
        ({"message": ""}, "message"),
        ({"current_value": "much"}, "current_value"),
        ({"labels": {"a": 1}}, "labels.a"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_wrong_field_is_named(editor: Asking, change: dict[str, Any], field: str) -> None:
    answer = editor("POST", "/alerts", {**EXAMPLE, **change})

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["type"], problem["status"]) == ("about:blank", 422)
    assert [each["field"] for each in problem["errors"]] == [field]
    assert field in problem["detail"]


def test_filters_narrow_the_list_down(editor: Asking, viewer: Asking, project: str) -> None:
    first = pushed(editor, project, severity="critical", labels={"team": "core"}, message="Alpha 100% broken")
    second = pushed(editor, project, alert_type="regression", metric_name="p95", rule="slow", labels={"team": "web"})
    editor("POST", f"/alerts/{second['id']}/acknowledge")
    editor("POST", f"/alerts/{second['id']}/assign", {"assignee": "ann"})
    both, one, two = [second["id"], first["id"]], [first["id"]], [second["id"]]

    for query, ids in {
        "": both, "status=open": both, "status=active": one, "status=acknowledged": two, "status=resolved": [],
        "status=active&status=acknowledged": both, "severity=critical": one, "severity=critical&severity=warning": both,
        "alert_type=regression": two, "type=regression": two, "metric_name=code_coverage": one,
        "metric_name=code.coverage_percent": one, "rule=slow": two, "matcher=team=core": one,
        'matcher=team="core"': one, "matcher=team!=core": two, "matcher=team=~c.*|w.*": both, "matcher=team!~w.*": one,
        "matcher=team=core&matcher=severity=critical": one, "matcher=nothing=": both, "assignee=ann": two,
        "assignee=": one, "text=alpha": one, "text=100%25": one, "text=1000%25": [], "since=2020-01-01": both,
        "until=2020-01-01T00:00:00Z": [], "sort=severity": [first["id"], second["id"]],
        "sort=opened_at": [first["id"], second["id"]],
    }.items():  # fmt: skip
        found = viewer.get(f"/alerts?project_id={project}&{query}")["alerts"]
        assert [each["id"] for each in found] == ids, query


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=gone", "status[0]"), ("limit=0", "limit"), ("matcher=team", "matcher[0]"), ("matcher=a=~(", "matcher"),
        ("since=yesterday", "since"), ("bogus=1", "bogus"), ("cursor=abc", "cursor"), ("sort=colour", "sort"),
        ("cursor=WyItb3BlbmVkX2F0Iiwid2FybmluZyIsIm5vbmUiLCJ4Il0", "cursor"),
    ],
)  # fmt: skip
def test_a_wrong_filter_is_named(viewer: Asking, query: str, field: str) -> None:
    answer = viewer("GET", f"/alerts?{query}")

    assert answer.status_code == 422
    assert field in answer.json()["detail"]


@pytest.mark.parametrize("sort", ["-opened_at", "opened_at", "-updated_at", "severity"])
def test_pages_show_every_alert_once_in_order(editor: Asking, viewer: Asking, sort: str) -> None:
    project = f"paged{sort.replace('-', '-down-')}"
    made = [
        pushed(editor, project, severity=severity, labels={"n": str(n)})
        for n, severity in enumerate(["warning", "critical", "info", "critical", "warning", "info", "warning"])
    ]
    url = f"/alerts?project_id={project}&sort={sort}"

    whole = [each["id"] for each in viewer.get(url)["alerts"]]
    pages, cursor = [], ""
    while True:
        page = viewer.get(f"{url}&limit=2{cursor}")
        pages.append([each["id"] for each in page["alerts"]])
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"

    assert [alert_id for page in pages for alert_id in page] == whole
    assert set(whole) == {each["id"] for each in made}
    assert [len(page) for page in pages] == [2, 2, 2, 1]


def test_an_alert_goes_from_active_to_acknowledged_to_resolved(editor: Asking, viewer: Asking, project: str) -> None:
    path = f"/alerts/{pushed(editor, project)['id']}"

    seen = editor("POST", f"{path}/acknowledge", {"note": "on it"}).json()
    again = editor("POST", f"{path}/acknowledge").json()
    back = editor("POST", f"{path}/unacknowledge").json()
    over = editor("POST", f"{path}/resolve", {"note": "done"}).json()
    twice = editor("POST", f"{path}/resolve")
    late = editor("POST", f"{path}/acknowledge")
    history = viewer.get(f"{path}/history")

    assert (seen["status"], seen["acknowledged_by"][:6]) == ("acknowledged", "token ")
    assert again["version"] == seen["version"]
    assert (back["status"], over["status"], over["manual"], over["reason"]) == ("active", "resolved", True, "manual")
    assert twice.status_code == 200
    assert late.status_code == 409
    assert late.json()["current"] == "resolved"
    assert late.headers["content-type"] == "application/problem+json"
    kinds = ["fired", "acknowledged", "unacknowledged", "resolved"]
    assert [each["kind"] for each in history["events"]] == kinds
    assert history["events"][1]["note"] == "on it"
    assert all(each["actor"].startswith("token editor") for each in history["events"])


def test_history_comes_in_pages(editor: Asking, viewer: Asking, project: str) -> None:
    path = f"/alerts/{pushed(editor, project)['id']}"
    for n in range(3):
        editor("POST", f"{path}/comment", {"text": f"comment {n}"})

    first = viewer.get(f"{path}/history?limit=3")
    second = viewer.get(f"{path}/history?limit=3&cursor={first['next']}")

    assert [len(page["events"]) for page in (first, second)] == [3, 1]
    assert second["next"] is None
    assert [each["note"] for each in (first["events"] + second["events"])[1:]] == [f"comment {n}" for n in range(3)]


def test_a_version_that_has_passed_is_refused(editor: Asking, project: str) -> None:
    alert = pushed(editor, project)
    path = f"/alerts/{alert['id']}"

    done = editor("POST", f"{path}/acknowledge", None, If_Match=f'"{alert["version"]}"')
    late = editor("POST", f"{path}/resolve", None, If_Match=f'"{alert["version"]}"')
    odd = editor("POST", f"{path}/resolve", None, If_Match="yes")
    anyhow = editor("POST", f"{path}/resolve", None, If_Match="*")

    assert done.status_code == 200
    assert (late.status_code, odd.status_code, anyhow.status_code) == (412, 412, 200)
    assert late.json()["current"] == str(done.json()["version"])


def test_put_changes_what_is_named_and_nothing_else(editor: Asking, project: str) -> None:
    path = f"/alerts/{pushed(editor, project)['id']}"

    changed = editor("PUT", path, {"assignee": "ann", "actionable": True, "status": "acknowledged", "note": "mine"})
    freed = editor("PUT", path, {"assignee": None, "snoozed_until": "2099-01-01T00:00:00Z"})
    nothing = editor("PUT", path, {})
    past = editor("PUT", path, {"snoozed_until": "2020-01-01T00:00:00Z"})

    found = changed.json()
    assert (found["assignee"], found["actionable"], found["status"]) == ("ann", True, "acknowledged")
    assert (freed.json()["assignee"], freed.json()["status"]) == (None, "acknowledged")
    assert freed.json()["snoozed_until"].startswith("2099")
    assert (nothing.status_code, past.status_code) == (422, 422)


def test_many_at_once(editor: Asking, viewer: Asking, project: str) -> None:
    ids = [pushed(editor, project, labels={"n": str(n)})["id"] for n in range(3)]

    done = editor("POST", "/alerts/bulk", {"action": "acknowledge", "ids": [*ids, "unknown"], "note": "all"}).json()
    wrong = editor("POST", "/alerts/bulk", {"action": "acknowledge", "ids": ids, "text": "x"})
    lacking = editor("POST", "/alerts/bulk", {"action": "assign", "ids": ids})

    assert (done["done"], done["failed"]) == (3, 1)
    assert [done["results"][each] for each in ids] == ["done"] * 3
    assert "unknown" in done["results"]["unknown"]
    assert (wrong.status_code, lacking.status_code) == (422, 422)
    assert len(viewer.get(f"/alerts?project_id={project}&status=acknowledged")["alerts"]) == 3


def test_deliveries_and_explanations(editor: Asking, viewer: Asking, live: Live, project: str) -> None:
    alert = pushed(editor, project)
    path = f"/alerts/{alert['id']}"
    deadline = 100
    while deadline and not [d for d in viewer.get(f"{path}/deliveries")["deliveries"] if d["state"] == "delivered"]:
        deadline -= 1

    (message,) = viewer.get(f"{path}/deliveries")["deliveries"]
    steps = viewer.get(f"{path}/explain")["steps"]

    assert (message["channel"], message["kind"], message["state"]) == ("console", "firing", "delivered")
    assert [each["outcome"] for each in message["tries"]] == ["delivered"]
    assert {each["channel"] for each in steps} == {"console"}
    assert steps[-1]["what"] == "outcome"
    assert viewer("GET", f"{path}/explain?channel=nowhere").status_code == 404
    assert any(each["message_id"] == message["message_id"] for each in
               viewer.get("/notifications/deliveries?channel=console")["deliveries"])  # fmt: skip


def test_figures_of_late(editor: Asking, viewer: Asking, project: str) -> None:
    for n, worth in enumerate((True, True, False)):
        alert = pushed(editor, project, labels={"n": str(n)}, rule=f"of {project}")
        editor("POST", f"/alerts/{alert['id']}/mark", {"actionable": worth})
        editor("POST", f"/alerts/{alert['id']}/acknowledge")
        editor("POST", f"/alerts/{alert['id']}/resolve")

    found = viewer.get(f"/analytics?project_id={project}")

    assert (found["episodes"], found["open"], found["by_severity"]["warning"]) == (3, 0, 3)
    assert found["time_to_acknowledge"]["episodes"] == found["time_to_resolve_by_hand"]["episodes"] == 3
    assert found["precision"] == pytest.approx(2 / 3)
    assert [(each["rule"], each["episodes"], each["marked"]) for each in found["rules"]] == [(f"of {project}", 3, 3)]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/alerts", EXAMPLE), ("PUT", "/alerts/x", {"assignee": "a"}), ("POST", "/alerts/x/resolve", None),
        ("POST", "/alerts/x/acknowledge", None), ("POST", "/alerts/x/unacknowledge", None),
        ("POST", "/alerts/x/assign", {"assignee": "a"}), ("POST", "/alerts/x/comment", {"text": "a"}),
        ("POST", "/alerts/x/snooze", {"until": None}), ("POST", "/alerts/x/mark", {"actionable": True}),
        ("POST", "/alerts/bulk", {"action": "resolve", "ids": ["x"]}),
    ],
)  # fmt: skip
def test_a_viewer_only_looks(viewer: Asking, method: str, path: str, body: Any) -> None:
    answer = viewer(method, path, body)

    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"


def test_nobody_and_nothing(live: Live, editor: Asking) -> None:
    assert httpx.get(f"{live.base}{MONITORING}/alerts").status_code == 401
    for path in ("/alerts/none", "/alerts/none/history", "/alerts/none/deliveries", "/alerts/none/explain"):
        assert editor("GET", path).status_code == 404, path
    assert editor("POST", "/alerts/none/resolve").status_code == 404


def test_a_request_that_brings_too_much_is_refused(live: Live) -> None:
    headers = {"Authorization": f"Bearer {live.token('editor')}", "Content-Type": "application/json"}

    answer = httpx.post(f"{live.base}{MONITORING}/alerts", content=b" " * (5 << 20), headers=headers, timeout=30)

    assert answer.status_code == 413
