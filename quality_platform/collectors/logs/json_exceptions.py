"""Exceptions in fields of a JSON line: text, lists of lines, objects, structlog's dictionaries.

Belongs here: from a field's value to exceptions. Does not belong here: the names of the fields
(`json_line.py`).
"""

from __future__ import annotations

from typing import Any

from quality_platform.collectors.logs.foreign_stack import named, parse_stack, start_of_stack
from quality_platform.collectors.logs.frames import Frame, RaisedException, python_frame, shortened
from quality_platform.collectors.logs.python_traceback import parse_traceback, start_of_traceback

TYPE_KEYS = ("type", "class", "exc_type", "name", "kind", "errorType")
MAX_DEPTH = 10
"""Groups inside groups that are followed."""

MESSAGE_KEYS = ("message", "value", "exc_value", "msg", "errorMessage")
STACK_KEYS = ("stack_trace", "stacktrace", "stackTrace", "stack", "traceback", "frames")


def exceptions_of(value: object, depth: int = 0) -> tuple[RaisedException, ...]:
    """The exceptions, root cause first; empty where the value tells of none (null, true, "NoneType: None")."""
    if isinstance(value, str):
        return exceptions_of_text(value)
    if depth > MAX_DEPTH:
        return ()
    if isinstance(value, list) and value:
        return _of_list(value, depth + 1)
    if isinstance(value, dict):
        return _of_object(value, depth + 1)
    return ()


def exceptions_of_text(text: str) -> tuple[RaisedException, ...]:
    """The exceptions of a stack trace, or of a line like "Type: message"."""
    text = text.strip("\n")
    if not text.strip() or text.strip() in ("NoneType: None", "None"):
        return ()
    lines = text.split("\n")
    start = start_of_traceback(lines)
    if start is not None:
        return parse_traceback(lines[start:])
    start = start_of_stack(lines)
    return (named(text),) if start is None else parse_stack(lines[start:])


def _of_list(values: list[Any], depth: int) -> tuple[RaisedException, ...]:
    if all(isinstance(value, str) for value in values):
        return exceptions_of_text("\n".join(value.rstrip("\n") for value in values))
    chain: list[RaisedException] = []
    for value in reversed(values):  # structlog begins with the exception that was raised
        if isinstance(value, dict):
            chain += _of_object(value, depth)
    return tuple(chain)


def _of_object(value: dict[str, Any], depth: int) -> tuple[RaisedException, ...]:
    members = _members(value.get("exceptions"), depth)
    kind, message = _text(value, TYPE_KEYS), _text(value, MESSAGE_KEYS) or ""
    stack = next((value[key] for key in STACK_KEYS if value.get(key)), None)
    if isinstance(stack, list) and stack and isinstance(stack[0], dict):
        return (*members, RaisedException(kind, message, _frames(stack)))
    parsed = exceptions_of(stack, depth)
    if not parsed:
        return (*members, RaisedException(kind, message, ())) if kind or message else members
    raised = parsed[-1]
    return (*members, *parsed[:-1], RaisedException(kind or raised.type, message or raised.message, raised.frames))


def _members(groups: object, depth: int) -> tuple[RaisedException, ...]:
    """Members of an exception group: objects, each a chain of its own under `stacks`."""
    if not isinstance(groups, list):
        return ()
    chain: list[RaisedException] = []
    for group in groups:
        chain += exceptions_of(group.get("stacks", group) if isinstance(group, dict) else group, depth)
    return tuple(chain)


def _frames(values: list[Any]) -> tuple[Frame, ...]:
    frames = []
    for value in values:
        if isinstance(value, dict):
            line = value.get("lineno", value.get("line"))
            file = _text(value, ("filename", "file", "abs_path"))
            function = _text(value, ("name", "function", "method"))
            frames.append(python_frame(file or "<unknown>", line if isinstance(line, int) else None, function))
    return shortened(frames)


def _text(value: dict[str, Any], keys: tuple[str, ...]) -> str | None:
    return next((str(value[key])[:100_000] for key in keys if isinstance(value.get(key), str | int | float)), None)
