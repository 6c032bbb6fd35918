"""What was given up, over HTTP."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler
from pathlib import Path

from quality_platform_tests.data.asking import Asking
from quality_platform_tests.data.configuring import audit, until, webhook
from quality_platform_tests.data.live import serving
from quality_platform_tests.data.receivers import answering, receiving


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


def test_replaying_is_in_the_audit_with_what_it_did(tmp_path: Path) -> None:
    with receiving(answering(400)) as receiver, serving(tmp_path, webhook_allow_cidrs=("127.0.0.0/8",)) as live:
        admin = Asking(live, "admin")
        admin("POST", "/notifications/channels", webhook(receiver.url()))
        for number in range(3):
            admin("POST", "/alerts", {"project_id": f"p{number}", "severity": "critical", "message": "bad"})
        until(lambda: len(admin.get("/notifications/dead-letters")["dead_letters"]) == 3)
        first = admin.get("/notifications/dead-letters?limit=2")
        rest = admin.get(f"/notifications/dead-letters?limit=2&after={first['next']}")
        pages = [*first["dead_letters"], *rest["dead_letters"]]
        done = admin("POST", "/notifications/dead-letters/replay", {"channel": "hook"}).json()
        admin("POST", "/notifications/dead-letters/replay", {"channel": "nobody"})
        admin("POST", "/notifications/test/hook")
        found = [each for each in audit(live)["changes"] if each["action"] in {"delivery.replay", "channel.test"}]

    assert len({each["message_id"] for each in pages}) == 3
    assert (rest["next"], done["replayed"]) == (None, 3)
    assert [(each["action"], each["subject"]) for each in found] == [
        ("channel.test", "hook"),
        ("delivery.replay", "hook"),
    ]
    assert found[1]["details"] == {"messages": 3}
