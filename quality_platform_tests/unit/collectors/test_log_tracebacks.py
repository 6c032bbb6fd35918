"""Stack traces in text logs: with the line before them one event, whatever follows."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


TRACE = """Traceback (most recent call last):
  File "/app/shop/cart.py", line 3, in pay
    total / 0
    ~~~~~~^~~
ZeroDivisionError: division by zero
"""
FRAME = {"module": "shop.cart", "function": "pay", "file": "/app/shop/cart.py", "line": 3, "in_app": True}


def is_the_trace(event: dict[str, Any]) -> bool:
    return (
        (event["type"], event["culprit"], event["platform"]) == ("ZeroDivisionError", "shop.cart.pay", "python")
        and json.loads(event["frames"]) == [FRAME]
        and json.loads(event["exceptions"])
        == [{"type": "ZeroDivisionError", "message": "division by zero", "frames": [FRAME]}]
    )


@pytest.mark.parametrize(
    ("before", "level", "message"),
    [
        ("", "error", "division by zero"),
        ("a plain line\n", "error", "division by zero"),
        ("2026-01-02 03:04:05,678 ERROR shop.cart: Could not pay\n", "error", "Could not pay"),
        ("2026-01-02 03:04:05,678 INFO shop.cart: Retrying\n", "info", "Retrying"),
        ("2026-01-02 03:04:05,678 CRITICAL shop: Could not\npay\n", "fatal", "Could not\npay"),
        ("ERROR:shop.cart:Could not pay\n", "error", "Could not pay"),
        ("ERROR:    Exception in ASGI application\n", "error", "Exception in ASGI application"),
        ("Exception in thread Thread-1 (run):\n", "error", "Exception in thread Thread-1 (run):"),
        ("Exception ignored in: <function x>\n", "error", "Exception ignored in: <function x>"),
        ("2026-01-02 03:04:05,678 ERROR ", "error", "division by zero"),
        ("ERROR:root:", "error", "division by zero"),
    ],
)
@pytest.mark.parametrize(
    "after", ["", "2026-01-02 03:04:06,678 INFO next\n", "INFO:root:next\n", "\nanother line\n", '{"level": "info"}\n']
)
def test_a_traceback_and_the_line_before_it_are_one_event(
    before: str, level: str, message: str, after: str, events_of: Callable[..., list[dict[str, Any]]]
) -> None:
    if "2026" in before and after.startswith("\n"):
        after = ""  # in a log with times, lines without one belong to the entry before
    (event,) = events_of(before + TRACE + after)
    assert is_the_trace(event)
    assert (event["level"], event["message"]) == (level, message)


def test_two_tracebacks_in_a_row_are_two_events(events_of: Callable[..., list[dict[str, Any]]]) -> None:
    first, second = events_of(TRACE + TRACE)
    assert is_the_trace(first)
    assert is_the_trace(second)
    assert first["event_id"] != second["event_id"]
    assert (first["source_line"], second["source_line"]) == (1, 6)


def test_a_message_of_several_lines_ends_at_a_blank_line(events_of: Callable[..., list[dict[str, Any]]]) -> None:
    (event,) = events_of(TRACE.replace("by zero", "by zero\nfield required") + "\nrestarting\n")
    assert event["message"] == "division by zero\nfield required"


def test_a_chain_goes_on_over_blank_lines(events_of: Callable[..., list[dict[str, Any]]]) -> None:
    link = "\nDuring handling of the above exception, another exception occurred:\n\n"
    (event,) = events_of(
        f"KeyError: 'never raised'\n{link}{TRACE}{link}{TRACE.replace('ZeroDivisionError', 'shop.PayError')}"
    )
    assert [one["type"] for one in json.loads(event["exceptions"])] == [
        "KeyError",
        "ZeroDivisionError",
        "shop.PayError",
    ]
    assert event["type"] == "shop.PayError"


def test_a_traceback_without_time_gets_the_time_before_it(events_of: Callable[..., list[dict[str, Any]]]) -> None:
    (event,) = events_of(f"2026-01-02 03:04:05 INFO x\nINFO:root:y\n{TRACE}")
    assert event["event_time"] == AT


def test_syslog_repeats_its_header_on_every_line_of_a_traceback(
    events_of: Callable[..., list[dict[str, Any]]],
) -> None:
    header = "Jan  2 03:04:05 web-1 app[7]: "
    text = "".join(header + line + "\n" for line in ("ERROR Could not pay", *TRACE.splitlines(), "INFO next"))
    (event,) = events_of(text)
    assert is_the_trace(event)
    assert event["message"] == "Could not pay"


def test_a_group_is_one_event_and_ends_with_its_last_member(events_of: Callable[..., list[dict[str, Any]]]) -> None:
    text = """  + Exception Group Traceback (most recent call last):
  |   File "/app/shop/cart.py", line 3, in pay
  | ExceptionGroup: two (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | ValueError: a
    +---------------- 2 ----------------
    | TypeError: b
    +------------------------------------
restarting after an error
"""
    event, other = events_of(text)
    assert [one["type"] for one in json.loads(event["exceptions"])] == ["ValueError", "TypeError", "ExceptionGroup"]
    assert other["message"] == "restarting after an error"


def test_stacks_of_other_languages(events_of: Callable[..., list[dict[str, Any]]]) -> None:
    java, script = events_of(
        """2026-01-02 03:04:05.678 ERROR [main] com.foo.Bar - lost
java.lang.IllegalStateException: boom
\tat com.foo.Bar.baz(Bar.java:12)
\tat java.base/java.lang.Thread.run(Thread.java:1)
Caused by: java.io.IOException: disk
\tat com.foo.Disk.write(Disk.java:7)
\t... 2 more
2026-01-02 03:04:06.678 INFO next
TypeError: Cannot read x
    at pay (/app/src/cart.js:3:5)
    at async Object.<anonymous> (/app/node_modules/x/y.js:8:1)
    at node:internal/main:1:1
""".replace("2026-01-02 03:04:06.678 INFO next", "INFO next")
    )
    assert (java["type"], java["message"], java["culprit"]) == (
        "java.lang.IllegalStateException",
        "lost",
        "com.foo.Bar.baz",
    )
    assert [one["type"] for one in json.loads(java["exceptions"])] == [
        "java.io.IOException",
        "java.lang.IllegalStateException",
    ]
    assert [frame["in_app"] for frame in json.loads(java["frames"])] == [False, True]
    assert (script["type"], script["message"], script["culprit"]) == (
        "TypeError",
        "TypeError: Cannot read x",
        "cart.pay",
    )
    assert [frame["in_app"] for frame in json.loads(script["frames"])] == [False, False, True]


def test_only_tracebacks_in_the_format_of_that_name(events_of: Callable[..., list[dict[str, Any]]]) -> None:
    (event,) = events_of(f"2026-01-02 03:04:05 ERROR x\n2026-01-02 03:04:05 ERROR y\n{TRACE}", "traceback")
    assert (event["message"], event["type"]) == ("y", "ZeroDivisionError")
