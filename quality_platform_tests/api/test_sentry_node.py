"""@sentry/node, unmodified, against the real service: each thing that it sends is found by SQL or counted."""

from __future__ import annotations

import json

from quality_platform_tests.data.javascript import run_node
from quality_platform_tests.data.live import Live

START = """
import * as Sentry from "@sentry/node";
Sentry.init({ dsn: process.env.DSN, release: "web@2.0.1", environment: "prod", tracesSampleRate: 1, enableLogs: true });
"""
END = "\nawait Sentry.close(10000);"


def run(live: Live, project: str, script: str) -> None:
    run_node(START + script + END, {"DSN": str(live.key(project)["sentry_dsn"])})


def test_errors_come_with_their_causes_and_frames(live: Live) -> None:
    run(
        live,
        "node-errors",
        """
        Sentry.setUser({ id: "u2", email: "bob@example.com" });
        function price() { throw new RangeError("no price"); }
        function checkout() { try { price() } catch (cause) { throw new TypeError("no checkout", { cause }) } }
        try { checkout() } catch (error) { Sentry.captureException(error) }
        Sentry.captureMessage("low on stock", "warning");
        """,
    )

    rows = live.until("SELECT * FROM raw.error_events WHERE project = 'node-errors' ORDER BY level", 2)
    error, warning = rows
    assert (error["type"], error["message"], error["platform"]) == ("TypeError", "no checkout", "node")
    assert [one["type"] for one in json.loads(error["exceptions"])] == ["RangeError", "TypeError"]
    assert [frame["function"] for frame in json.loads(error["frames"])][-1] == "checkout"
    assert error["culprit"].endswith("checkout")
    assert (error["release"], error["handled"]) == ("web@2.0.1", True)
    assert error["user_key"] == warning["user_key"] is not None
    assert (warning["level"], warning["message"]) == ("warning", "low on stock")
    live.until_ledger("node-errors", {"error": {"received": 2, "stored": 2}}, whole=False)


def test_spans_are_requests(live: Live) -> None:
    run(
        live,
        "node-spans",
        """
        await Sentry.startSpan({ op: "http.server", name: "GET /orders/:id" }, async () => {
            const sql = "SELECT * FROM orders WHERE mail = 'bob@example.com' LIMIT 5";
            await Sentry.startSpan({ op: "db", name: sql, attributes: { "db.system": "mysql" } }, async () => {});
            await Sentry.startSpan({ op: "cache.get", name: "o:1", attributes: { "cache.hit": true } }, async () => {});
        });
        """,
    )

    rows = live.until(
        "SELECT operation, route, method, system, cache_hit, trace_id, release FROM raw.request_samples "
        "WHERE project = 'node-spans' ORDER BY operation",
        3,
    )
    assert [(row["operation"], row["route"], row["method"]) for row in rows] == [
        ("cache", "o:?", "GET"),
        ("database", "SELECT * FROM orders WHERE mail = ? LIMIT ?", "SELECT"),
        ("http.server", "/orders/:id", "GET"),
    ]
    assert (rows[0]["cache_hit"], rows[1]["system"], rows[2]["release"]) == (True, "mysql", "web@2.0.1")
    assert len({row["trace_id"] for row in rows}) == 1
    ledger = live.assert_adds_up("node-spans")
    assert sum(ledger.get(category, {}).get("stored", 0) for category in ("transaction", "span")) == 3


def test_sessions_logs_metrics_and_check_ins_arrive(live: Live) -> None:
    run(
        live,
        "node-more",
        """
        Sentry.startSession(); Sentry.endSession();
        Sentry.logger.info("fine"); Sentry.logger.warn("slow", { seconds: 3 });
        Sentry.metrics.count("orders", 2, { attributes: { shop: "berlin" } });
        const checkInId = Sentry.captureCheckIn({ monitorSlug: "nightly", status: "in_progress" });
        Sentry.captureCheckIn({ checkInId, monitorSlug: "nightly", status: "ok", duration: 1.5 });
        """,
    )

    live.until("SELECT 1 FROM raw.sessions WHERE project = 'node-more'")
    samples = live.until(
        "SELECT metric, labels, value FROM raw.metric_samples WHERE project = 'node-more' ORDER BY ALL", 3
    )
    assert samples == [
        {"metric": "monitor.check_in", "labels": '{"environment":"prod","status":"in_progress"}', "value": 0.0},
        {"metric": "monitor.check_in", "labels": '{"environment":"prod","status":"ok"}', "value": 1.5},
        {"metric": "orders", "labels": '{"environment":"prod","shop":"berlin"}', "value": 2.0},
    ]
    (log,) = live.until("SELECT level, message, platform FROM raw.error_events WHERE project = 'node-more'")
    assert log == {"level": "warning", "message": "slow", "platform": "node"}
    expected = {"log": {"received": 2, "stored": 1, "rejected": 1}, "monitor": {"received": 2, "stored": 2}}
    live.until_ledger("node-more", expected, whole=False)
    assert {row["status"] for row in live.sql("SELECT status FROM raw.sessions WHERE project = 'node-more'")} == {
        "exited"
    }


def test_what_the_client_threw_away_is_in_the_ledger(live: Live) -> None:
    run(
        live,
        "node-lost",
        """
        Sentry.addEventProcessor((event) => (event.message === "unwanted" ? null : event));
        Sentry.captureMessage("unwanted"); Sentry.captureMessage("unwanted"); Sentry.captureMessage("wanted");
        await Sentry.flush(5000);
        """,
    )

    (lost,) = live.until("SELECT category, reason, quantity FROM raw.client_losses WHERE project = 'node-lost'")
    assert lost == {"category": "error", "reason": "event_processor", "quantity": 2}
    live.until_ledger("node-lost", {"error": {"received": 1, "stored": 1, "lost": 2}}, whole=False)


def test_secrets_of_the_application_are_nowhere(live: Live) -> None:
    run(
        live,
        "node-secrets",
        """
        Sentry.setUser({ email: "bob@example.com", ip_address: "203.0.113.77" });
        Sentry.setExtra("note", "hunter2");
        Sentry.addBreadcrumb({ message: "hunter2 4111111111111111" });
        function pay() {
            const secretPassword = "hunter2";
            throw new Error("card 4111111111111111 of bob@example.com at 203.0.113.77, password=hunter2");
        }
        await Sentry.startSpan({ op: "http.client", name: "GET https://x.example/?card=4111111111111111" }, async () => {
            try { pay() } catch (error) { Sentry.captureException(error) }
        });
        Sentry.logger.error("password=hunter2 for bob@example.com");
        """,
    )

    live.until("SELECT 1 FROM raw.error_events WHERE project = 'node-secrets'", 2)
    live.until("SELECT 1 FROM raw.request_samples WHERE project = 'node-secrets'")
    live.nowhere("hunter2", "4111111111111111", "bob@example.com", "203.0.113.77")
