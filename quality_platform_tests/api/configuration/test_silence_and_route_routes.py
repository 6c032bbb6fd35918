"""Silences and the routing tree over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from quality_platform_tests.data.asking import Asking
from quality_platform_tests.data.configuring import name
from quality_platform_tests.data.live import serving


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
