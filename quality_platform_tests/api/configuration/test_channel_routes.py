"""Channels over HTTP: their secrets go in and never come out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from quality_platform_tests.data.asking import Asking
from quality_platform_tests.data.configuring import CANARY, SLACK, audit, name, webhook
from quality_platform_tests.data.live import Live, serving
from quality_platform_tests.data.receivers import answering, receiving


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
