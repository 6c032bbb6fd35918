"""Headers of every answer, and an answer without the error's text where something failed."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import orjson
import pytest

from quality_platform.api.security.headers import Headers

HTTP = {"type": "http", "method": "GET", "path": "/"}


def answered(application: Any, scope: dict[str, Any] = HTTP) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    asyncio.run(Headers(application)(scope, receive, send))
    return sent


def app(*headers: tuple[bytes, bytes]) -> Any:
    async def application(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": list(headers)})
        await send({"type": "http.response.body", "body": b"x"})

    return application


def test_an_answer_keeps_its_own_headers_and_says_each_once() -> None:
    own = ((b"content-type", b"text/html"), (b"content-security-policy", b"default-src 'self'"))
    headers = answered(app(*own))[0]["headers"]
    names = [name for name, _ in headers]

    assert headers[:2] == list(own)
    assert len(names) == len(set(names))
    assert {b"x-content-type-options", b"x-frame-options", b"referrer-policy", b"cache-control", b"x-request-id"} <= {
        *names
    }


def test_a_failure_is_answered_and_logged_without_its_text(caplog: pytest.LogCaptureFixture) -> None:
    secret = "".join(("hunt", "er2"))  # the traceback shows the line that raises

    async def broken(scope: Any, receive: Any, send: Any) -> None:
        raise ValueError(secret)

    with caplog.at_level(logging.ERROR):
        start, body = answered(broken)

    assert start["status"] == 500
    number = dict(start["headers"])[b"x-request-id"].decode()
    assert number in orjson.loads(body["body"])["detail"]
    assert number in caplog.text
    assert "ValueError" in caplog.text
    assert secret not in caplog.text + body["body"].decode()


def test_a_failure_after_the_answer_began_adds_nothing() -> None:
    async def late(scope: Any, receive: Any, send: Any) -> None:
        await app()(scope, receive, send)
        raise ValueError

    assert len(answered(late)) == 2


def test_what_is_not_http_passes_untouched() -> None:
    seen: list[Any] = []

    async def socket(scope: Any, receive: Any, send: Any) -> None:
        seen.append(send)
        await send({"type": "websocket.accept"})

    assert answered(socket, {"type": "websocket"}) == [{"type": "websocket.accept"}]
