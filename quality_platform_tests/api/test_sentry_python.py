"""sentry-sdk for Python, unmodified, against the real service: each thing that it sends is found by SQL or counted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap

from quality_platform_tests.data.live import Live
from quality_platform_tests.data.waiting import WAIT_SECONDS

START = """
    import json, os, sentry_sdk
    def start(**options):
        sentry_sdk.init(dsn=os.environ["DSN"], release="shop@1.2.3", environment="prod", **options)
"""


def run(script: str, dsn: str) -> list[str]:
    """Lines that a program prints which sends with sentry-sdk until it has sent everything."""
    program = textwrap.dedent(START) + textwrap.dedent(script) + "\nsentry_sdk.get_client().close(10)\n"
    environment = {"PATH": os.environ["PATH"], "DSN": dsn}
    done = subprocess.run(
        [sys.executable, "-c", program],
        check=False,
        env=environment,
        capture_output=True,
        text=True,
        timeout=WAIT_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_errors_come_with_their_causes_and_frames(live: Live) -> None:
    script = """
        start()
        def price(): raise KeyError("price")
        def checkout():
            try: price()
            except KeyError as error: raise ValueError("no price") from error
        try: checkout()
        except ValueError as error: print(sentry_sdk.capture_exception(error))
        try: raise ExceptionGroup("many", [ValueError("a"), ExceptionGroup("inner", [TypeError("b")])])
        except ExceptionGroup as error: print(sentry_sdk.capture_exception(error))
        print(sentry_sdk.capture_message("low on stock", level="warning"))
    """

    chain, group, message = run(script, live.key("py-errors")["sentry_dsn"])

    live.until("SELECT 1 FROM raw.error_events WHERE project = 'py-errors'", 3)
    rows = {row["event_id"]: row for row in live.sql("SELECT * FROM raw.error_events WHERE project = 'py-errors'")}
    found = rows[chain]
    assert (found["type"], found["message"], found["culprit"]) == ("ValueError", "no price", "__main__.checkout")
    assert [one["type"] for one in json.loads(found["exceptions"])] == ["KeyError", "ValueError"]
    assert found["handled"] is True
    assert (found["release"], found["environment"], found["platform"]) == ("shop@1.2.3", "prod", "python")
    assert len(found["trace_id"]) == 32
    assert [frame["function"] for frame in json.loads(found["frames"])] == ["<module>", "checkout"]
    assert [one["type"] for one in json.loads(rows[group]["exceptions"])][-1] == "ExceptionGroup"
    assert {"TypeError", "ValueError"} <= {one["type"] for one in json.loads(rows[group]["exceptions"])}
    assert (rows[message]["level"], rows[message]["message"]) == ("warning", "low on stock")
    live.until_ledger("py-errors", {"error": {"received": 3, "stored": 3}}, whole=False)


def test_a_crash_is_an_error_that_nobody_handled(live: Live) -> None:
    dsn = live.key("py-crash")["sentry_dsn"]
    program = textwrap.dedent(START) + "start()\nraise RuntimeError('the end')\n"

    done = subprocess.run(
        [sys.executable, "-c", program], check=False, env={"DSN": dsn}, capture_output=True, timeout=WAIT_SECONDS
    )

    assert done.returncode == 1
    (row,) = live.until("SELECT type, handled FROM raw.error_events WHERE project = 'py-crash'")
    assert row == {"type": "RuntimeError", "handled": False}


def test_a_transaction_and_its_spans_are_requests(live: Live) -> None:
    script = """
        start(traces_sample_rate=1.0)
        with sentry_sdk.start_transaction(op="http.server", name="/orders/{id}") as transaction:
            with sentry_sdk.start_span(op="db", name="SELECT * FROM orders WHERE id = 5 AND name = 'bob'") as span:
                span.set_data("db.system", "postgresql")
            with sentry_sdk.start_span(op="cache.get", name="order:5") as span:
                span.set_data("cache.hit", False)
            with sentry_sdk.start_span(op="http.client", name="GET https://pay.example/charge/77?key=hunter2") as span:
                span.set_http_status(503)
            with sentry_sdk.start_span(op="queue.publish", name="mail"): pass
            transaction.set_http_status(500)
    """

    run(script, live.key("py-spans")["sentry_dsn"])

    rows = live.until(
        "SELECT operation, route, method, status, is_error, system, cache_hit, trace_id, duration_ms, parent_span_id, "
        "span_id FROM raw.request_samples WHERE project = 'py-spans' ORDER BY operation",
        5,
    )
    shown = [(row["operation"], row["route"], row["method"], row["status"], row["is_error"]) for row in rows]
    assert shown == [
        ("cache", "order:?", "GET", None, False),
        ("database", "SELECT * FROM orders WHERE id = ? AND name = ?", "SELECT", None, False),
        ("http.client", "pay.example/charge/{id}", "GET", 503, True),
        ("http.server", "/orders/{id}", None, 500, True),
        ("queue", "mail", None, None, False),
    ]
    assert (rows[0]["cache_hit"], rows[1]["system"]) == (False, "postgresql")
    assert len({row["trace_id"] for row in rows}) == 1
    assert {row["parent_span_id"] for row in rows} == {rows[3]["span_id"], None}
    expected = {"transaction": {"received": 1, "stored": 1}, "span": {"received": 4, "stored": 4}}
    live.until_ledger("py-spans", expected, whole=False)


def test_sessions_logs_metrics_and_check_ins_arrive(live: Live) -> None:
    script = """
        import time
        from sentry_sdk.crons import monitor
        from sentry_sdk.sessions import track_session
        start(enable_logs=True)
        for mode in ("request", "request", "application"):
            with track_session(sentry_sdk.get_isolation_scope(), session_mode=mode): pass
        sentry_sdk.logger.info("fine {n}", n=1)
        sentry_sdk.logger.error("order {n} failed", n=7)
        sentry_sdk.metrics.count("orders", 2, attributes={"shop": "berlin"})
        sentry_sdk.metrics.gauge("queue", 2.5, unit="second")
        @monitor(monitor_slug="nightly")
        def job(): time.sleep(0.01)
        job()
    """

    run(script, live.key("py-more")["sentry_dsn"])

    live.until("SELECT 1 FROM raw.sessions WHERE project = 'py-more'", 2)
    live.until("SELECT 1 FROM raw.metric_samples WHERE project = 'py-more'", 4)
    sessions = live.sql(
        "SELECT status, quantity, release, session_id IS NULL AS summed FROM raw.sessions WHERE project = 'py-more' "
        "ORDER BY quantity"
    )
    assert sessions == [
        {"status": "exited", "quantity": 1, "release": "shop@1.2.3", "summed": False},
        {"status": "exited", "quantity": 2, "release": "shop@1.2.3", "summed": True},
    ]
    said = live.until("SELECT level, message FROM raw.error_events WHERE project = 'py-more'")
    assert said == [{"level": "error", "message": "order 7 failed"}]
    samples = live.sql(
        "SELECT metric, subject, labels, kind, value FROM raw.metric_samples WHERE project = 'py-more' ORDER BY ALL"
    )
    assert [(row["metric"], row["labels"], row["kind"]) for row in samples] == [
        ("monitor.check_in", '{"environment":"prod","status":"in_progress"}', "gauge"),
        ("monitor.check_in", '{"environment":"prod","status":"ok"}', "gauge"),
        ("orders", '{"environment":"prod","shop":"berlin"}', "count"),
        ("queue", '{"environment":"prod","unit":"second"}', "gauge"),
    ]
    assert samples[1]["value"] >= 0.01
    twice = {"received": 2, "stored": 2}
    log = {"received": 2, "stored": 1, "rejected": 1}
    live.until_ledger("py-more", {"log": log, "session": twice, "metric": twice, "monitor": twice}, whole=False)


def test_what_the_client_threw_away_is_in_the_ledger(live: Live) -> None:
    script = """
        start(traces_sample_rate=1.0, before_send=lambda event, hint: None, sample_rate=1.0)
        for _ in range(3): sentry_sdk.capture_message("unwanted", level="error")
        transport = sentry_sdk.get_client().transport
        transport.record_lost_event("queue_overflow", "transaction", quantity=1)
        transport.record_lost_event("queue_overflow", "span", quantity=5)
    """

    run(script, live.key("py-lost")["sentry_dsn"])

    live.until("SELECT 1 FROM raw.client_losses WHERE project = 'py-lost'", 3)
    lost = live.sql(
        "SELECT category, reason, quantity, client FROM raw.client_losses WHERE project = 'py-lost' ORDER BY ALL"
    )
    assert [(row["category"], row["reason"], row["quantity"]) for row in lost] == [
        ("error", "before_send", 3),
        ("span", "queue_overflow", 4),
        ("transaction", "queue_overflow", 1),
    ]
    assert lost[0]["client"].startswith("sentry.python/")
    live.until_ledger("py-lost", {"error": {"lost": 3}}, whole=False)


def test_every_compression_is_understood(live: Live) -> None:
    script = """
        for options in ({"transport_compression_algo": "gzip"}, {"transport_compression_algo": "br"},
                        {"transport_compression_level": 0}):
            start(_experiments=options)
            sentry_sdk.capture_message(str(options), level="error")
            sentry_sdk.get_client().close(10)
        start()
    """

    run(script, live.key("py-packed")["sentry_dsn"])

    live.until("SELECT 1 FROM raw.error_events WHERE project = 'py-packed'", 3)
    live.until_ledger("py-packed", {"error": {"received": 3, "stored": 3}}, whole=False)


def test_secrets_of_the_application_are_nowhere(live: Live) -> None:
    script = """
        start(traces_sample_rate=1.0, enable_logs=True, send_default_pii=True)
        sentry_sdk.set_user({"email": "bob@example.com", "ip_address": "203.0.113.77"})
        sentry_sdk.set_extra("note", "hunter2")
        sentry_sdk.set_tag("card", "4111111111111111")
        sentry_sdk.add_breadcrumb(message="hunter2 4111111111111111")
        def pay():
            secret_password, card, address = "hunter2", "4111111111111111", "203.0.113.77"
            raise ValueError("card 4111111111111111 of bob@example.com at 203.0.113.77, password=hunter2")
        with sentry_sdk.start_transaction(op="http.server", name="pay for bob@example.com"):
            with sentry_sdk.start_span(op="db", name="SELECT 1 WHERE mail='bob@example.com' AND pw='hunter2'"): pass
            with sentry_sdk.start_span(op="http.client", name="GET https://x.example/?card=4111111111111111"): pass
            try: pay()
            except ValueError: sentry_sdk.capture_exception()
        sentry_sdk.logger.error("password=hunter2 for {mail}", mail="bob@example.com")
        sentry_sdk.metrics.count("paid", 1, attributes={"mail": "bob@example.com", "password": "hunter2"})
    """

    run(script, live.key("py-secrets")["sentry_dsn"])

    live.until("SELECT 1 FROM raw.error_events WHERE project = 'py-secrets'", 2)
    live.until("SELECT 1 FROM raw.request_samples WHERE project = 'py-secrets'", 3)
    live.until("SELECT 1 FROM raw.metric_samples WHERE project = 'py-secrets'")
    (row,) = live.sql(
        "SELECT message, user_key FROM raw.error_events WHERE project = 'py-secrets' AND type = 'ValueError'"
    )
    assert row["message"] == "card [card] of [email] at 203.0.113.0, password=[secret]"
    assert len(row["user_key"]) == 32
    live.nowhere("hunter2", "4111111111111111", "bob@example.com", "203.0.113.77")
