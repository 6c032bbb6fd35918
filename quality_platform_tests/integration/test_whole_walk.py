"""The whole walk, on both set-ups: real sources in; metrics, trends, an alert, a report and lineage out.

In files the run is killed while it transforms before it is let through: what comes out must be the same (killed while it
collects, `test_files_into_lake` and `test_lake_crash` see it). In PostgreSQL one run must do, since each takes half a
minute; there it is that of `up`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest
from standardwebhooks import Webhook

from quality_platform.defs.dbt.project import target
from quality_platform.errors import LakeError
from quality_platform.settings import Settings
from quality_platform.warehouse.lake import Lake
from quality_platform_tests.data.dbt_runs import take_parsed
from quality_platform_tests.data.platforms import Demo, make
from quality_platform_tests.data.receivers import Receiver, answering, receiving

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
CURRENT = """
    SELECT collector, count(*) AS n FROM raw.batches
    WHERE project = 'demo' AND collector IN ('logs', 'events') GROUP BY ALL ORDER BY ALL
"""
MADE_LATE = "int_samples_daily"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving(answering(200)) as found:
        yield found


@pytest.fixture
def demo_in(receiver: Receiver, tmp_path: Path, parsed_models: Path) -> Callable[..., Demo]:
    """A function that makes a platform; that a home without parsed models gets them, `test_up` sees."""

    def create(**changes: Any) -> Demo:
        settings = Settings(home=tmp_path / "home", webhook_allow_cidrs=("127.0.0.0/8",), **changes)
        take_parsed(parsed_models, target(settings))
        return make(settings, tmp_path / "work", receiver.url())

    return create


@pytest.mark.timeout(3600)
def test_sources_to_alert_report_and_lineage(receiver: Receiver, demo_in: Callable[..., Demo]) -> None:
    demo = demo_in()
    demo.cover(0.4)
    # killed while it transforms, the next run loses and repeats nothing
    run_and_kill(demo, f"SELECT 1 FROM duckdb_tables() WHERE table_name = '{MADE_LATE}'")
    ran = demo.json("run", "--full")
    assert ran["success"]
    assert ran["failed_checks"] == []
    check_all(demo, covered=40)

    collected = demo.sql(CURRENT)
    assert len(collected) == 2

    # a planted drop arrives once, however often the sensors look
    demo.tick()
    demo.tick()
    fired = bodies(receiver)
    assert [body["type"] for body in fired] == ["alert.firing"]
    assert fired[0]["data"]["severity"] == "critical"
    assert [row["status"] for row in demo.json("alerts")] == ["active"]

    # and resolves once; the history of it reaches the lake with the next run
    demo.cover(0.9)
    before = demo.sql("SELECT count(*) AS n FROM raw.code_file_metrics")
    assert demo.json("run")["success"]
    assert demo.sql(CURRENT) == collected, "what is current was collected again"
    demo.tick()
    demo.tick()
    assert [body["type"] for body in bodies(receiver)] == ["alert.firing", "alert.resolved"]
    assert demo.json("alerts") == []
    assert demo.sql("SELECT count(*) AS n FROM raw.code_file_metrics") == before

    history = demo.sql("SELECT severity, is_open FROM marts.alert_history")
    assert history == [{"severity": "critical", "is_open": True}]


@pytest.mark.timeout(3600)
def test_the_same_on_postgresql(
    receiver: Receiver, demo_in: Callable[..., Demo], new_postgres_database: Callable[[], str]
) -> None:
    demo = demo_in(postgres_url=new_postgres_database())
    demo.cover(0.4)
    assert "check failed" not in demo.verb("up", "--once")
    check_all(demo, covered=40)

    demo.tick()
    demo.tick()
    assert [body["type"] for body in bodies(receiver)] == ["alert.firing"]
    assert [row["status"] for row in demo.json("alerts")] == ["active"]


def check_all(demo: Demo, *, covered: float) -> None:
    check_all_is_there_once(demo)
    check_marts(demo, covered)
    check_report(demo)
    check_lineage(demo)


def check_marts(demo: Demo, covered: float) -> None:
    quality = demo.sql(
        "SELECT commit_sha, cyclomatic_complexity, coverage_percent, findings_medium, debt_rating "
        "FROM marts.code_quality_by_commit ORDER BY position"
    )
    assert len(quality) == 13
    assert quality[-1]["commit_sha"] == demo.repository.git("rev-parse", "HEAD")
    assert quality[-1]["coverage_percent"] == pytest.approx(covered, abs=2)
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


def check_all_is_there_once(demo: Demo) -> None:
    """What git, the log and the events file hold, as it stands there."""
    commits = demo.repository.git("rev-list", "HEAD").split()
    trees = [(sha, line.split()) for sha in commits for line in demo.repository.git("ls-tree", "-r", sha).splitlines()]
    files = demo.sql("SELECT commit_sha, path, blob_id FROM raw.code_files ORDER BY ALL")
    assert [tuple(row.values()) for row in files] == sorted((sha, path, blob) for sha, (*_, blob, path) in trees)
    blobs = {row["blob_id"] for row in files if row["path"] == "app.py"}
    functions = demo.sql(
        "SELECT blob_id, count(*) AS n, count(DISTINCT qualified_name) AS d FROM raw.code_functions GROUP BY ALL"
    )
    assert sorted((row["n"], row["d"]) for row in functions if row["blob_id"] in blobs) == [
        (n, n) for n in range(1, 13)
    ]
    events = demo.sql("SELECT event_id FROM raw.usage_events WHERE project = 'demo' ORDER BY ALL")
    assert [row["event_id"] for row in events] == [f"e{n}" for n in range(9)]
    assert len(demo.sql("SELECT 1 FROM raw.error_events WHERE project = 'demo'")) == 1


def run_and_kill(demo: Demo, reached: str) -> None:
    """Start a run and kill it as soon as the query finds something."""
    with closing(Lake(demo.settings)) as lake, demo.start("run") as run:
        while run.poll() is None and not found(lake, reached):
            time.sleep(0.5)
        run.kill()


def found(lake: Lake, query: str) -> bool:
    try:
        return bool(lake.rows(query))
    except (LakeError, duckdb.Error):
        return False  # it has not been made yet
