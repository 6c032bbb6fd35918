"""Lines of text logs: which are events, and what their level, logger, message and time are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from quality_platform.collectors.logs import levels

LONG_AGO = 1_700_000_000
AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


LINES = [
    # Python's logging
    ("2026-01-02 03:04:05,678 ERROR Could not pay", "error", None, "Could not pay"),
    ("2026-01-02 03:04:05,678 - shop.cart - WARNING - odd: 3", "warning", "shop.cart", "odd: 3"),
    ("2026-01-02 03:04:05,678 [CRITICAL] shop.cart: lost", "fatal", "shop.cart", "lost"),
    ("2026-01-02 03:04:05,678 shop.cart ERROR lost", "error", "shop.cart", "lost"),
    ("2026-01-02 03:04:05 ERROR ValueError: bad", "error", None, "ValueError: bad"),
    ("ERROR:shop.cart:boom: x", "error", "shop.cart", "boom: x"),
    ("WARNING:root:", "warning", "root", "(no message)"),
    ("ERROR:    Exception in ASGI application", "error", None, "Exception in ASGI application"),
    # servers and frameworks of Python
    ("[2026-01-02 03:04:05 +0000] [123] [ERROR] Worker failed to boot.", "error", None, "Worker failed to boot."),
    ("[2026-01-02 03:04:05,678: ERROR/ForkPoolWorker-1] Task x raised", "error", None, "Task x raised"),
    ("2026-01-02 03:04:05.678 | ERROR    | shop.cart:pay:12 - lost", "error", "shop.cart", "lost"),
    # other servers
    ("2026/01/02 03:04:05 [error] 123#0: *5 connect() failed", "error", None, "*5 connect() failed"),
    ("2026/01/02 03:04:05 [warn] 123#0: odd", "warning", None, "odd"),
    ("[Fri Jan 02 03:04:05.678901 2026] [core:error] [pid 1:tid 2] AH001: lost", "error", "core", "AH001: lost"),
    ('2026-01-02 03:04:05.678 UTC [123] ERROR:  relation "x" is missing', "error", None, 'relation "x" is missing'),
    ("2026-01-02 03:04:05.678 ERROR 1234 --- [main] c.f.Bar : lost", "error", "c.f.Bar", "lost"),
    ("[2026-01-02T03:04:05.678+00:00] app.ERROR: lost {}", "error", "app", "lost {}"),
    ("2026-01-02T03:04:05Z WARN net::http: slow", "warning", None, "net::http: slow"),
    ('ts=2026-01-02T03:04:05Z level=error msg="it \\"broke\\"" err=EOF', "error", None, 'it \\"broke\\"'),
    ("time=2026-01-02T03:04:05Z level=WARN msg=slow", "warning", None, "slow"),
    ("\x1b[31mERROR\x1b[0m: red", "error", None, "red"),
    ("<warn> odd", "warning", None, "odd"),
    ("Error: Cannot find module", "error", None, "Error: Cannot find module"),
    # no level, but an error word
    ("2026-01-02 03:04:05 connection failed", "error", None, "connection failed"),
    ("panic: runtime error", "fatal", None, "panic: runtime error"),
    ("Segmentation fault (core dumped)", "fatal", None, "Segmentation fault (core dumped)"),
    ("x.py raised KeyError", "error", None, "x.py raised KeyError"),
]


@pytest.mark.parametrize(("line", "level", "logger", "message"), LINES)
def test_level_logger_and_message(
    line: str, level: str, logger: str | None, message: str, events_of: Callable[..., list[dict[str, Any]]]
) -> None:
    (event,) = events_of(line + "\n")
    assert (event["level"], event["logger"], event["message"]) == (level, logger, message)
    if "03:04:05" in line:
        assert event["event_time"].replace(microsecond=0) == AT
    else:
        assert event["event_time"].timestamp() == LONG_AGO
    assert (event["type"], event["frames"], event["exceptions"], event["culprit"]) == (None, "[]", "[]", None)


@pytest.mark.parametrize(
    "line",
    [
        "2026-01-02 03:04:05,678 INFO retry after ERROR",
        "2026-01-02 03:04:05,678 DEBUG:shop: x",
        "INFO:root:failed",
        "level=info msg=failed",
        "[notice] error",
        "a plain line",
        "0 failed, no errors, no error",
        "error: none, failed=0",
        "terror and mirrors",
        "",
    ],
)
def test_what_is_no_event_is_counted(line: str, events_of: Callable[..., list[dict[str, Any]]], memory: Any) -> None:
    assert events_of(line + "\n") == []
    (batch,) = memory.batches
    assert batch.read_from["counts"]["lines"] == 1
    assert batch.read_from["counts"].get("below_level", 0) == bool(line)


SYSLOG = [
    ("Jan  2 03:04:05 web-1 sshd[99]: Failed password for root from 203.0.113.9", "error", "sshd",
     "Failed password for root from 203.0.113.0"),
    ("<11>Jan  2 03:04:05 web-1 app: lost", "error", "app", "lost"),
    ("<12>Jan  2 03:04:05 web-1 app[1]: lost", "warning", "app", "lost"),
    ("<0>Jan  2 03:04:05 web-1 kernel: lost", "fatal", "kernel", "lost"),
    ("<14>Jan  2 03:04:05 web-1 app[1]: ERROR lost", "error", "app", "lost"),
    ("2026-01-02T03:04:05.5+00:00 web-1 app[1]: error: lost", "error", "app", "error: lost"),
    ('<11>1 2026-01-02T03:04:05Z web-1 app 12 ID47 [x a="b\\]" c="\\"d"][y] lost', "error", "app", "lost"),
    ("<11>1 2026-01-02T03:04:05Z - - - - - lost", "error", None, "lost"),
]  # fmt: skip


@pytest.mark.parametrize("form", ["auto", "syslog"])
@pytest.mark.parametrize(("line", "level", "logger", "message"), SYSLOG)
def test_syslog(
    line: str, level: str, logger: str | None, message: str, form: str, events_of: Callable[..., list[dict[str, Any]]]
) -> None:
    (event,) = events_of(line + "\n", form)
    assert (event["level"], event["logger"], event["message"]) == (level, logger, message)
    assert event["event_time"].replace(microsecond=0) == AT
    assert event["platform"] == "syslog"


def test_syslog_without_a_time_and_without_a_program(events_of: Callable[..., list[dict[str, Any]]]) -> None:
    (event, other) = events_of("<11>1 - web-1 app - - - lost\nJan  2 03:04:05 web-1 last error repeated\n", "syslog")
    assert (event["message"], event["event_time"].timestamp()) == ("lost", LONG_AGO)
    assert (other["message"], other["logger"]) == ("last error repeated", None)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Feb 28 23:00:00", datetime(2026, 2, 28, 23, tzinfo=UTC)),
        ("Mar  1 12:04:00", datetime(2026, 3, 1, 12, 4, tzinfo=UTC)),
        ("Mar  2 11:00:00", datetime(2026, 3, 1, 12, tzinfo=UTC)),  # a clock ahead of ours: now
        ("Mar  3 00:00:00", datetime(2025, 3, 3, tzinfo=UTC)),
        ("Dec 31 23:59:60", datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("Feb 29 01:00:00", datetime(2024, 2, 29, 1, tzinfo=UTC)),
    ],
)
def test_the_year_that_syslog_leaves_out_is_the_latest_possible(
    written: str, expected: datetime, events_of: Callable[..., list[dict[str, Any]]]
) -> None:
    """Now is noon of 1 March 2026."""
    (event,) = events_of(f"{written} h app: error\n")
    assert event["event_time"] == expected


def test_a_time_in_the_future_becomes_now_and_is_counted(
    events_of: Callable[..., list[dict[str, Any]]], memory: Any
) -> None:
    (event,) = events_of("2027-01-02 03:04:05 ERROR x\n")
    assert event["event_time"] == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert memory.batches[0].read_from["counts"]["clock_ahead"] == 1


def test_a_time_that_is_none_is_passed_over(events_of: Callable[..., list[dict[str, Any]]]) -> None:
    (event,) = events_of("2026-13-45 29:04:05 ERROR x\n")
    assert event["event_time"].timestamp() == LONG_AGO


def test_text_is_not_taken_for_json_in_the_format_text(events_of: Callable[..., list[dict[str, Any]]]) -> None:
    (event,) = events_of('{"level": "info", "note": "an error"}\n', "text")
    assert event["message"] == '{"level": "info", "note": "an error"}'


def test_bytes_that_are_no_text_do_no_harm(events_of: Callable[..., list[dict[str, Any]]]) -> None:
    (event,) = events_of("INFO:root:x\n" * 100 + "\0\0ERROR:root:b\udcffd \0 end\r\n")
    assert event["message"] == "b\ufffdd \ufffd end"


def test_a_message_is_scrubbed_and_cut_at_8_kib(events_of: Callable[..., list[dict[str, Any]]]) -> None:
    (event,) = events_of("ERROR:root:password=x bob@example.com " + "ü" * 10_000 + "\n")
    assert event["message"].startswith("password=[secret] [email] üü")
    assert 8190 <= len(event["message"].encode()) <= 8192


def test_a_line_beyond_256_kib_is_refused_and_its_neighbours_are_read(
    events_of: Callable[..., list[dict[str, Any]]], memory: Any
) -> None:
    first, last = events_of("ERROR:root:a\nERROR:root:bob@example.com " + "x" * 300_000 + "\nERROR:root:b\n")
    assert (first["message"], last["message"], last["source_line"]) == ("a", "b", 3)
    (refused,) = memory.rejected
    assert (refused.position, refused.reason) == ("line 2", "The line is longer than 256 KiB.")
    assert refused.original.startswith(b"ERROR:root:[email] x")
    assert len(refused.original) <= 64 * 1024


@pytest.mark.parametrize(
    ("number", "level"), [(0, "fatal"), (3, "error"), (4, "warning"), (7, "debug"), (20, "debug"), (30, "info"), (40, "warning"), (50, "error"), (60, "fatal")]
)  # fmt: skip
def test_numbers_of_levels(number: int, level: str) -> None:
    assert levels.of_number(number) == level


@pytest.mark.parametrize(
    ("number", "level"), [(10, "debug"), (20, "info"), (30, "warning"), (40, "error"), (50, "fatal"), (0, "debug")]
)
def test_numbers_of_pythons_levels(number: int, level: str) -> None:
    assert levels.of_python_number(number) == level
