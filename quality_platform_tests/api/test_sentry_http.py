"""Envelopes and stored events over plain HTTP: keys, answers, broken items beside good ones, repetitions."""

from __future__ import annotations

import base64
import json
import uuid
import zlib
from urllib.parse import urlsplit

import httpx

from quality_platform_tests.data.live import Live


def envelope(*items: tuple[dict[str, object], bytes], **header: object) -> bytes:
    """An envelope of headers and payloads; each item's length is left out, as browsers do."""
    lines = [json.dumps(header).encode()]
    for item, payload in items:
        lines += [json.dumps(item).encode(), payload]
    return b"\n".join(lines) + b"\n"


def event(message: str, identity: str | None = None) -> tuple[dict[str, object], bytes]:
    return {"type": "event"}, json.dumps({"event_id": identity or uuid.uuid4().hex, "message": message}).encode()


def post(live: Live, project: str, body: bytes, path: str = "/api/1/envelope/", **headers: str) -> httpx.Response:
    """What a project's client is answered; its key is in the query, as from a browser."""
    key = live.key(project)["key"]
    return httpx.post(f"{live.base}{path}", params={"sentry_key": key}, content=body, headers=headers)


def test_the_answer_names_the_event(live: Live) -> None:
    identity = uuid.uuid4().hex

    answer = post(live, "answered", envelope(event("hello", identity), event_id=identity))

    assert (answer.status_code, answer.json()) == (200, {"id": identity})
    assert answer.headers["access-control-allow-origin"] == "*"


def test_the_key_may_be_in_header_query_or_dsn(live: Live) -> None:
    settings = live.key("keyed")
    url, dsn, key = f"{live.base}/api/1/envelope", settings["sentry_dsn"], settings["key"]
    body = envelope(event("hello"))

    answers = [
        httpx.post(url, content=body, headers={"X-Sentry-Auth": f"Sentry sentry_version=7, sentry_key={key}"}),
        httpx.post(url, content=body, params={"sentry_key": key, "sentry_version": "7"}),
        httpx.post(url, content=envelope(event("hello"), dsn=dsn), headers={"Content-Type": "text/plain"}),
        httpx.post(url, content=body),
        httpx.post(url, content=body, params={"sentry_key": "unknown"}),
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 401, 403]
    assert urlsplit(dsn).username == key
    assert "keys create" in answers[3].json()["detail"]


def test_good_items_beside_broken_ones_are_kept(live: Live) -> None:
    body = envelope(
        event("first"),
        ({"type": "event"}, b'{"message": broken'),
        ({"type": "from_the_future"}, b"{}"),
        ({"type": "attachment", "length": 4}, b"\x00\n\xff\xfe"),
        ({"no": "type"}, b"what follows a header that is none"),
        event("second"),
        ({"type": "event", "length": 100_000}, b'{"message": "cut'),
    )

    assert post(live, "mixed", body).status_code == 200

    rows = live.until("SELECT message FROM raw.error_events WHERE project = 'mixed' ORDER BY message", 2)
    assert [row["message"] for row in rows] == ["first", "second"]
    live.until_ledger(
        "mixed",
        {
            "error": {"received": 4, "stored": 2, "rejected": 2},
            "other": {"received": 3, "rejected": 3},
        },
    )
    reasons = live.sql(
        "SELECT reason FROM raw.ingest_counts WHERE project = 'mixed' AND outcome = 'rejected' ORDER BY reason"
    )
    assert [row["reason"] for row in reasons] == [
        "invalid_json",
        "item_header",
        "not_kept",
        "truncated",
        "unknown_type",
    ]
    assert len(live.sql("SELECT 1 FROM raw.quarantine WHERE source_id = 'live:mixed'")) == 3


def test_an_event_that_comes_again_is_counted_and_not_stored(live: Live) -> None:
    identity = uuid.uuid4().hex

    for _ in range(3):
        post(live, "sentry-again", envelope(event("once", identity)))

    live.until_ledger("sentry-again", {"error": {"received": 3, "stored": 1, "duplicate": 2}})
    assert len(live.sql("SELECT 1 FROM raw.error_events WHERE project = 'sentry-again'")) == 1


def test_what_is_no_envelope_is_refused_in_words(live: Live) -> None:
    for body in (b"", b"hello", b"[]\n", b'{}\nno header\n{"no": "type"}\n'):
        answer = post(live, "refused", body)
        assert answer.status_code == 400
        assert answer.json()["detail"]
    assert post(live, "refused", b"{}\n" + b'{"type":"event"}\n\n' * 1001).status_code == 413
    assert post(live, "refused", b"{}\n").status_code == 200


def test_the_store_endpoint_takes_one_event_plain_or_deflated(live: Live) -> None:
    identity = uuid.uuid4().hex
    old = {"event_id": identity, "sentry.interfaces.Message": {"message": "from %s", "params": ["raven"]}, "level": 40}
    packed = base64.b64encode(zlib.compress(json.dumps(old).encode()))

    plain = post(live, "stored", json.dumps({"message": "plain"}).encode(), "/api/1/store/")
    deflated = post(live, "stored", packed, "/api/1/store", **{"Content-Type": "application/octet-stream"})

    assert (plain.status_code, deflated.status_code, deflated.json()) == (200, 200, {"id": identity})
    rows = live.until("SELECT message, level FROM raw.error_events WHERE project = 'stored' ORDER BY message", 2)
    assert rows == [{"message": "from raven", "level": "error"}, {"message": "plain", "level": "error"}]
    assert post(live, "stored", b"neither", "/api/1/store/").status_code == 400


def test_a_browser_may_ask_first(live: Live) -> None:
    answer = httpx.options(
        f"{live.base}/api/1/envelope/",
        headers={"Origin": "https://shop.example", "Access-Control-Request-Headers": "x-sentry-auth"},
    )

    assert answer.status_code == 204
    assert "x-sentry-auth" in answer.headers["access-control-allow-headers"]
    assert "x-sentry-rate-limits" in answer.headers["access-control-expose-headers"]
