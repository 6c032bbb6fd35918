"""Stack traces of Sentry's events: the chain of exceptions, or the stack of a thread.

Belongs here: which fields make a frame. Does not belong here: the rest of an event (`events.py`).

Values of variables and source lines around a frame are left where they are: they hold what nobody meant to send.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from quality_platform.api.ingest.sentry.fields import a_list, an_object, name, some_text, truth
from quality_platform.collectors.logs.frames import MAX_EXCEPTIONS, MAX_FRAMES, MAX_LINE, Frame, RaisedException

_FOREIGN = ("node_modules/", "site-packages/", "dist-packages/", "node:", "vendor/", "<frozen ")
_UNNAMED = ("?", "<unknown>", "(anonymous)")
_BUILT_IN = ("builtins", "__main__", "exceptions")
"""Modules that Python does not print before a type; tracebacks in logs must give the same type."""


def exceptions_of(event: dict[str, Any]) -> tuple[RaisedException, ...]:
    """The exceptions, root cause first, as clients send them; a thread's stack as an exception without type."""
    values = exception_values(event)
    if len(values) > MAX_EXCEPTIONS:
        values = values[: MAX_EXCEPTIONS // 2] + values[-(MAX_EXCEPTIONS // 2) :]
    chain = tuple(_exception(value) for value in values)
    return chain or _stack(event)


def exception_values(event: dict[str, Any]) -> list[dict[str, Any]]:
    """The objects that describe exceptions: of a list under `values`, of a list, of one object."""
    found = event.get("exception") or event.get("sentry.interfaces.Exception")
    if isinstance(found, dict):
        found = found.get("values", [found])
    return [value for value in a_list(found) if isinstance(value, dict)]


def handled(event: dict[str, Any]) -> bool | None:
    """Whether the program went on, as the mechanism nearest to where it was caught says."""
    for value in reversed(exception_values(event)):
        said = truth(an_object(value.get("mechanism")).get("handled"))
        if said is not None:
            return said
    return None


def _exception(value: dict[str, Any]) -> RaisedException:
    kind, module = name(value.get("type"), 500), name(value.get("module"), 400)
    if kind and module and module not in _BUILT_IN and not kind.startswith(module):
        kind = f"{module}.{kind}"
    return RaisedException(kind, some_text(value.get("value")) or "", frames_of(value.get("stacktrace")))


def _stack(event: dict[str, Any]) -> tuple[RaisedException, ...]:
    """The stack of an event that tells of no exception: its own, or that of the thread that crashed or spoke."""
    frames = frames_of(event.get("stacktrace"))
    if not frames:
        found = event.get("threads")
        threads = [one for one in a_list(found.get("values") if isinstance(found, dict) else found) if an_object(one)]
        threads.sort(key=lambda one: (one.get("crashed") is not True, one.get("current") is not True))
        frames = next((stack for one in threads if (stack := frames_of(one.get("stacktrace")))), ())
    return (RaisedException(None, "", frames),) if frames else ()


def frames_of(stacktrace: Any) -> tuple[Frame, ...]:
    """The frames, outermost call first, as clients send them; of long stacks the outermost 50 and innermost 150."""
    values = a_list(an_object(stacktrace).get("frames"))
    if len(values) > MAX_FRAMES:
        values = values[:50] + values[-(MAX_FRAMES - 50) :]
    return tuple(_frame(value) for value in values if isinstance(value, dict))


def _frame(value: dict[str, Any]) -> Frame:
    line = value.get("lineno")
    return _known_frame(
        name(value.get("module"), 500),
        name(value.get("function"), 500),
        name(value.get("filename") or value.get("abs_path")),
        line if type(line) is int and 0 < line < MAX_LINE else None,
        truth(value.get("in_app")),
    )


@lru_cache(maxsize=8192)
def _known_frame(
    module: str | None, function: str | None, file: str | None, line: int | None, in_app: bool | None
) -> Frame:
    # remembered, because the same stacks come again and again
    if file and "://" in file:
        file = file.partition("?")[0].partition("#")[0]
    if in_app is None:
        in_app = not any(part in (file or "") for part in _FOREIGN)
    return Frame(module, None if function in _UNNAMED else function, file, line, in_app)
