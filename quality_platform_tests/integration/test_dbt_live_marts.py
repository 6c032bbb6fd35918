"""What the marts of the live service say, held against plain Python and NumPy on the same raw rows."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from quality_platform.lineage.walk import walk
from quality_platform.settings import Settings
from quality_platform.warehouse.lake import Lake
from quality_platform_tests.data import synthetic, traffic
from quality_platform_tests.data.dbt_runs import dbt, new_lake

pytestmark = pytest.mark.usefixtures("dbt_prepared")

Row = dict[str, Any]
HOURS = 60
NOW = datetime.now(UTC)
BEGIN = NOW.replace(minute=0, second=0, microsecond=0) - timedelta(hours=HOURS)
MODELS = (
    "run", "--select", "+performance_by_route", "+performance_by_service", "+database_performance",
    "+cache_performance", "+service_health", "+ingest_ledger", "+session_health", "+metric_lineage",
    "+fct_observations",
)  # fmt: skip
TESTS = (
    "performance_by_route performance_by_service database_performance cache_performance service_health ingest_ledger"
)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    with closing(new_lake(Settings(home=tmp_path_factory.mktemp("lake")))) as lake:
        rows = traffic.calls(BEGIN, HOURS, 4000)
        synthetic.store(lake, {"request_samples": rows[:2000]}, n=1)
        synthetic.store(lake, {"request_samples": rows[2000:]}, n=2)
        synthetic.store(lake, {"metric_samples": traffic.probes(BEGIN, HOURS, "web")})
        synthetic.store(lake, {"sessions": traffic.sessions(BEGIN - timedelta(days=2), 3, 400)})
        synthetic.store(lake, {"ingest_counts": _counts(BEGIN)})
        dbt(lake, *MODELS)
        yield lake


@pytest.fixture(scope="module")
def calls(lake: Lake) -> list[Row]:
    rows = lake.rows("SELECT * FROM raw.request_samples")
    for row in rows:
        row["hour"] = row["event_time"].astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        row["reported_by"] = "access_log" if row["source_file"] else "live"
        row["method"] = row["method"] or "unknown"
    return rows


def _counts(hour: datetime) -> list[Row]:
    """Two batches' worth of the ledger of three hours."""
    random = np.random.default_rng(4)
    found = []
    for n, (door, category) in enumerate((("sentry", "error"), ("sentry", "session"), ("otlp", "span"))):
        for h in range(3):
            parts = {
                ("stored", ""): int(random.integers(100)), ("duplicate", ""): int(random.integers(9)),
                ("rejected", "over_quota"): int(random.integers(9)), ("rejected", "invalid_level"): n,
            }  # fmt: skip
            parts |= {("received", ""): sum(parts.values()), ("lost", "queue_overflow"): int(random.integers(50))}
            found += [
                {"hour": hour + timedelta(hours=h), "door": door, "category": category, "outcome": outcome,
                 "reason": reason, "quantity": quantity}
                for (outcome, reason), quantity in parts.items()
            ]  # fmt: skip
    return found


def grouped(rows: list[Row], *keys: str) -> dict[tuple[Any, ...], list[Row]]:
    found: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        found[tuple(row[key] for key in keys)].append(row)
    return found


def figures(rows: list[Row]) -> Row:
    """What an hour comes down to, one call after the other."""
    times = [row["duration_ms"] for row in rows if row["duration_ms"] is not None]
    fine = [row["duration_ms"] for row in rows if row["duration_ms"] is not None and not row["is_error"]]
    points = sum(1.0 if ms <= 500 else 0.5 if ms <= 2000 else 0.0 for ms in fine)
    return {
        "p50_ms": np.percentile(times, 50) if times else None,
        "p90_ms": np.percentile(times, 90) if times else None,
        "p99_ms": np.percentile(times, 99) if times else None,
        "mean_ms": np.mean(times) if times else None,
        "max_ms": max(times, default=None),
        "apdex": points / len(times) if times else None,
        "error_rate": sum(row["is_error"] for row in rows) / len(rows),
    }


@pytest.mark.parametrize(
    ("mart", "keys"),
    [
        ("performance_by_route", ("service", "route", "method", "reported_by", "hour")),
        ("performance_by_service", ("service", "reported_by", "hour")),
    ],
)
def test_performance(lake: Lake, calls: list[Row], mart: str, keys: tuple[str, ...]) -> None:
    expected = grouped([row for row in calls if row["operation"] == "http.server"], *keys)
    found = lake.rows(f"SELECT * FROM marts.{mart}")

    assert len(found) == len(expected)
    for row in found:
        requests = expected[tuple(row[key] for key in keys)]
        assert row["requests"] == len(requests)
        assert row["throughput"] == pytest.approx(len(requests) / 60)
        assert {name: row[name] for name in figures(requests)} == pytest.approx(figures(requests))
        for hundred in (2, 3, 4, 5):
            assert row[f"statuses_{hundred}xx"] == sum(each["status"] // 100 == hundred for each in requests)
        assert row["last_at"] == max(each["event_time"] for each in requests)
    # what is difficult is there: hours that nobody timed, told by the access log
    assert any(row["p99_ms"] is None for row in found if row["reported_by"] == "access_log")


def test_database(lake: Lake, calls: list[Row]) -> None:
    ours = [row for row in calls if row["operation"] == "database"]
    of_hour = {key: sum(row["duration_ms"] for row in rows) for key, rows in grouped(ours, "service", "hour").items()}
    expected = grouped(ours, "service", "system", "route", "hour")
    found = lake.rows("SELECT * FROM marts.database_performance")

    assert len(found) == len(expected)
    for row in found:
        times = [r["duration_ms"] for r in expected[row["service"], row["system"], row["statement"], row["hour"]]]
        assert (row["calls"], row["slow_calls"]) == (len(times), sum(ms > 1000 for ms in times))
        assert row["total_ms"] == pytest.approx(sum(times))
        assert row["share_of_time"] == pytest.approx(sum(times) / of_hour[row["service"], row["hour"]])
        assert row["p99_ms"] == pytest.approx(np.percentile(times, 99))


def test_cache(lake: Lake, calls: list[Row]) -> None:
    expected = grouped([row for row in calls if row["operation"] == "cache"], "service", "route", "hour")
    found = lake.rows("SELECT * FROM marts.cache_performance")

    assert len(found) == len(expected)
    for row in found:
        reads = Counter(each["cache_hit"] for each in expected[row["service"], row["key_pattern"], row["hour"]])
        assert (row["hits"], row["misses"]) == (reads[True], reads[False])
        known = reads[True] + reads[False]
        assert row["hit_rate"] == (pytest.approx(reads[True] / known) if known else None)


def test_service_health(lake: Lake, calls: list[Row]) -> None:
    (as_of,) = lake.rows("SELECT max(ingested_at) AS at FROM raw.batches")
    probes = lake.rows("SELECT observed_at, value FROM raw.metric_samples")
    found = {row["service"]: row for row in lake.rows("SELECT * FROM marts.service_health")}

    assert set(found) == {"web", "jobs"}
    for name, hours in (("1h", 1), ("24h", 24), ("7d", 168), ("30d", 720)):
        recent = [row["value"] for row in probes if row["observed_at"] > as_of["at"] - timedelta(hours=hours)]
        expected = pytest.approx(100 * np.mean(recent)) if recent else None
        assert found["web"][f"uptime_percent_{name}"] == expected
    of_jobs = [row for row in calls if row["service"] == "jobs" and row["operation"] == "http.server"]
    day = [row["is_error"] for row in of_jobs if row["hour"] > as_of["at"] - timedelta(hours=24)]
    assert found["jobs"]["uptime_percent_24h"] == pytest.approx(100 - 100 * np.mean(day))
    assert (found["web"]["uptime_basis"], found["jobs"]["uptime_basis"]) == ("probe", "requests")
    # the newest probe is from the hour before this one: heard of within an hour, or not any more
    assert found["web"]["status"] in ("ok", "degraded", "unknown")


def test_sessions_that_clients_report(lake: Lake) -> None:
    rows = lake.rows("SELECT * FROM raw.sessions WHERE status <> 'ok'")
    expected: dict[Any, Counter[str]] = defaultdict(Counter)
    for row in rows:
        day = row["event_time"].astimezone(UTC).date()
        expected[row["release"], day][row["status"]] += row["quantity"]
    found = lake.rows("SELECT * FROM marts.session_health")

    assert len(found) == len(expected)
    for row in found:
        endings = expected[row["release"], row["day"]]
        assert row["sessions"] == endings.total()
        assert row["errored"] == endings["errored"]
        assert row["crash_free_rate"] == pytest.approx(1 - endings["crashed"] / endings.total())
        assert row["error_free_rate"] == pytest.approx(endings["exited"] / endings.total())


def test_the_ledger_adds_up(lake: Lake) -> None:
    expected: dict[Any, Counter[str]] = defaultdict(Counter)
    reasons: dict[Any, Counter[str]] = defaultdict(Counter)
    for row in lake.rows("SELECT * FROM raw.ingest_counts"):
        key = (row["hour"], row["door"], row["category"])
        expected[key][row["outcome"]] += row["quantity"]
        if row["outcome"] == "rejected":
            reasons[key][row["reason"]] += row["quantity"]
    found = lake.rows("SELECT * FROM marts.ingest_ledger")

    assert len(found) == len(expected) == 9
    for row in found:
        key = (row["hour"], row["door"], row["category"])
        counts = expected[key]
        assert row["sent"] == counts["received"] + counts["lost"]
        ends = ("stored", "duplicate", "rejected", "lost_in_client")
        assert row["sent"] == sum(row[end] for end in ends)
        assert row["balance"] == 0
        assert json.loads(row["rejected_by_reason"]) == reasons[key]


def test_hours_of_services_are_observations(lake: Lake, calls: list[Row]) -> None:
    web = [row for row in calls if (row["service"], row["operation"]) == ("web", "http.server")]
    expected = grouped([row for row in web if row["reported_by"] == "live"], "hour")
    for metric, value in (
        ("performance.requests", len),
        ("performance.p99_ms", lambda rows: figures(rows)["p99_ms"]),
        ("performance.apdex", lambda rows: figures(rows)["apdex"]),
    ):
        found = _series(lake, metric, "web")
        assert {hour for (hour,) in expected} <= set(found)
        assert all(found[hour] == pytest.approx(value(rows)) for (hour,), rows in expected.items())
    assert set(_series(lake, "health.uptime_percent", "web")) == {BEGIN + timedelta(hours=n) for n in range(HOURS)}
    assert len(_series(lake, "ingest.rejected_share", "shop")) == 3
    assert len(_series(lake, "errors.crash_free_sessions", "shop")) in (3, 4)


def _series(lake: Lake, metric: str, subject: str) -> dict[datetime, float]:
    rows = lake.rows(
        "SELECT observed_at, value FROM marts.fct_observations WHERE metric = ? AND subject = ? AND labels = '{}'",
        [metric, subject],
    )
    assert len({row["observed_at"] for row in rows}) == len(rows)
    return {row["observed_at"]: row["value"] for row in rows}


@pytest.mark.parametrize(
    ("metric", "subject", "belongs"),
    [
        ("performance.p99_ms", "web", lambda row: row["service"] == "web" and row["operation"] == "http.server"),
        ("database.p99_ms", "jobs", lambda row: row["service"] == "jobs" and row["operation"] == "database"),
    ],
)
def test_a_value_leads_to_its_calls(
    lake: Lake, calls: list[Row], metric: str, subject: str, belongs: Callable[[Row], bool]
) -> None:
    value = walk(lake, metric, subject=subject)
    ours = [row for row in calls if belongs(row) and row["hour"] == value.facts["observed_at"]]
    ours = [row for row in ours if (row["reported_by"] == "access_log") == ("access_log" in value.facts["labels"])]
    raw = value.children[0].children[0]

    assert raw.facts["rows"] == len(ours) > 0
    batches = lake.rows(
        "SELECT DISTINCT batch_id FROM marts.metric_lineage WHERE metric = ? AND subject = ?", [metric, subject]
    )
    assert {row["batch_id"] for row in batches} == {row["batch_id"] for row in calls if belongs(row)}


def test_every_metric_can_be_walked_to_raw_rows(lake: Lake) -> None:
    metrics = [row["metric"] for row in lake.rows("SELECT DISTINCT metric FROM marts.fct_observations")]

    assert {"health.uptime_percent", "cache.hit_rate", "errors.crash_free_sessions", "ingest.rejected_share"} < {
        *metrics
    }
    for metric in metrics:
        value = walk(lake, metric)
        raw = value.children[0].children[0]
        if " = 0 " in f"{value.name} " and not raw.facts["rows"]:
            continue  # an hour that ended while the tests ran, and in which nothing happened
        assert raw.facts["rows"] > 0, metric
        assert [node.kind for node in raw.children][:1] == ["row"]


def test_every_series_of_services_leads_to_batches(lake: Lake) -> None:
    orphans = lake.rows(
        "SELECT DISTINCT metric, project, subject FROM marts.fct_observations "
        "EXCEPT SELECT metric, project, subject FROM marts.metric_lineage"
    )
    assert orphans == []


def test_the_data_keeps_the_promises_of_the_marts(lake: Lake) -> None:
    dbt(lake, "test", "--select", *TESTS.split(), "--exclude", "test_type:unit")


def test_an_imbalance_is_found(tmp_path: Path) -> None:
    """The test of the ledger fails where an item vanished."""
    with closing(new_lake(Settings(home=tmp_path))) as lake:
        row = _counts(BEGIN)[0] | {"outcome": "received", "quantity": 3}
        synthetic.store(lake, {"ingest_counts": [row]})
        dbt(lake, "run", "--select", "+ingest_ledger")
        with pytest.raises(AssertionError):
            dbt(lake, "test", "--select", "holds_ingest_ledger_balance_0")
        dbt(lake, "test", "--select", "unique_key_ingest_ledger_project__hour__door__category")
