"""A project over its quota for errors: Sentry's client holds errors back, the rest keeps coming, all is counted."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import httpx

from quality_platform_tests.data.live import Live
from quality_platform_tests.data.waiting import WAIT_SECONDS


def test_the_client_holds_back_errors_and_goes_on_with_the_rest(live: Live) -> None:
    program = textwrap.dedent(
        """
        import os, sentry_sdk
        from sentry_sdk.sessions import track_session
        sentry_sdk.init(dsn=os.environ["DSN"], release="shop@1", auto_enabling_integrations=False)
        for _ in range(3):
            sentry_sdk.capture_message("too much", level="error")
            sentry_sdk.flush(10)
        with track_session(sentry_sdk.get_isolation_scope(), session_mode="application"): pass
        sentry_sdk.get_client().close(10)
        """
    )
    environment = {"PATH": os.environ["PATH"], "DSN": str(live.key("small")["sentry_dsn"])}

    subprocess.run([sys.executable, "-c", program], check=True, env=environment, timeout=WAIT_SECONDS)

    expected = {"error": {"received": 1, "rejected": 1, "lost": 2}, "session": {"received": 1, "stored": 1}}
    live.until_ledger("small", expected, whole=False)
    lost = live.sql("SELECT DISTINCT category, reason FROM raw.client_losses WHERE project = 'small'")
    assert {"category": "error", "reason": "ratelimit_backoff"} in lost
    assert live.sql("SELECT 1 FROM raw.ingest_counts WHERE project = 'small' AND reason = 'over_quota'")


def test_what_is_within_the_quota_is_taken_and_the_answer_names_the_rest(live: Live) -> None:
    session = b'{"type":"session"}\n{"sid":"a1","status":"exited","attrs":{"release":"shop@1"}}\n'
    report = b'{"type":"client_report"}\n{"discarded_events":[{"category":"span","reason":"queue","quantity":4}]}\n'
    error = b'{"type":"event"}\n{"message":"too much"}\n'
    address, key = f"{live.base}/api/1/envelope/", {"sentry_key": live.key("partly")["key"]}

    taken, counted, nothing = (
        httpx.post(address, params=key, content=b"{}\n" + b"".join(items))
        for items in ((error, session), (error, report), (error,))
    )

    assert [answer.status_code for answer in (taken, counted, nothing)] == [200, 200, 429]
    for answer in (taken, counted, nothing):
        seconds, categories, scope, reason = answer.headers["x-sentry-rate-limits"].split(":")
        assert 0 < int(seconds) <= 60
        assert (categories, scope, reason) == ("default;error", "project", "over_quota")
    assert 0 < int(nothing.headers["retry-after"]) <= 60
    live.until("SELECT 1 FROM raw.sessions WHERE project = 'partly'")
    live.until("SELECT 1 FROM raw.client_losses WHERE project = 'partly' AND quantity = 4")
    live.until("SELECT 1 FROM raw.ingest_counts WHERE project = 'partly' AND reason = 'over_quota'", 2)
    assert not live.sql("SELECT 1 FROM raw.error_events WHERE project = 'partly'")
    live.assert_adds_up("partly")
