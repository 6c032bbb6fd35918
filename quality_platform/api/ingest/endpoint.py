"""What every door has in common over HTTP: read, recognise, check, make durable, answer.

Belongs here: the order of the steps, and that none of them answers 500: clients throw away what got a 500. Does not
belong here: any protocol. Plain ASGI, because a framework's routing costs as much as everything else together.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

from quality_platform.api.ingest.body import decompressed, too_large
from quality_platform.api.ingest.contract import Answer, Checked, Door, Inbound, RefusedError
from quality_platform.api.ingest.intake import Intake, Room
from quality_platform.spool.item import Entry

LOG = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

RETRY_AFTER = {"retry-after": "5"}
BODY_SECONDS = 60
"""For a whole body: one that trickles in holds room that others need."""
LARGE = 512 * 1024


class DoorEndpoint:
    """The ASGI application of one door."""

    def __init__(self, door: Door, intake: Intake) -> None:
        self._door = door
        self._intake = intake

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        started = time.perf_counter()
        answer = await self._answer(scope, receive)
        self._intake.note(self._door.name, answer.status, time.perf_counter() - started)
        await _send(send, answer, cross_origin=self._door.cross_origin)

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        if scope["method"] == "OPTIONS":
            return Answer(204, b"")
        room = self._intake.room()
        project = None
        headers = _headers(scope)
        try:
            room.reach(_announced(headers))
            inbound = self._inbound(scope, headers, await self._read(receive, room))
            room.reach(len(inbound.body))  # a body may be a thousand times as large once it is decompressed
            project = self._project(inbound)
            return await self._accept(inbound, project)
        except RefusedError as error:
            self._intake.refused(self._door.name, project, error)
            error.media_type = headers.get("content-type", "").lower()
            answer = self._door.refused(error)
            return answer if error.status not in (429, 503) else _later(answer, error.retry_after)
        except ConnectionError:
            return Answer(400, b"")
        except Exception as error:  # ours, not the client's: it keeps the data and comes back
            LOG.error("door %s failed: %s", self._door.name, type(error).__name__, exc_info=_without_text(error))
            return _later(self._door.refused(RefusedError(503, "internal", "Not accepted now; please try again.")))
        finally:
            room.give_back()

    async def _read(self, receive: Receive, room: Room) -> bytes:
        """The whole body as it came."""
        limit = self._intake.limit
        parts, size = [], 0
        try:
            async with asyncio.timeout(BODY_SECONDS):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise ConnectionError
                    part = message.get("body", b"")
                    size += len(part)
                    if size > limit:
                        raise too_large(limit)
                    room.reach(size)
                    parts.append(part)
                    if not message.get("more_body"):
                        return b"".join(parts) if len(parts) != 1 else parts[0]
        except TimeoutError as error:
            raise RefusedError(408, "slow", f"The body did not come within {BODY_SECONDS} seconds.") from error

    def _inbound(self, scope: Scope, headers: dict[str, str], raw: bytes) -> Inbound:
        body = decompressed(raw, headers.get("content-encoding", ""), self._intake.limit)
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"))) if scope["query_string"] else {}
        client = scope.get("client")
        visitor = self._intake.visitor(client[0] if client else "", headers)
        return Inbound(scope["method"], scope["path"], query, headers, body, int(time.time() * 1e6), visitor)

    def _project(self, inbound: Inbound) -> str:
        key = self._door.key(inbound)
        if not key:
            raise RefusedError(401, "no_key", "No project key was sent; `quality-platform keys create` makes one.")
        project = self._intake.project_of(key)
        if project is None:
            raise RefusedError(403, "unknown_key", "The project key is unknown or revoked.")
        return project

    async def _accept(self, inbound: Inbound, project: str) -> Answer:
        if len(inbound.body) < LARGE:
            checked = self._door.check(inbound)
        else:  # the others need not wait: 20 MB of JSON take more than a second to look at
            async with self._intake.large:
                checked = await asyncio.to_thread(self._door.check, inbound)
        if not checked.items and not checked.reports:
            return checked.answer
        meta = self._meta(inbound, checked)
        answer = checked.answer
        limited = self._intake.over_quota(project, checked.items)
        if limited:
            answer = self._limited(checked, limited)
            meta["over_quota"] = list(limited)
        body = inbound.body if checked.kept is None else checked.kept
        entry = Entry(project, self._door.name, inbound.received_at, body, meta)
        await self._durable(entry)
        self._intake.accepted(self._door.name, checked.items)
        return answer

    def _limited(self, checked: Checked, limited: Collection[str]) -> Answer:
        """The answer to what is taken in part. Raises RefusedError, 429, when nothing is left of it."""
        seconds = self._intake.seconds_left
        if len(limited) == len(checked.items) and not checked.reports:
            message = "The project is over its quota."
            raise RefusedError(429, "over_quota", message, items=checked.items, retry_after=seconds)
        return self._door.limited(checked.answer, limited, seconds) if self._door.limited else checked.answer

    def _meta(self, inbound: Inbound, checked: Checked) -> dict[str, object]:
        return {
            "path": inbound.path,
            "media_type": inbound.media_type,
            "client": inbound.headers.get("user-agent", "")[:200],
            "visitor": inbound.visitor,
            "items": dict(checked.items),
            **checked.meta,
        }

    async def _durable(self, entry: Entry) -> None:
        """Wait until the entry is on the disk. Raises RefusedError, 503, when it cannot be."""
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._intake.spool(entry, waiting)
        await waiting


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


def _announced(headers: dict[str, str]) -> int:
    length = headers.get("content-length", "0")
    return int(length) if length.isdigit() else 0


def _later(answer: Answer, seconds: int | None = None) -> Answer:
    later = RETRY_AFTER if seconds is None else {"retry-after": str(seconds)}
    return Answer(answer.status, answer.body, answer.media_type, {**later, **answer.headers})


def _without_text(error: Exception) -> tuple[type[Exception], Exception, Any]:
    """The traceback without the error's text, which may hold what the client sent."""
    # not one of its own type, which may not be made without arguments: UnicodeDecodeError takes five
    return Exception, Exception(type(error).__name__), error.__traceback__


async def _send(send: Send, answer: Answer, *, cross_origin: bool) -> None:
    headers = [
        (b"content-type", answer.media_type.encode()),
        (b"content-length", str(len(answer.body)).encode()),
        *((name.encode(), value.encode("latin-1", "replace")) for name, value in answer.headers.items()),
    ]
    if cross_origin:
        headers += CROSS_ORIGIN
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


CROSS_ORIGIN = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"POST, GET, OPTIONS"),
    (
        b"access-control-allow-headers",
        b"*, authorization, content-type, content-encoding, x-sentry-auth, x-quality-key",
    ),
    (b"access-control-expose-headers", b"x-sentry-rate-limits, retry-after"),
    (b"access-control-max-age", b"3600"),
]
