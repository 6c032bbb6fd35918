"""Own JSON, errors: `POST /api/v1/ingest/errors`, one error, a list, or one a line.

Belongs here: what an error has, and its row. Does not belong here: bodies, answers (`own_items.py`), or the syntax of a
stack trace (`collectors/logs/`).
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field
from typing_extensions import TypedDict

from quality_platform.api.ingest.contract import Decoded, Decoding
from quality_platform.api.ingest.own_items import Identifier, Items, Moment, Origin, decode_each, door
from quality_platform.api.ingest.rows import Row, error_row, event_time, identifier
from quality_platform.collectors.logs import levels
from quality_platform.collectors.logs.event import LogEvent
from quality_platform.collectors.logs.frames import Frame, RaisedException, python_frame, shortened
from quality_platform.collectors.logs.json_exceptions import exceptions_of
from quality_platform.collectors.logs.other_stacks import parse_other
from quality_platform.model.tables_runtime import ERROR_EVENTS
from quality_platform.spool.item import Entry


def _level(name: str) -> levels.Level:
    found = levels.of_name(name)
    if found is None:
        raise ValueError("no level")
    return found


class StackFrame(TypedDict, total=False):
    """One call."""

    file: str | None
    line: int | None
    function: str | None
    module: str | None
    in_app: bool | None


class ErrorEvent(TypedDict, total=False):
    """An error or a warning of an application. One of message, type and stack must be there."""

    __pydantic_config__ = ConfigDict(  # type: ignore[misc]  # pydantic's own place for it in a TypedDict
        json_schema_extra={"anyOf": [{"required": [name]} for name in ("message", "type", "stack")]}
    )
    message: Annotated[str | None, Field(description="A text.")]
    level: Annotated[
        Annotated[str, AfterValidator(_level), Field(json_schema_extra={"enum": sorted(levels.BY_NAME)})] | None,
        Field(description="One of fatal, error, warning, info, debug, or their usual other names; else error."),
    ]
    type: Annotated[str | None, Field(description="A text: the exception's type.")]
    stack: Annotated[
        str | list[StackFrame] | None,
        Field(description="A stack trace as text, or a list of frames, outermost call first."),
    ]
    timestamp: Annotated[Moment | None, Field(description="ISO 8601 or a number since 1970; else now.")]
    handled: Annotated[bool | None, Field(strict=True, description="False where it ended the program, else true.")]
    logger: Annotated[str | None, Field(description="A text.")]
    platform: Annotated[str | None, Field(description="A text: the language or system.")]
    release: Annotated[str | None, Field(description="A text: the release of the application.")]
    environment: Annotated[str | None, Field(description="A text, such as production.")]
    user: Annotated[
        Identifier | None, Field(description="A text or a whole number; kept as a keyed hash, never as it is.")
    ]
    session: Annotated[Identifier | None, Field(description="A text or a whole number.")]
    trace_id: Annotated[str | None, Field(description="A text: the trace that it belongs to.")]
    event_id: Annotated[
        Identifier | None, Field(description="A text or a whole number; an error is stored once for each.")
    ]


def _says_something(item: ErrorEvent) -> ErrorEvent:
    if not (item.get("message") or item.get("type") or item.get("stack")):
        raise ValueError("nothing")
    return item


ERRORS = Items(
    category="error",
    table=ERROR_EVENTS.name,
    names=("errors",),
    model=Annotated[ErrorEvent, AfterValidator(_says_something)],
    example={
        "message": "the card was declined", "level": "error", "type": "PaymentError",
        "stack": [{"file": "shop/pay.py", "line": 12, "function": "pay"}], "logger": "shop.pay", "release": "1.2.0",
        "environment": "production", "user": "u-17", "session": "s-4", "trace_id": "0af7651916cd43dd8448eb211c80319c",
        "timestamp": "2026-01-01T00:00:00Z", "handled": True, "event_id": "b4a6f1",
    },
)  # fmt: skip


def row(item: Any, origin: Origin) -> Row:
    """The row of an error in `raw.error_events`."""
    entry = origin.entry
    event = LogEvent(
        level=item.get("level") or "error",
        message=item.get("message") or "",
        exceptions=_exceptions(item),
        logger=item.get("logger"),
        platform=item.get("platform"),
        handled=item.get("handled"),
        release=item.get("release"),
        environment=item.get("environment"),
        user=identifier(item.get("user"), 1000),
        session=identifier(item.get("session")),
        trace=item.get("trace_id"),
    )
    time = event_time(item.get("timestamp"), entry.received_at)
    return error_row(event, project=entry.project, secret=origin.decoding.secret, event_id=origin.event_id, time=time)


def _exceptions(item: Any) -> tuple[RaisedException, ...]:
    stack, kind = item.get("stack"), item.get("type")
    if isinstance(stack, list):
        return (RaisedException(kind, item.get("message") or "", shortened([_frame(each) for each in stack])),)
    if not stack and not kind:
        return ()
    given = {"type": kind, "message": item.get("message")}
    found = exceptions_of({**given, "stack": stack})
    if stack and not any(raised.frames for raised in found) and (others := parse_other(stack)):
        raised = others[-1]
        return (*others[:-1], RaisedException(kind or raised.type, given["message"] or raised.message, raised.frames))
    return found


def _frame(given: StackFrame) -> Frame:
    known = python_frame(given.get("file") or "<unknown>", given.get("line"), given.get("function"))
    in_app = given.get("in_app")
    module = given.get("module")
    return Frame(
        module=module[:500] if module else known.module,
        function=known.function,
        file=known.file,
        line=known.line,
        in_app=known.in_app if in_app is None else in_app,
    )


def decode(entry: Entry, decoding: Decoding) -> Decoded:
    """Rows of `raw.error_events`."""
    return decode_each(ERRORS, row, entry, decoding)


DOOR = door(
    ERRORS,
    decode,
    name="errors",
    title="Own JSON, errors",
    description="Errors of any language, single, in lists or one a line; repeats are known by their event_id.",
)
