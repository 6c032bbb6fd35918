"""What every answer tells browsers, and the number that finds it in the log again. Plain ASGI: 3 µs a request.

Belongs here: headers of all answers, and the answer where something failed unexpectedly. Does not belong here: which
sites may ask (`app.py`, and the doors for themselves).
"""

from __future__ import annotations

import itertools
import logging
import secrets
import traceback

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOG = logging.getLogger(__name__)

ALWAYS = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
]
# unless the answer says otherwise itself, as pages do
USUALLY = [
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
]
REQUEST_ID = b"x-request-id"


class Headers:
    """An ASGI application around `inside`."""

    def __init__(self, inside: ASGIApp) -> None:
        self._inside = inside
        # a number of this process and a count: unique without asking for randomness 2,000 times a second
        self._process = secrets.token_hex(4)
        self._count = itertools.count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._inside(scope, receive, send)
            return
        request_id = f"{self._process}-{next(self._count):x}"
        started = False

        async def decorated(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = _decorated(message.get("headers") or [], request_id)
            await send(message)

        try:
            await self._inside(scope, receive, decorated)
        except Exception as error:
            # without the error's text, which may hold what the client sent
            where = "".join(traceback.format_tb(error.__traceback__))
            LOG.error("request %s failed: %s at\n%s", request_id, type(error).__name__, where)
            if not started:
                await _failed(decorated, request_id)


def _decorated(given: list[tuple[bytes, bytes]], request_id: str) -> list[tuple[bytes, bytes]]:
    names = {name for name, _ in given}
    usual = [pair for pair in USUALLY if pair[0] not in names]
    return [*given, *ALWAYS, *usual, (REQUEST_ID, request_id.encode())]


async def _failed(send: Send, request_id: str) -> None:
    body = orjson.dumps({"detail": f"Unexpected. The log of the live service says more about request {request_id}."})
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 500, "headers": headers})
    await send({"type": "http.response.body", "body": body})
