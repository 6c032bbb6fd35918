"""What the models compute, held against plain Python on the same raw rows."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any

import pytest

from quality_platform.warehouse.lake import Lake
from quality_platform.warehouse.newest_commit import numbers

pytestmark = pytest.mark.usefixtures("dbt_prepared")

Row = dict[str, Any]


@pytest.fixture(scope="module")
def lake(sample_lake: Lake) -> Lake:
    return sample_lake


@pytest.fixture(scope="module")
def events(lake: Lake) -> list[Row]:
    return lake.rows("SELECT * FROM raw.usage_events ORDER BY user_key, event_time, event_id")


@pytest.fixture(scope="module")
def visits(events: list[Row]) -> list[list[Row]]:
    """The sessions, by walking through each user's events one by one."""
    found: list[list[Row]] = []
    open_visits: dict[tuple[str, str | None], list[Row]] = {}
    for event in events:
        key = (event["user_key"], event["session_id"])
        visit = open_visits.get(key)
        if visit is None or (event["session_id"] is None and is_over(visit, event)):
            visit = open_visits[key] = []
            found.append(visit)
        visit.append(event)
    return found


def is_over(visit: list[Row], event: Row) -> bool:
    gap = event["event_time"] - visit[-1]["event_time"]
    length = event["event_time"] - visit[0]["event_time"]
    return bool(gap >= timedelta(minutes=30) or length > timedelta(hours=24))


def test_sessions(lake: Lake, visits: list[list[Row]]) -> None:
    expected = sorted(
        (visit[0]["user_key"], visit[0]["event_time"], visit[-1]["event_time"], len(visit), visit[0]["event_name"])
        for visit in visits
    )
    found = lake.rows("SELECT user_key, started_at, ended_at, depth, entry_event FROM marts.sessions ORDER BY ALL")
    assert [tuple(row.values()) for row in found] == expected
    # the data holds what is difficult: gaps of exactly 30 minutes, sessions cut at 24 hours, clients' sessions
    assert any(visit[0]["user_key"] == "user-0" and len(visit) == 73 for visit in visits)
    assert any(visit[0]["session_id"] for visit in visits)


def test_engagement(lake: Lake, events: list[Row], visits: list[list[Row]]) -> None:
    users: dict[date, set[str]] = defaultdict(set)
    for event in events:
        users[event["event_time"].astimezone(UTC).date()].add(event["user_key"])
    started = [visit[0]["event_time"].astimezone(UTC).date() for visit in visits]
    rows = lake.rows("SELECT * FROM marts.engagement_daily ORDER BY day")
    first, last = min(users), max(users)
    assert [row["day"] for row in rows] == [first + timedelta(n) for n in range((last - first).days + 8)]
    for row in rows:
        assert row["dau"] == len(users[row["day"]])
        assert row["wau"] == len(users_within(users, row["day"], 7))
        assert row["mau"] == len(users_within(users, row["day"], 30))
        assert row["sessions"] == started.count(row["day"])
        assert row["stickiness"] == pytest.approx(stickiness(users, row["day"], first))
    assert rows[40]["stickiness"] is not None


def users_within(users: dict[date, set[str]], day: date, days: int) -> set[str]:
    return set().union(*(users[day - timedelta(n)] for n in range(days)))


def stickiness(users: dict[date, set[str]], day: date, first: date) -> float | None:
    if (day - first).days < 29:
        return None
    month = users_within(users, day, 30)
    daily = sum(len(users[day - timedelta(n)]) for n in range(30)) / 30
    return daily / len(month) if month else None


def test_feature_usage(lake: Lake, events: list[Row]) -> None:
    used: dict[tuple[str, date], list[str]] = defaultdict(list)
    for event in events:
        day = event["event_time"].astimezone(UTC).date()
        used[event["feature"] or event["event_name"], day].append(event["user_key"])
    found = lake.rows("SELECT feature, day, events, users FROM marts.feature_usage")
    assert {(row["feature"], row["day"]): (row["events"], row["users"]) for row in found} == {
        key: (len(users), len(set(users))) for key, users in used.items()
    }


def test_totals_of_commits(lake: Lake) -> None:
    blobs = {row["blob_id"]: row for row in lake.rows("SELECT * FROM raw.code_file_metrics")}
    severities = defaultdict(list)
    for row in lake.rows("SELECT blob_id, severity FROM raw.code_findings"):
        severities[row["blob_id"]].append(row["severity"])
    files = lake.rows("SELECT * FROM raw.code_files ORDER BY commit_sha")
    found = {row["commit_sha"]: row for row in lake.rows("SELECT * FROM marts.code_quality_by_commit")}
    for commit, group in groupby(files, key=lambda row: row["commit_sha"]):
        tree = list(group)
        python = [blobs[row["blob_id"]] for row in tree if row["language"] == "python"]
        lines = sum(blob["source_lines"] for blob in python)
        weighted = sum(blob["maintainability_index"] * blob["source_lines"] for blob in python)
        row = found[commit]
        assert row["files"] == len(tree)
        assert row["source_lines"] == lines
        assert row["cyclomatic_complexity"] == sum(blob["cyclomatic_complexity"] for blob in python)
        assert row["maintainability_index"] == pytest.approx(weighted / lines)
        highs = [severities[row["blob_id"]].count("high") for row in tree]
        assert row["findings_high"] == sum(highs)
    assert len(found) == 12


def test_debt_of_head_adds_up(lake: Lake) -> None:
    """Minutes by rule and file, by file and by project are the same minutes."""
    rows = lake.rows("SELECT * FROM marts.technical_debt")
    by_file: dict[str, int] = defaultdict(int)
    for row in rows:
        by_file[row["path"]] += row["minutes"]
    assert {row["path"]: row["file_minutes"] for row in rows} == by_file
    assert {row["project_minutes"] for row in rows} == {sum(by_file.values())}
    functions = lake.rows("SELECT * FROM marts.code_functions WHERE path = ?", [rows[0]["path"]])
    complex_ones = [f["cyclomatic_complexity"] for f in functions if f["cyclomatic_complexity"] > 10]
    of_rule = {(row["path"], row["rule"]): row["minutes"] for row in rows}
    assert of_rule.get((rows[0]["path"], "complex_function"), 0) == sum(10 + n - 10 for n in complex_ones)


def test_what_a_scan_says_of_head_is_what_the_marts_say(lake: Lake) -> None:
    (head,) = lake.rows("SELECT * FROM marts.code_quality_by_commit WHERE on_main ORDER BY position DESC LIMIT 1")
    said = numbers(lake, head["project"])
    texts = ("commit_sha", "committed_at", "debt_rating")
    assert [said[name] for name in texts] == [head[name] for name in texts]
    same = [name for name in head if name in said and name not in (*texts, "author")]
    assert {name: said[name] for name in same} == pytest.approx({name: head[name] for name in same})
    assert len(same) >= 10


def test_coverage_is_observed_when_it_was_measured(lake: Lake) -> None:
    """Two reports on one commit are two observations, and the newer one is the commit's coverage."""
    rows = lake.rows(
        "SELECT observed_at, value FROM marts.fct_observations WHERE metric = 'code.coverage_percent' ORDER BY ALL"
    )
    written = datetime(2026, 6, 1, tzinfo=UTC)
    assert [tuple(row.values()) for row in rows] == [
        (written + timedelta(minutes=60), 60.0),
        (written + timedelta(minutes=80), 80.0),
    ]
    newest = lake.rows("SELECT coverage_percent FROM marts.code_quality_by_commit WHERE commit_sha = 'c11'")
    assert newest == [{"coverage_percent": 80.0}]


def test_daily_figures_are_those_of_the_observations(lake: Lake) -> None:
    rows = lake.rows("SELECT * FROM marts.fct_observations ORDER BY observed_at")
    series: dict[tuple[Any, ...], list[float]] = defaultdict(list)
    for row in rows:
        day = row["observed_at"].astimezone(UTC).date()
        series[row["metric"], row["project"], row["subject"], row["labels"], day].append(row["value"])
    found = lake.rows("SELECT * FROM marts.fct_observations_daily")
    assert len(found) == len(series)
    for row in found:
        values = series[row["metric"], row["project"], row["subject"], row["labels"], row["day"]]
        assert (row["samples"], row["minimum"], row["maximum"]) == (len(values), min(values), max(values))
        assert row["last"] == values[-1]
        assert row["mean"] == pytest.approx(sum(values) / len(values))


def test_lineage_leads_from_every_series_to_batches_that_exist(lake: Lake) -> None:
    orphans = lake.rows(
        "SELECT DISTINCT metric, project, subject FROM marts.fct_observations WHERE value <> 0 "
        "EXCEPT SELECT metric, project, subject FROM marts.metric_lineage"
    )
    assert orphans == []
    batches = {row["batch_id"]: row for row in lake.rows("SELECT * FROM raw.batches")}
    rows = lake.rows("SELECT * FROM marts.metric_lineage")
    assert all(row["source_id"] == batches[row["batch_id"]]["source_id"] for row in rows)
    assert sum(row["metric"] == "code.coverage_percent" for row in rows) == 2
