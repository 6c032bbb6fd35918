"""JSON lines of the usual loggers."""

from __future__ import annotations

import io
import json
import logging
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from quality_platform.collectors.pseudonym import pseudonym

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SECONDS = 1767323045
TRACE = 'Traceback (most recent call last):\n  File "/app/shop/cart.py", line 3, in pay\n    x\nshop.PayError: declined'
JS = "PayError: declined\n    at pay (/app/src/cart.js:3:5)\n    at node:internal/main:1:1"


@pytest.fixture
def objects(events_of: Callable[..., list[dict[str, Any]]]) -> Callable[..., list[dict[str, Any]]]:
    """A function from lines (objects or text) and a format to the events in them."""

    def read(*lines: object, **options: Any) -> list[dict[str, Any]]:
        texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        return events_of("".join(text + "\n" for text in texts), **options)

    return read


# line, then what is expected beside level error, message "lost" and the time AT
LOGGERS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "the platform's own": (
        {"time": AT.isoformat(), "level": "error", "logger": "shop.cart", "message": "lost", "release": "1.0", "exception": TRACE},
        {"logger": "shop.cart", "release": "1.0", "type": "shop.PayError", "culprit": "shop.cart.pay", "platform": "python"},
    ),
    "python-json-logger": (
        {"asctime": "2026-01-02 03:04:05,000", "levelname": "ERROR", "name": "shop", "message": "lost", "exc_info": TRACE},
        {"logger": "shop", "type": "shop.PayError"},
    ),
    "numbers of Python": ({"created": SECONDS, "levelno": 40, "name": "shop", "message": "lost"}, {"logger": "shop"}),
    "structlog": (
        {"timestamp": "2026-01-02T03:04:05Z", "level": "error", "logger": "shop", "event": "lost", "exception": TRACE},
        {"logger": "shop", "type": "shop.PayError"},
    ),
    "structlog with dictionaries": (
        {"timestamp": "2026-01-02T03:04:05Z", "level": "error", "event": "lost", "exception": [
            {"exc_type": "PayError", "exc_value": "declined", "is_cause": False, "is_group": False, "exceptions": [],
             "frames": [{"filename": "/app/shop/cart.py", "lineno": 3, "name": "pay", "locals": {"password": "x"}}]},
            {"exc_type": "KeyError", "exc_value": "'a'", "is_cause": True, "frames": []},
        ]},
        {"type": "PayError", "culprit": "shop.cart.pay", "platform": "python"},
    ),
    "structlog with exc_info that was not formatted": (
        {"timestamp": "2026-01-02T03:04:05Z", "level": "error", "event": "lost", "exc_info": True}, {"type": None},
    ),
    "loguru": (
        {"text": "2026 | ERROR | lost\n" + TRACE, "record": {
            "level": {"name": "ERROR", "no": 40}, "message": "lost", "name": "shop.cart",
            "time": {"repr": "2026-01-02 03:04:05+00:00", "timestamp": SECONDS},
            "exception": {"type": "PayError", "value": "declined", "traceback": True}}},
        {"logger": "shop.cart", "type": "shop.PayError", "culprit": "shop.cart.pay"},
    ),
    "Elastic Common Schema, nested": (
        {"@timestamp": "2026-01-02T03:04:05.000Z", "log": {"level": "error", "logger": "shop"}, "message": "lost",
         "error": {"type": "PayError", "message": "declined", "stack_trace": TRACE}, "trace": {"id": "abc"},
         "service": {"name": "s", "version": "2.0", "environment": "prod"}, "user": {"id": "bob"}},
        {"logger": "shop", "type": "PayError", "trace_id": "abc", "release": "2.0", "environment": "prod",
         "user_key": pseudonym(b"secret", "shop", "bob")},
    ),
    "Elastic Common Schema, dotted": (
        {"@timestamp": "2026-01-02T03:04:05.000Z", "log.level": "error", "message": "lost", "error.stack_trace": TRACE,
         "service.version": "2.0", "trace.id": "abc", "user.id": 7},
        {"type": "shop.PayError", "trace_id": "abc", "release": "2.0", "user_key": pseudonym(b"secret", "shop", "7")},
    ),
    "Google Cloud": ({"time": "2026-01-02T03:04:05Z", "severity": "ERROR", "message": "lost"}, {}),
    "Datadog": (
        {"timestamp": SECONDS * 1000, "status": "x", "level": "error", "message": "lost", "dd.trace_id": "9", "env": "prod",
         "error": {"kind": "PayError", "message": "declined", "stack": TRACE}},
        {"type": "PayError", "trace_id": "9", "environment": "prod"},
    ),
    "GELF": ({"version": "1.1", "short_message": "lost", "timestamp": SECONDS + 0.0, "level": 3}, {"release": None}),
    "pino": (
        {"level": 50, "time": SECONDS * 1000, "msg": "lost", "err": {"type": "PayError", "message": "declined", "stack": JS}},
        {"type": "PayError", "culprit": "cart.pay", "platform": None},
    ),
    "bunyan": ({"name": "shop", "v": 0, "level": 50, "msg": "lost", "time": "2026-01-02T03:04:05.000Z"}, {"logger": "shop"}),
    "zap": ({"level": "error", "ts": SECONDS + 0.0, "logger": "shop", "msg": "lost", "error": "dial tcp: refused"}, {"type": None, "logger": "shop"}),
    "slog": ({"time": "2026-01-02T03:04:05Z", "level": "ERROR", "msg": "lost", "err": "EOF"}, {"type": "EOF"}),
    "logrus": ({"time": "2026-01-02T03:04:05Z", "level": "error", "msg": "lost"}, {}),
    "monolog": ({"datetime": "2026-01-02T03:04:05+00:00", "level_name": "ERROR", "channel": "app", "message": "lost"}, {"logger": "app"}),
    "AWS Lambda": (
        {"timestamp": "2026-01-02T03:04:05Z", "level": "ERROR", "message": "lost", "errorType": "PayError",
         "errorMessage": "declined", "stackTrace": ['  File "/app/shop/cart.py", line 3, in pay\n    x\n']},
        {"type": "PayError", "culprit": "shop.cart.pay"},
    ),
    "journald": (
        {"__REALTIME_TIMESTAMP": str(SECONDS * 1_000_000), "PRIORITY": "3", "SYSLOG_IDENTIFIER": "app", "MESSAGE": "lost"},
        {"logger": "app"},
    ),
    "a traceback within the message": (
        {"time": "2026-01-02T03:04:05Z", "level": "ERROR", "message": "lost\n" + TRACE}, {"type": "shop.PayError"},
    ),
    "a traceback as a list of lines": (
        {"time": "2026-01-02T03:04:05Z", "level": "ERROR", "message": "lost", "traceback": TRACE.splitlines(keepends=True)},
        {"type": "shop.PayError"},
    ),
    "no level, but an exception": ({"time": "2026-01-02T03:04:05Z", "message": "lost", "exception": TRACE}, {"type": "shop.PayError"}),
    "session, user and whether it was handled": (
        {"time": "2026-01-02T03:04:05Z", "level": "ERROR", "message": "lost", "session_id": "s1", "user_id": " bob ", "handled": False},
        {"session_id": "s1", "user_key": pseudonym(b"secret", "shop", "bob"), "handled": False},
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", ["auto", "json"])
@pytest.mark.parametrize("name", LOGGERS)
def test_loggers(name: str, form: str, objects: Callable[..., list[dict[str, Any]]]) -> None:
    line, expected = LOGGERS[name]
    (event,) = objects(line, form=form)
    assert (event["level"], event["message"], event["event_time"]) == ("error", "lost", AT)
    assert {key: event[key] for key in expected} == expected
    if event["type"] is not None:
        assert json.loads(event["exceptions"])[-1]["frames"] == json.loads(event["frames"])
    assert "password" not in json.dumps(event, default=str)


def test_what_python_itself_writes(objects: Callable[..., list[dict[str, Any]]]) -> None:
    class JsonFormatter(logging.Formatter):
        def format(self, record: logging.LogRecord) -> str:
            text = self.formatException(record.exc_info) if record.exc_info else None
            return json.dumps(
                {"time": record.created, "level": record.levelname, "message": record.getMessage(), "exception": text}
            )

    stream = io.StringIO()
    logger = logging.Logger("test")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    logger.addHandler(handler)
    try:
        json.loads("{")
    except ValueError as error:
        logger.exception("lost")
        summary = traceback.TracebackException.from_exception(error)
    (event,) = objects(stream.getvalue().rstrip("\n"))
    assert event["type"] == "json.decoder.JSONDecodeError"
    assert [(frame["file"], frame["line"]) for frame in json.loads(event["frames"])] == [
        (frame.filename, frame.lineno) for frame in summary.stack
    ]
    assert event["culprit"].endswith("test_what_python_itself_writes")


@pytest.mark.parametrize(
    "line",
    [
        {"level": "info", "message": "an error was avoided"},
        {"level": "INFO", "message": "x", "error": "retrying"},
        {"level": 30, "msg": "x"},
        {"severity": "DEFAULT", "message": "x"},
        {"message": "x"},
        {},
    ],
)
def test_what_is_no_event_is_counted(
    line: dict[str, Any], objects: Callable[..., list[dict[str, Any]]], memory: Any
) -> None:
    assert objects(line) == []
    assert memory.batches[0].read_from["counts"] == {"lines": 1, "below_level": 1}


def test_an_info_line_with_a_traceback_is_an_event(objects: Callable[..., list[dict[str, Any]]]) -> None:
    first, second = objects({"level": "info", "message": "x", "exception": TRACE}, {"level": "info", "message": TRACE})
    assert (first["level"], first["message"], second["message"]) == ("info", "x", "declined")


def test_release_and_environment_of_the_configuration_fill_in(objects: Callable[..., list[dict[str, Any]]]) -> None:
    first, second = objects(
        {"level": "error", "message": "a"},
        {"level": "error", "message": "b", "release": "2", "env": "test"},
        release="1",
        environment="prod",
    )
    assert (first["release"], first["environment"]) == ("1", "prod")
    assert (second["release"], second["environment"]) == ("2", "test")


def test_what_is_no_json_object_is_refused_in_the_format_json(
    objects: Callable[..., list[dict[str, Any]]], memory: Any
) -> None:
    (event,) = objects(
        '{"level": "error"', "[1]", "", '{"level": "error", "message": "ok"}', "bob@example.com", form="json"
    )
    assert (event["message"], event["source_line"]) == ("ok", 4)
    assert [(item.position, item.reason.split(":")[0]) for item in memory.rejected] == [
        ("line 1", "The line is not valid JSON"),
        ("line 2", "The line is valid JSON, but not an object."),
        ("line 5", "The line is not valid JSON"),
    ]
    assert memory.rejected[2].original == b"[email]"
    assert all(item.table == "error_events" for item in memory.rejected)


@pytest.mark.parametrize(
    "line",
    [
        '{"level": "error", "message": "lost", "ratio": NaN}',
        '{"level": "error", "message": "lost", "ratio": 1e999}',
        '{"level": "error", "message": "lost", "half": "\\ud800"}',
        '{"level": "error", "message": "lost", "big": ' + "9" * 400 + "}",
    ],
)
def test_what_loggers_get_wrong_does_not_hide_an_error(line: str, objects: Callable[..., list[dict[str, Any]]]) -> None:
    (event,) = objects(line)
    assert event["message"] == "lost"


def test_text_that_no_database_stores_is_replaced(objects: Callable[..., list[dict[str, Any]]]) -> None:
    (event,) = objects('{"level": "error", "message": "a\\u0000b\\ud800c", "logger": "x\\u0000"}')
    assert (event["message"], event["logger"]) == ("a\ufffdb?c", "x\ufffd")


def test_objects_within_a_message_stay_within_it(objects: Callable[..., list[dict[str, Any]]]) -> None:
    first, second = objects(
        "2026-01-02 03:04:05 ERROR bad payload:", '{"a": 1}', "end", '{"level": "error", "message": "other"}'
    )
    assert first["message"] == 'bad payload:\n{"a": 1}\nend'
    assert second["message"] == "other"


def test_exceptions_nested_without_end_are_followed_only_so_far(objects: Callable[..., list[dict[str, Any]]]) -> None:
    nested: Any = {"type": "Deep", "message": "x"}
    for _ in range(300):
        nested = {"type": "Outer", "message": "y", "exceptions": [nested], "stack": nested}
        if len(json.dumps(nested)) > 100_000:
            break
    (event,) = objects({"level": "error", "message": "lost", "exception": nested})
    assert event["type"] == "Outer"
    assert len(json.loads(event["exceptions"])) == 50


def test_members_of_a_group_stand_before_it(objects: Callable[..., list[dict[str, Any]]]) -> None:
    group = {"exc_type": "ExceptionGroup", "exc_value": "two", "is_group": True, "frames": [], "exceptions": [
        [{"exc_type": "ValueError", "exc_value": "a", "frames": []}, {"exc_type": "KeyError", "exc_value": "cause", "frames": []}],
        [{"exc_type": "TypeError", "exc_value": "b", "frames": []}],
    ]}  # fmt: skip
    (event,) = objects({"level": "error", "message": "lost", "exception": [group]})
    assert [one["type"] for one in json.loads(event["exceptions"])] == [
        "KeyError",
        "ValueError",
        "TypeError",
        "ExceptionGroup",
    ]
