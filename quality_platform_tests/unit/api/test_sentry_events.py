"""Sentry's events, logs, sessions, metrics and reports: which fields mean what, and which are left out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quality_platform.api.ingest.contract import Decoded, Decoding
from quality_platform.api.ingest.sentry.decode import decode
from quality_platform.collectors.pseudonym import pseudonym
from quality_platform.model.tables import RAW_TABLES
from quality_platform.spool.item import Entry

NOW = 1_800_000_000_000_000
SECRET = b"s" * 32


def decoded(kind: str, payload: object, header: str = "{}") -> Decoded:
    body = "\n".join((header, json.dumps({"type": kind}), json.dumps(payload)))
    return decode(Entry("shop", "sentry", NOW, body.encode(), {"path": "/api/1/envelope/"}), Decoding(SECRET))


def row(kind: str, payload: object, header: str = "{}") -> dict[str, Any]:
    """The one row that an item becomes, with the names of its columns."""
    (found,) = [pair for group in decoded(kind, payload, header).groups for pair in group.rows]
    return dict(zip(RAW_TABLES[found[0]].schema.names, found[1], strict=True))


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ({"message": "plain"}, "plain"),
        ({"message": {"message": "in an object"}}, "in an object"),
        ({"logentry": {"message": "a %s", "params": ["b"], "formatted": "as formatted"}}, "as formatted"),
        ({"logentry": {"message": "a %s and %d", "params": ["b", 2]}}, "a b and 2"),
        ({"logentry": {"message": "a {} of 5%", "params": ["b"]}}, "a b of 5%"),
        ({"logentry": {"message": "a %s and %s", "params": ["b"]}}, "a b and %s"),
        ({"logentry": {"message": "%999999999s", "params": ["b"]}}, "%999999999s"),
        ({"logentry": {}, "message": "the other"}, "the other"),
        ({"exception": {"values": [{"value": "of the exception"}]}}, "of the exception"),
        ({"logentry": "text", "exception": [{"value": "not this"}]}, "text"),
        ({}, "(no message)"),
    ],
)
def test_the_message_is_what_a_person_would_have_read(event: object, message: str) -> None:
    assert row("event", event)["message"] == message


@pytest.mark.parametrize(
    ("level", "expected"),
    [("fatal", "fatal"), ("warn", "warning"), ("log", "info"), ("debug", "debug"), (40, "error"), (30, "warning"),
     (None, "error"), ("odd", "error"), ([], "error")],
)  # fmt: skip
def test_levels_have_one_spelling(level: object, expected: str) -> None:
    assert row("event", {"level": level})["level"] == expected


@pytest.mark.parametrize(
    ("user", "identifier"),
    [
        ({"id": 7, "email": "bob@example.com"}, "7"),
        ({"email": "bob@example.com", "username": "bob"}, "bob@example.com"),
        ({"username": "bob", "ip_address": "203.0.113.77"}, "bob"),
        ({"ip_address": "203.0.113.77"}, "203.0.113.77"),
        ({"ip_address": "{{auto}}"}, None),
        ({}, None),
        ("bob", None),
    ],
)
def test_a_user_becomes_a_pseudonym(user: object, identifier: str | None) -> None:
    expected = pseudonym(SECRET, "shop", identifier) if identifier else None

    assert row("event", {"user": user})["user_key"] == expected


def test_the_chain_begins_with_the_root_cause() -> None:
    values = [
        {"type": "Timeout", "module": "requests.exceptions", "value": "late", "mechanism": {"handled": True}},
        {"type": "ValueError", "module": "builtins", "value": "no price", "mechanism": {"handled": False}},
    ]

    found = row("event", {"exception": {"values": values}})

    assert (found["type"], found["message"], found["handled"]) == ("ValueError", "no price", False)
    assert [one["type"] for one in json.loads(found["exceptions"])] == ["requests.exceptions.Timeout", "ValueError"]


def test_frames_lose_variables_source_and_queries() -> None:
    frames = [
        {"function": "outer", "module": "shop.views", "filename": "shop/views.py", "lineno": 7, "in_app": True,
         "vars": {"a": "hunter2"}, "pre_context": ["hunter2"], "context_line": "hunter2", "post_context": ["hunter2"]},
        {"function": "?", "abs_path": "https://shop.example/app.js?token=hunter2#part", "lineno": "x"},
        {"function": "load", "filename": "/srv/node_modules/x/index.js", "lineno": 1},
        "no frame",
    ]  # fmt: skip

    found = row("event", {"exception": {"values": [{"type": "E", "stacktrace": {"frames": frames}}]}})

    assert json.loads(found["frames"]) == [
        {"module": "shop.views", "function": "outer", "file": "shop/views.py", "line": 7, "in_app": True},
        {"module": None, "function": None, "file": "https://shop.example/app.js", "line": None, "in_app": True},
        {"module": None, "function": "load", "file": "/srv/node_modules/x/index.js", "line": 1, "in_app": False},
    ]
    assert "hunter2" not in str(found)


def test_long_stacks_and_chains_are_shortened_in_the_middle() -> None:
    frames = [{"function": f"f{number}", "lineno": number + 1} for number in range(500)]
    values = [{"type": f"E{number}", "stacktrace": {"frames": frames}} for number in range(80)]

    chain = json.loads(row("event", {"exception": {"values": values}})["exceptions"])

    assert [one["type"] for one in chain] == [f"E{number}" for number in (*range(25), *range(55, 80))]
    functions = [frame["function"] for frame in chain[-1]["frames"]]
    assert functions == [f"f{number}" for number in (*range(50), *range(350, 500))]


def test_without_an_exception_the_stack_of_the_thread_that_crashed_is_kept() -> None:
    threads = [
        {"current": True, "stacktrace": {"frames": [{"function": "current"}]}},
        {"crashed": True, "stacktrace": {"frames": [{"function": "crashed"}]}},
    ]

    found = row("event", {"message": "m", "threads": {"values": threads}})

    assert [frame["function"] for frame in json.loads(found["frames"])] == ["crashed"]
    assert (found["type"], found["message"], found["culprit"]) == (None, "m", "crashed")


def test_other_fields_are_not_looked_at() -> None:
    left_out = ("request", "extra", "breadcrumbs", "server_name", "modules", "tags", "sdk", "fingerprint")

    assert "hunter2" not in str(decoded("event", {name: {"a": "hunter2"} for name in left_out}))


@pytest.mark.parametrize("release", ["shop@1.2.3", "shop@1.2.3+45", "1.2.3.4", "v2.0", "web@2", "a1b2c3d4e5f6a7b8c9d0"])
def test_releases_stay_as_they_are(release: str) -> None:
    assert row("event", {"release": release})["release"] == release


@pytest.mark.parametrize("release", ["bob@example.com", "4111111111111111", "at 203.0.113.77"])
def test_what_only_looks_like_a_release_is_scrubbed(release: str) -> None:
    assert row("event", {"release": release})["release"] != release


def test_a_client_whose_clock_is_wrong_is_corrected() -> None:
    wrong = (NOW - 3_600_000_000) / 1e6  # an hour behind when it was sent, and the event half a minute before

    found = row("event", {"timestamp": wrong - 30}, header=json.dumps({"sent_at": wrong}))

    assert found["event_time"] == NOW - 30_000_000


@pytest.mark.parametrize(
    ("identity", "expected"),
    [("A" * 32, "a" * 32), ("01234567-89ab-cdef-0123-456789abcdef", "0123456789abcdef0123456789abcdef")],
)
def test_event_ids_have_one_spelling(identity: str, expected: str) -> None:
    assert row("event", {"event_id": identity})["event_id"] == expected


@pytest.mark.parametrize("identity", ["", "bob@example.com", "0" * 32, 5, None])
def test_an_event_without_an_id_has_that_of_its_envelope_or_its_bytes(identity: object) -> None:
    event = {"event_id": identity, "message": "m"}

    assert row("event", event, header=json.dumps({"event_id": "b" * 32}))["event_id"] == "b" * 32
    assert row("event", event)["event_id"] == row("event", event)["event_id"]
    assert len(row("event", event)["event_id"]) == 32


def test_two_events_in_one_envelope_are_two_even_without_ids() -> None:
    body = b'{"event_id":"%s"}\n{"type":"event"}\n{"message":"a"}\n{"type":"event"}\n{"message":"b"}' % (32 * b"b")

    found = decode(Entry("shop", "sentry", NOW, body, {"path": "/api/1/envelope/"}), Decoding(SECRET))

    assert len({group.identity for group in found.groups}) == 2


def test_logs_from_warning_upwards_are_kept() -> None:
    levels = ("trace", "debug", "info", "warn", "error", "fatal")
    attributes = {"logger.name": {"value": "shop.db"}, "sentry.sdk.name": {"value": "sentry.python.django"}}
    items = [{"level": level, "body": level, "attributes": attributes} for level in levels]

    found = decoded("log", {"items": items})

    (group,) = found.groups
    assert [values[2] for _, values in group.rows] == ["warning", "error", "fatal"]
    assert {values[9:11] for _, values in group.rows} == {("shop.db", "python")}
    assert [(one.reason, one.quantity, one.message) for one in found.refused] == [("below_warning", 3, "")]


def test_a_session_is_known_by_its_id_and_its_update() -> None:
    session = {"sid": "a1", "status": "errored", "errors": 2, "duration": 1.5, "did": "bob@example.com", "seq": 3,
               "started": NOW / 1e6 - 60, "attrs": {"release": "shop@1.2", "environment": "prod"}}  # fmt: skip

    found = row("session", session)

    assert (found["event_id"], found["session_id"], found["sequence"]) == ("a1-3", "a1", 3)
    assert (found["status"], found["errors"], found["duration_seconds"], found["quantity"]) == ("errored", 2, 1.5, 1)
    assert (found["release"], found["environment"]) == ("shop@1.2", "prod")
    assert found["user_key"] == pseudonym(SECRET, "shop", "bob@example.com")
    assert found["event_time"] == NOW - 60_000_000


def test_an_unknown_status_of_a_session_is_refused_in_words() -> None:
    (refusal,) = decoded("session", {"status": "odd"}).refused

    assert (refusal.reason, refusal.field, refusal.table) == ("invalid_status", "status", "sessions")


def test_summed_sessions_are_a_row_for_each_status() -> None:
    buckets = [{"started": NOW / 1e6, "exited": 5, "crashed": 1, "errored": 0}, {"started": NOW / 1e6, "exited": 2}]

    found = decoded("sessions", {"aggregates": buckets, "attrs": {"release": "shop@1.2"}})

    (group,) = found.groups
    assert [(values[3], values[7]) for _, values in group.rows] == [("exited", 5), ("crashed", 1), ("exited", 2)]
    assert (found.received, group.identity) == ({"session": 3}, None)
    assert len({values[0] for _, values in group.rows}) == 3


def test_labels_of_metrics_are_those_of_the_application() -> None:
    attributes = {
        "shop": {"value": "berlin"}, "retries": {"value": 2}, "sentry.sdk.name": {"value": "x"},
        "process.pid": {"value": 7}, "user.email": {"value": "bob@example.com"}, "password": {"value": "hunter2"},
        "sentry.environment": {"value": "prod"},
    }  # fmt: skip

    found = row(
        "trace_metric", {"items": [{"name": "orders", "type": "counter", "value": 2, "attributes": attributes}]}
    )

    assert (found["metric"], found["subject"], found["value"], found["kind"]) == ("orders", "shop", 2.0, "count")
    assert json.loads(found["labels"]) == {"environment": "prod", "retries": "2", "shop": "berlin"}


@pytest.mark.parametrize(
    "metric", [{}, {"name": "m"}, {"value": 1}, {"name": "m", "value": "1"}, {"name": "m" * 201, "value": 1}]
)
def test_a_metric_without_name_or_value_is_refused(metric: object) -> None:
    (refusal,) = decoded("trace_metric", {"items": [metric]}).refused

    assert (refusal.reason, refusal.quantity) == ("invalid", 1)


def test_reports_count_a_transaction_once_and_no_bytes() -> None:
    entries = [
        {"category": "transaction", "reason": "queue_overflow", "quantity": 2},
        {"category": "span", "reason": "queue_overflow", "quantity": 7},
        {"category": "log_item", "reason": "network_error", "quantity": 3},
        {"category": "log_byte", "reason": "network_error", "quantity": 999},
        {"category": "attachment", "reason": "network_error", "quantity": 50_000},
        {"category": "replay", "reason": "sample_rate", "quantity": 4},
        {"category": "error", "reason": "before_send", "quantity": -1},
        {"category": "error", "reason": "before_send", "quantity": "2"},
    ]

    found = decoded("client_report", {"discarded_events": entries[:5], "rate_limited_events": entries[5:]})

    assert {(loss.category, loss.reason): loss.quantity for loss in found.lost} == {
        ("transaction", "queue_overflow"): 2,
        ("span", "queue_overflow"): 5,
        ("log", "network_error"): 3,
        ("other", "network_error"): 1,
        ("other", "sample_rate"): 4,
        ("error", "before_send"): 2,
    }
    assert not found.received
