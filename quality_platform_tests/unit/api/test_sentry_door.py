"""Where Sentry's clients put the key, what they are told, and how cheap it is to tell them."""

from __future__ import annotations

import pytest

from quality_platform.api.ingest.contract import Answer, Inbound, RefusedError
from quality_platform.api.ingest.sentry.door import check, key, limited, refused


def inbound(body: bytes = b"{}\n", **more: dict[str, str]) -> Inbound:
    return Inbound("POST", "/api/1/envelope/", more.get("query", {}), more.get("headers", {}), body, 0)


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (inbound(headers={"x-sentry-auth": "Sentry sentry_key=qpk_a1, sentry_version=7"}), "qpk_a1"),
        (inbound(headers={"x-sentry-auth": "Sentry sentry_version=7,sentry_key=qpk_a1"}), "qpk_a1"),
        (inbound(headers={"authorization": "Sentry sentry_key=qpk_a1"}), "qpk_a1"),
        (inbound(query={"sentry_key": "qpk_a1"}), "qpk_a1"),
        (inbound(b'{"dsn":"http://qpk_a1@localhost:1/7"}\n'), "qpk_a1"),
        (inbound(b'{"dsn": "http://qpk_a1:secret@localhost/7"}\n'), "qpk_a1"),
        (inbound(b'{}\n{"dsn":"http://qpk_a1@localhost/7"}\n'), None),
        (inbound(b'{"dsn":"http://[broken"}\n'), None),
        (inbound(b""), None),
    ],
)
def test_the_key_is_found(request_: Inbound, expected: str | None) -> None:
    assert key(request_) == expected


def test_the_client_is_kept_by_name() -> None:
    given = inbound(headers={"x-sentry-auth": "Sentry sentry_key=a, sentry_client=sentry.python/2.75.0, x=1"})

    assert check(given).meta == {"client": "sentry.python/2.75.0"}
    assert check(inbound(query={"sentry_client": "sentry.javascript.browser/11"})).meta == {
        "client": "sentry.javascript.browser/11"
    }


@pytest.mark.parametrize("identity", ['"x"', "5", '"<script>"', '"' + "g" * 32 + '"'])
def test_the_answer_repeats_nothing_that_is_no_id(identity: str) -> None:
    assert check(inbound(b'{"event_id":%s}\n' % identity.encode())).answer.body == b"{}"


def test_limits_name_categories_as_sentry_does() -> None:
    answer = limited(Answer(), ["log", "error"], 30)

    assert answer.headers == {"x-sentry-rate-limits": "30:default;error;log_item:project:over_quota"}
    assert refused(RefusedError(503, "spool", "later")).headers == {}
