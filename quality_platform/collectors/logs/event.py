"""An error event as the parsers hand it over, and its row in `raw.error_events`.

Belongs here: what all formats share: limits, scrubbing, identity, pseudonyms. Does not belong here: any format.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from quality_platform.collectors.fields import printable
from quality_platform.collectors.logs.frames import RaisedException, shortened_chain
from quality_platform.collectors.logs.levels import Level
from quality_platform.collectors.privacy.text import scrub
from quality_platform.collectors.pseudonym import pseudonym

MESSAGE_LIMIT = 8192
_RAW_LIMIT = 8 * MESSAGE_LIMIT
"""Characters that are scrubbed: scrubbing first and cutting then leaves no half of a secret."""

_NO_EXCEPTION: dict[str, object] = {"type": None, "message": "", "frames": []}


@dataclass(slots=True)
class LogEvent:
    """What a parser found in one record. `user` is the identifier as read."""

    level: Level
    message: str
    exceptions: tuple[RaisedException, ...] = ()
    logger: str | None = None
    platform: str | None = None
    handled: bool | None = None
    release: str | None = None
    environment: str | None = None
    user: str | None = None
    session: str | None = None
    trace: str | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """What is the same for all events of a file; a live client has no `file`."""

    source_id: str
    project: str
    file: str | None
    secret: bytes
    release: str | None
    environment: str | None


def event_row(event: LogEvent, origin: Origin, *, event_id: str, time: int, line: int | None) -> tuple[Any, ...]:
    """The values in the order of the table's columns."""
    chain = shortened_chain(event.exceptions)
    exceptions = [_exception(one) for one in chain]
    last = exceptions[-1] if exceptions else _NO_EXCEPTION
    return (
        event_id,
        time,
        event.level,
        last["type"],
        safe_text(event.message) or last["message"] or "(no message)",
        _dumps(last["frames"]),
        _dumps(exceptions),
        _optional(culprit(chain), 1000),
        event.handled,
        _optional(event.logger, 500),
        event.platform,
        _optional(event.release or origin.release, 200),
        _optional(event.environment or origin.environment, 200),
        None if event.user is None else pseudonym(origin.secret, origin.project, event.user.strip()),
        _optional(event.session, 200),
        _optional(event.trace, 64),
        printable(origin.file, 4096) if origin.file else None,
        line,
    )


def event_identity(origin: Origin, generation: int, offset: int, line: bytes) -> str:
    """Stable identity of what stands at one place of one file: the same however the file is read."""
    place = f"{origin.source_id}\0{generation}\0{offset}\0".encode()
    return hashlib.sha256(place + line).hexdigest()[:32]


def culprit(exceptions: Iterable[RaisedException]) -> str | None:
    """The last frame in the application of the raised exception, or else of its nearest cause that has one."""
    for raised in reversed(tuple(exceptions)):
        for frame in reversed(raised.frames):
            if frame.in_app and frame.name:
                return frame.name
    return None


def safe_text(text: str) -> str:
    """`text` scrubbed and within 8 KiB."""
    return printable(scrub(text[:_RAW_LIMIT]).strip(), MESSAGE_LIMIT) if text else ""


def _exception(raised: RaisedException) -> dict[str, object]:
    return {
        "type": _optional(raised.type, 500),
        "message": safe_text(raised.message),
        "frames": [frame.as_dict() for frame in raised.frames],
    }


def _optional(value: str | None, limit: int) -> str | None:
    return printable(value, limit) or None if value else None


def _dumps(value: object) -> str:
    return orjson.dumps(value).decode()
