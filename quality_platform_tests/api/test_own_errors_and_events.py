"""Errors and usage by own JSON, through the real service: from the answer to the row and the ledger."""

from __future__ import annotations

import json
from typing import Any

import httpx

from quality_platform_tests.data.doors import SECRETS
from quality_platform_tests.data.live import Live

STACKS = {
    "python": 'Traceback (most recent call last):\n  File "/app/shop/pay.py", line 12, in pay\n    x()\nValueError: no card',
    "javascript": "TypeError: no card\n    at pay (/app/shop/pay.js:12:5)\n    at main (/app/shop/main.js:3:1)",
    "java": "java.lang.IllegalStateException: no card\n\tat shop.Pay.pay(Pay.java:12)\n\tat shop.Main.main(Main.java:3)",
    "go": "panic: no card\n\ngoroutine 1 [running]:\nmain.pay(0x1)\n\t/app/pay.go:12 +0x1d\nmain.main()\n\t/app/main.go:3 +0x20",
    "ruby": "/app/pay.rb:12:in `pay': no card (Shop::CardError)\n\tfrom /app/main.rb:3:in `<main>'",
}


def sent(live: Live, project: str, what: str, body: object, **headers: str) -> httpx.Response:
    whole = {"Authorization": f"Bearer {live.key(project)['key']}", **headers}
    return httpx.post(f"{live.base}/api/v1/ingest/{what}", json=body, headers=whole)


def test_errors_of_several_languages_have_type_frames_and_culprit(live: Live) -> None:
    errors = [{"stack": stack, "logger": language, "user": "bob@example.com"} for language, stack in STACKS.items()]

    assert sent(live, "languages", "errors", {"errors": errors}).json() == {"accepted": 5, "rejected": 0, "errors": []}

    found = live.until("SELECT * FROM raw.error_events WHERE project = 'languages'", 5)
    by_language = {row["logger"]: row for row in found}
    assert {name: row["type"] for name, row in by_language.items()} == {
        "python": "ValueError", "javascript": "TypeError", "java": "java.lang.IllegalStateException",
        "go": "panic", "ruby": "Shop::CardError",
    }  # fmt: skip
    assert {row["message"] for row in found} == {"no card"}
    assert all(row["culprit"].endswith("pay") for row in found)
    assert all(json.loads(row["frames"])[-1]["line"] == 12 for row in found)
    live.until_ledger("languages", {"error": {"received": 5, "stored": 5}})


def test_what_is_wrong_is_said_and_put_aside_safe(live: Live) -> None:
    said = "bob@example.com, 4111111111111111, 203.0.113.77, password=hunter2"
    events: list[Any] = [
        {"event": "checkout", "user": said, "properties": {"said": said}},
        {"user": said, "said": said},
    ]
    answer = sent(live, "wrong", "events", events)

    assert answer.status_code == 202
    assert answer.json()["errors"] == [
        {"index": 1, "field": "event", "message": "event must be a name of 1 to 500 characters."}
    ]
    live.until("SELECT 1 FROM raw.quarantine WHERE project = 'wrong'")
    live.until_ledger("wrong", {"event": {"received": 2, "stored": 1, "rejected": 1}})
    live.nowhere(*SECRETS)


def test_an_event_is_stored_once_for_its_id_and_a_request_once_for_its_key(live: Live) -> None:
    for _ in range(2):
        sent(live, "once", "events", {"event": "e", "event_id": "e-1"})
        sent(live, "once", "errors", [{"message": "a"}, {"message": "b"}], **{"Idempotency-Key": "k-1"})
    sent(live, "once", "errors", [{"message": "c"}], **{"Idempotency-Key": "k-2"})

    live.until("SELECT 1 FROM raw.error_events WHERE project = 'once' AND message = 'c'")
    live.until_ledger(
        "once",
        {
            "event": {"received": 2, "stored": 1, "duplicate": 1},
            "error": {"received": 5, "stored": 3, "duplicate": 2},
        },
    )


def test_openapi_tells_of_the_doors_and_its_examples_are_accepted(live: Live) -> None:
    document = httpx.get(f"{live.base}/api/v1/openapi.json").json()
    headers = {"Authorization": f"Bearer {live.key('examples')['key']}"}
    assert document["components"]["securitySchemes"]["project_key"]["scheme"] == "bearer"

    for what in ("metrics", "errors", "events"):
        operation = document["paths"][f"/api/v1/ingest/{what}"]["post"]
        assert set(operation["responses"]) == {"202", "400", "401", "403", "413", "415", "429", "503"}
        contents = operation["requestBody"]["content"]
        for example in contents["application/json"]["examples"].values():
            answer = httpx.post(f"{live.base}/api/v1/ingest/{what}", json=example["value"], headers=headers)
            assert (answer.status_code, answer.json()["rejected"]) == (202, 0)
        lines = {**headers, "Content-Type": "application/x-ndjson"}
        body = contents["application/x-ndjson"]["example"]
        assert httpx.post(f"{live.base}/api/v1/ingest/{what}", content=body, headers=lines).status_code == 202


def test_every_documented_refusal_can_be_had(live: Live) -> None:
    headers = {"Authorization": f"Bearer {live.key('refusals')['key']}"}
    url = f"{live.base}/api/v1/ingest/events"

    def status(**given: Any) -> int:
        answer = httpx.post(url, **given)
        assert set(answer.json()) in ({"detail", "reason"}, {"accepted", "rejected", "errors"})
        return answer.status_code

    assert status(json=[{}], headers=headers) == 400
    assert status(content=b"{", headers=headers) == 400
    assert status(json={"event": "e"}) == 401
    assert status(json={"event": "e"}, headers={"Authorization": "Bearer qpk_unknown"}) == 403
    assert status(json=[{"event": "e"}] * 50_001, headers=headers) == 413
    assert status(content=b"x", headers={**headers, "Content-Encoding": "snail"}) == 415
    assert httpx.get(url, headers=headers).status_code == 405
