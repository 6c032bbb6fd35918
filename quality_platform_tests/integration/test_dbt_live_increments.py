"""Hours of calls and rates of counters come out the same however the rows came: at once, late, in pieces."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest

from quality_platform.settings import Settings
from quality_platform.warehouse.lake import Lake
from quality_platform_tests.data import synthetic
from quality_platform_tests.data.dbt_runs import dbt, new_lake

pytestmark = pytest.mark.usefixtures("dbt_prepared")

MODELS = ("run", "--select", "+int_calls_hourly", "+int_services_hourly", "+fct_observations_samples")

HOURS = "SELECT {columns}, hour, calls, errors, p50_ms, p99_ms, total_ms FROM marts.intermediate.{model} ORDER BY ALL"
RAW_HOURS = """
    SELECT {columns}, to_timestamp(epoch_us(event_time) // 3600000000 * 3600) AS hour, count(*) AS calls,
        count(*) FILTER (is_error) AS errors, quantile_cont(duration_ms, 0.5) AS p50_ms,
        quantile_cont(duration_ms, 0.99) AS p99_ms, sum(duration_ms) AS total_ms
    FROM raw.request_samples GROUP BY ALL ORDER BY ALL
"""


def call(event_id: str, at: str, ms: float, route: str = "/a") -> dict[str, Any]:
    return {
        "event_id": event_id, "event_time": synthetic.instant(f"2026-01-02 {at}"), "operation": "http.server",
        "service": "web", "route": route, "method": "GET", "is_error": ms > 900, "duration_ms": ms,
    }  # fmt: skip


def total(at: str, value: float, subject: str = "web", kind: str = "counter") -> dict[str, Any]:
    return {
        "metric": "requests_total", "subject": subject, "labels": "{}", "kind": kind,
        "observed_at": synthetic.instant(f"2026-01-02 {at}"), "value": value,
    }  # fmt: skip


def check(lake: Lake, rates: list[tuple[str, str, float]]) -> None:
    for model, columns in (
        ("int_calls_hourly", "project, service, route"),
        ("int_services_hourly", "project, service"),
    ):
        ours, raw = HOURS.format(model=model, columns=columns), RAW_HOURS.format(columns=columns)
        assert lake.rows(ours) == lake.rows(raw)
    found = lake.rows(
        "SELECT subject, strftime(observed_at, '%H:%M') AS at, value FROM marts.fct_observations_samples ORDER BY ALL"
    )
    assert [tuple(row.values()) for row in found] == rates


LONGEST = "SELECT max_ms FROM marts.intermediate.int_calls_hourly WHERE project = 'till'"


# how models grow on PostgreSQL, test_dbt_increments sees every time
@pytest.mark.parametrize("both_settings", ["sqlite", pytest.param("postgresql", marks=pytest.mark.soak)], indirect=True)
def test_late_rows_and_pieces(both_settings: Settings) -> None:
    with closing(new_lake(both_settings)) as lake:
        dbt(lake, *MODELS)
        check(lake, [])

        first = [call("c1", "10:00", 5), call("c2", "10:59", 950), call("c3", "11:00", 7)]
        synthetic.store(lake, {"request_samples": first, "metric_samples": [total("10:00", 100)]})
        synthetic.store(lake, {"request_samples": [call("c1", "10:00", 5)]}, project="till")
        dbt(lake, *MODELS)
        check(lake, [])
        with lake.writing("marts", "test") as connection:
            connection.execute("UPDATE marts.intermediate.int_calls_hourly SET max_ms = -1")

        # late for an hour that is computed, another route, the open hour, a new one; a second series
        more = [call("c4", "10:30", 20), call("c5", "11:30", 3, "/b"), call("c6", "13:00", 1)]
        totals = [total("10:01", 160), total("10:01", 4, "x")]
        synthetic.store(lake, {"request_samples": more, "metric_samples": totals})
        # a restart, the second series goes on, a gauge falls
        again = [total("10:02", 30), total("10:03", 90), total("10:03", 10, "x"), total("10:00", 7, "g", "gauge")]
        synthetic.store(lake, {"metric_samples": [*again, total("10:04", 3, "g", "gauge")]})
        rates = [("g", "10:00", 7.0), ("g", "10:04", 3.0), ("web", "10:01", 1.0)]
        rates += [("web", "10:03", 1.0), ("x", "10:03", 0.05)]
        for _ in range(2):
            dbt(lake, *MODELS)
            check(lake, rates)
        assert lake.rows(LONGEST) == [{"max_ms": -1.0}], "an hour without news was computed again"

        dbt(lake, *MODELS, "--full-refresh")
        check(lake, rates)
        assert lake.rows(LONGEST) == [{"max_ms": 5.0}]
