"""What is slow, and why, comes first; what is merely busy or merely full does not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from quality_platform.assessment.bottlenecks import write_bottlenecks
from quality_platform.assessment.slowness.resources import pairs, shares
from quality_platform.settings import Settings
from quality_platform.warehouse.lake import Lake
from quality_platform_tests.data import slowness, synthetic

Row = dict[str, Any]
NOW = slowness.START + timedelta(days=2)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Row]]:
    """The bottlenecks of the last day of the project, as they rank."""
    lake = Lake(Settings(home=tmp_path_factory.mktemp("slow")))
    lake.set_up()
    live = {"request_samples": slowness.calls(), "metric_samples": slowness.samples()}
    synthetic.store(lake, live, collector="live")
    assert write_bottlenecks(lake, NOW) > 0
    yield lake.rows("SELECT * FROM marts.bottlenecks WHERE period = '24h' ORDER BY rank")
    lake.close()


def test_the_slow_route_and_the_full_resource_come_first(told: list[Row]) -> None:
    names = [row["name"] for row in told]
    pool = "db.client.connection.count of db.client.connection.max"

    assert set(names[:4]) == {"GET /slow", "SELECT slow", "system.cpu_percent", pool}
    assert names.index("GET /fast") > 3
    assert names.index("system.memory_percent") > 3
    assert [row["rank"] for row in told] == list(range(1, len(told) + 1))
    assert {row["name"]: row["score"] for row in told}["system.disk_percent"] == 0
    assert "system.processes" not in names


def test_shares_are_those_of_the_calls(told: list[Row]) -> None:
    calls = [row for row in slowness.calls() if "source_file" not in row]
    durations = {
        name: np.array([row["duration_ms"] for row in calls if row["route"] == name])
        for name in ("/fast", "/slow", "SELECT slow")
    }
    requests = np.concatenate([durations["/fast"], durations["/slow"]])
    p95 = float(np.quantile(requests, 0.95))
    above = {name: np.clip(each - p95, 0, None).sum() for name, each in durations.items()}
    found = {row["name"].removeprefix("GET "): row for row in told}
    for name, each in durations.items():
        row = found[name]
        assert row["share_of_time"] == pytest.approx(each.sum() / requests.sum())
        assert row["share_of_tail"] == pytest.approx(above[name] / (above["/fast"] + above["/slow"]))
        assert (row["calls"], row["mean_ms"]) == (len(each), pytest.approx(each.mean()))
        assert row["p95_ms"] == pytest.approx(np.quantile(each, 0.95))
        assert row["requests_p95_ms"] == pytest.approx(p95)
    # the busy route takes more of the time than the slow one, and nothing of the tail
    assert found["/fast"]["share_of_time"] > found["/slow"]["share_of_time"]
    assert found["/fast"]["share_of_tail"] == 0


def test_use_of_resources(told: list[Row]) -> None:
    found = {row["name"]: row for row in told if row["kind"] == "resource"}
    cpu, memory = found["system.cpu_percent"], found["system.memory_percent"]
    busy = np.minimum(20 + 400 * slowness.crowded(), 100) / 100
    assert (cpu["use_max"], cpu["use_p95"]) == (pytest.approx(busy.max()), pytest.approx(np.quantile(busy, 0.95)))
    assert cpu["use_when_slow"] > 0.95
    assert cpu["correlation"] > 0.9
    assert cpu["p_value"] < 1e-6
    assert abs(memory["correlation"]) < 0.2
    assert cpu["bins"] == slowness.BINS


def test_evidence_is_a_sentence_with_the_figures(told: list[Row]) -> None:
    found = {row["name"]: row["evidence"] for row in told}
    slow = next(row for row in told if row["name"] == "GET /slow")
    assert found["GET /slow"].startswith(f"GET /slow (web) takes {slow['share_of_time']:.0%} of the time")
    assert "It goes with slow requests (Spearman +" in found["system.cpu_percent"]
    assert "It does not go with slow requests" in found["system.memory_percent"]


def test_projects_and_periods_are_each_by_themselves(lake: Lake) -> None:
    synthetic.store(lake, {"request_samples": slowness.calls()}, collector="live")
    old = [{**row, "event_time": row["event_time"] - timedelta(days=3), "event_id": f"old-{row['event_id']}",
            "duration_ms": 5.0} for row in slowness.calls()[:500]]  # fmt: skip
    synthetic.store(lake, {"request_samples": old}, collector="live", n=2)
    future = [{**slowness.calls()[0], "event_id": "f", "event_time": NOW + timedelta(days=9_000)}]
    synthetic.store(lake, {"request_samples": future}, collector="live", n=3)
    worker = [row for row in slowness.calls() if row["operation"] == "database"]
    synthetic.store(lake, {"request_samples": worker}, collector="live", project="worker")

    write_bottlenecks(lake, NOW)
    calls = {
        (row["project"], row["period"]): row["n"]
        for row in lake.rows("SELECT project, period, sum(calls)::BIGINT AS n FROM marts.bottlenecks GROUP BY ALL")
    }
    day = sum("source_file" not in row for row in slowness.calls())
    before = sum("source_file" not in row for row in old)
    assert calls == {
        ("shop", "24h"): day, ("shop", "7d"): day + before, ("worker", "24h"): len(worker), ("worker", "7d"): len(worker),
    }  # fmt: skip
    (one,) = lake.rows("SELECT * FROM marts.bottlenecks WHERE project = 'worker' AND period = '24h'")
    assert (one["share_of_time"], one["share_of_tail"]) == (pytest.approx(1), pytest.approx(1))


def test_a_day_is_looked_at_again_when_ten_minutes_have_come_and_a_week_when_an_hour_has(lake: Lake) -> None:
    def later(minutes: int) -> list[Row]:
        at = slowness.START + timedelta(days=1, minutes=minutes)
        return [{**slowness.calls()[0], "event_id": f"at {minutes}", "event_time": at}]

    synthetic.store(lake, {"request_samples": slowness.calls()[:2_000]}, collector="live")
    ends = []
    for minutes in (0, 5, 30, 70):
        synthetic.store(lake, {"request_samples": later(minutes)}, collector="live", n=minutes)
        write_bottlenecks(lake, NOW)
        found = lake.rows("SELECT DISTINCT period, window_end FROM marts.bottlenecks ORDER BY period")
        ends.append([(row["window_end"] - slowness.START).total_seconds() // 60 - 1440 for row in found])
    assert ends == [[0, 0], [0, 0], [30, 0], [70, 70]]
    assert write_bottlenecks(lake, NOW) == 0


def test_nothing_was_ever_asked(lake: Lake) -> None:
    assert write_bottlenecks(lake, NOW) == 0
    synthetic.store(lake, {"metric_samples": slowness.samples()}, collector="system")
    assert write_bottlenecks(lake, NOW) == 0


def test_what_is_a_resource_is_told_by_names() -> None:
    metrics = [
        "system.cpu_percent", "system.load_per_core", "process.cpu_percent", "process.memory_bytes", "cart.items",
        "db.client.connections.usage", "db.client.connections.max", "hikaricp_connections_active",
        "hikaricp_connections_max", "tomcat.threads.busy", "tomcat.threads.config.max", "pool.utilization",
        "system.memory.utilization", "discount.ratio", "worker.busy",
    ]  # fmt: skip
    assert dict(shares(metrics)) == {
        "system.cpu_percent": 0.01, "process.cpu_percent": 0.01, "system.load_per_core": 1.0, "pool.utilization": 1.0,
        "system.memory.utilization": 1.0,
    }  # fmt: skip
    assert set(pairs(metrics)) == {
        ("db.client.connections.usage", "db.client.connections.max"),
        ("hikaricp_connections_active", "hikaricp_connections_max"),
        ("tomcat.threads.busy", "tomcat.threads.config.max"),
    }
