"""@sentry/browser in Chromium, unmodified, from another origin: each thing that it sends is found or counted."""

from __future__ import annotations

import json

from quality_platform_tests.data.javascript import run_in_browser
from quality_platform_tests.data.live import Live

START = """
import * as Sentry from "@sentry/browser";
Sentry.init({
    dsn: process.env.DSN, release: "front@3.1", environment: "prod", tracesSampleRate: 1, enableLogs: true,
    integrations: [Sentry.browserTracingIntegration()],
});
"""
END = "\nawait Sentry.flush(5000);"


def run(live: Live, project: str, script: str) -> list[str]:
    return run_in_browser(START + script + END, {"DSN": str(live.key(project)["sentry_dsn"])})


def test_errors_spans_sessions_and_logs_arrive(live: Live) -> None:
    said = run(
        live,
        "sentry-browser",
        """
        function checkout() { throw new TypeError("no checkout") }
        try { checkout() } catch (error) { Sentry.captureException(error) }
        Sentry.captureMessage("low on stock", "warning");
        Sentry.logger.error("button {color} is gone", { color: "red" });
        Sentry.startSpan({ op: "ui.click", name: "pay" }, () => {});
        """,
    )

    assert not [line for line in said if "CORS" in line or line.startswith("error")], said
    rows = live.until(
        "SELECT type, message, level, platform, release, frames FROM raw.error_events WHERE project = 'sentry-browser' "
        "ORDER BY message",
        3,
    )
    log, warning, error = rows
    assert (error["type"], error["message"], error["level"]) == ("TypeError", "no checkout", "error")
    assert (error["platform"], error["release"]) == ("javascript", "front@3.1")
    frame = json.loads(error["frames"])[-1]
    assert (frame["function"], frame["file"].endswith("/script.js"), frame["in_app"]) == ("checkout", True, True)
    assert (warning["level"], warning["message"]) == ("warning", "low on stock")
    assert log["level"] == "error"
    spans = live.until(
        "SELECT operation, route FROM raw.request_samples WHERE project = 'sentry-browser' AND route = 'pay'"
    )
    assert spans == [{"operation": "other", "route": "pay"}]
    live.until("SELECT 1 FROM raw.sessions WHERE project = 'sentry-browser'")
    ledger = live.until_ledger("sentry-browser", {"error": {"received": 2, "stored": 2}}, whole=False)
    assert ledger["session"]["stored"] >= 1


def test_secrets_of_a_visitor_are_nowhere(live: Live) -> None:
    run(
        live,
        "sentry-visitor",
        """
        Sentry.setUser({ email: "bob@example.com", ip_address: "203.0.113.77" });
        Sentry.addBreadcrumb({ message: "hunter2 4111111111111111" });
        history.replaceState({}, "", "/pay?token=hunter2&mail=bob@example.com");
        try { throw new Error("card 4111111111111111 of bob@example.com, password=hunter2") }
        catch (error) { Sentry.captureException(error) }
        """,
    )

    (row,) = live.until("SELECT message FROM raw.error_events WHERE project = 'sentry-visitor'")
    assert row["message"] == "card [card] of [email], password=[secret]"
    live.nowhere("hunter2", "4111111111111111", "bob@example.com", "203.0.113.77")
