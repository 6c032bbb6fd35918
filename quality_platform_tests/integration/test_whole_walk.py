"""The whole walk, on both set-ups: real sources in; metrics, trends, an alert, a report and lineage out."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from quality_platform.settings import Settings
from quality_platform_tests.data.platforms import Demo, make
from quality_platform_tests.data.receivers import Receiver, answering, receiving

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving(answering(200)) as found:
        yield found


@pytest.fixture
def demo(both_settings: Settings, receiver: Receiver, tmp_path: Path) -> Demo:
    settings = both_settings.model_copy(update={"webhook_allow_cidrs": ("127.0.0.0/8",)})
    return make(settings, tmp_path / "work", receiver.url())


@pytest.mark.timeout(600)
def test_sources_to_alert_report_and_lineage(demo: Demo, receiver: Receiver) -> None:
    first = demo.json("run", "--full")
    assert first["success"]
    assert first["failed_checks"] == []

    check_marts(demo)
    check_report(demo)
    check_lineage(demo)

    demo.tick()
    assert receiver.requests == []

    # a planted drop arrives once, however often the sensors look
    demo.cover(0.4)
    assert demo.json("run")["success"]
    demo.tick()
    demo.tick()
    fired = bodies(receiver)
    assert [body["type"] for body in fired] == ["alert.firing"]
    assert fired[0]["data"]["severity"] == "critical"
    assert [row["status"] for row in demo.json("alerts")] == ["active"]

    # and resolves once
    demo.cover(0.9)
    before = demo.sql("SELECT count(*) AS n FROM raw.code_file_metrics")
    assert demo.json("run")["success"]
    demo.tick()
    demo.tick()
    assert [body["type"] for body in bodies(receiver)] == ["alert.firing", "alert.resolved"]
    assert demo.json("alerts") == []
    assert demo.sql("SELECT count(*) AS n FROM raw.code_file_metrics") == before

    # the history of it reaches the lake with the next run
    assert demo.json("run")["success"]
    history = demo.sql("SELECT severity, is_open FROM marts.alert_history")
    assert history == [{"severity": "critical", "is_open": False}]


def check_marts(demo: Demo) -> None:
    quality = demo.sql(
        "SELECT commit_sha, cyclomatic_complexity, coverage_percent, findings_medium, debt_rating "
        "FROM marts.code_quality_by_commit ORDER BY position"
    )
    assert len(quality) == 13
    assert quality[-1]["commit_sha"] == demo.repository.git("rev-parse", "HEAD")
    assert quality[-1]["coverage_percent"] == pytest.approx(90, abs=2)
    assert quality[-1]["findings_medium"] == 1
    steps = [row["cyclomatic_complexity"] for row in quality]
    assert steps[:12] == sorted(steps[:12])

    (group,) = demo.sql("SELECT type, events, culprit FROM marts.error_groups WHERE project = 'demo'")
    assert group == {"type": "ZeroDivisionError", "events": 1, "culprit": group["culprit"]}
    assert "price" in group["culprit"]

    (users,) = demo.sql("SELECT count(DISTINCT user_key) AS n FROM raw.usage_events WHERE project = 'demo'")
    assert users["n"] == 3
    text = json.dumps(demo.sql("FROM raw.usage_events WHERE project = 'demo'"))
    assert "user-1@example.com" not in text
    (refused,) = demo.sql("SELECT reason FROM raw.quarantine WHERE project = 'demo'")
    assert "user" in refused["reason"] or "timestamp" in refused["reason"]

    cpu = demo.sql("SELECT value FROM marts.fct_observations WHERE metric = 'system.cpu_percent'")
    assert cpu
    ledger = demo.sql("SELECT count(*) AS n, count(DISTINCT batch_id) AS d FROM raw.batches")
    assert ledger[0]["n"] == ledger[0]["d"]
    observed = demo.sql("SELECT count(*) AS n FROM marts.fct_observations o ANTI JOIN raw.batches b USING (batch_id)")
    assert observed == [{"n": 0}]


def check_report(demo: Demo) -> None:
    (page,) = demo.settings.reports_dir.glob("*.html")
    (paper,) = demo.settings.reports_dir.glob("*.pdf")
    assert "<svg" in page.read_text()
    assert paper.read_bytes().startswith(b"%PDF")


def check_lineage(demo: Demo) -> None:
    tree = demo.json("lineage", "code_coverage", "--project", "demo")
    text = json.dumps(tree)
    assert tree["kind"] == "value"
    assert "marts.code_quality_by_commit.coverage_percent" in text
    assert "raw.code_coverage" in text
    assert "repository:demo" in text
    assert demo.repository.git("rev-parse", "HEAD") in text
    (error,) = demo.sql("SELECT event_time FROM raw.error_events WHERE project = 'demo'")
    errors = json.dumps(demo.json("lineage", "errors.events", "--project", "demo", "--at", error["event_time"]))
    assert "app.log" in errors
    rows = demo.sql("SELECT * FROM marts.metric_lineage WHERE project = 'demo' AND metric = 'code.coverage_percent'")
    assert any(row["source_id"] == "repository:demo" for row in rows)


def bodies(receiver: Receiver) -> list[dict[str, object]]:
    """Bodies of what was received, each with a signature that holds."""
    found = []
    for request in receiver.requests:
        Webhook(SECRET).verify(request.body, dict(request.headers))
        found.append(json.loads(request.body))
    return found


@pytest.mark.timeout(600)
def test_killed_runs_lose_and_repeat_nothing(tmp_path: Path, receiver: Receiver) -> None:
    """Killed at several points of the first run and run again: the same rows as without a kill."""
    calm = make(Settings(home=tmp_path / "calm-home"), tmp_path / "calm", receiver.url())
    assert calm.json("run")["success"]
    hunted = Demo(Settings(home=tmp_path / "hunted-home"), calm.folder, calm.repository)
    for seconds in (2.0, 4.0, 6.0):
        process = hunted.start("run")
        time.sleep(seconds)
        process.kill()
        process.communicate()
    assert hunted.json("run")["success"]
    for query in (
        "SELECT commit_sha, path, blob_id FROM raw.code_files ORDER BY ALL",
        "SELECT blob_id, qualified_name, cyclomatic_complexity FROM raw.code_functions ORDER BY ALL",
        "SELECT event_id FROM raw.usage_events WHERE project = 'demo' ORDER BY ALL",
        "SELECT event_id, message FROM raw.error_events WHERE project = 'demo' ORDER BY ALL",
        "SELECT commit_sha, cyclomatic_complexity, coverage_percent FROM marts.code_quality_by_commit ORDER BY ALL",
        "SELECT metric, observed_at, value FROM marts.fct_observations WHERE subject = 'demo' ORDER BY ALL",
    ):
        assert hunted.sql(query) == calm.sql(query), query
