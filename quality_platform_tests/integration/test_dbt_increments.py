"""Models that only grow take every batch in once, whatever came late, twice or between; on both set-ups."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from quality_platform.settings import Settings
from quality_platform.warehouse.lake import Lake
from quality_platform_tests.data import synthetic
from quality_platform_tests.data.dbt_runs import dbt, new_lake

pytestmark = pytest.mark.usefixtures("dbt_prepared")

MODELS = ("run", "--select", "+int_samples_daily", "+error_events")

RAW_DAYS = """
    SELECT metric, subject, CAST(observed_at AS DATE) AS day, count(*) AS samples, min(value) AS minimum,
        max(value) AS maximum, avg(value) AS mean, arg_max(value, observed_at) AS last
    FROM raw.metric_samples GROUP BY ALL ORDER BY ALL
"""
DAYS = """
    SELECT metric, subject, day, samples, minimum, maximum, mean, last
    FROM marts.intermediate.int_samples_daily ORDER BY ALL
"""
COLUMNS = "metric, project, subject, labels, observed_at, value, batch_id, ingested_at"


def sample(at: str, value: float, subject: str = "host") -> dict[str, Any]:
    return {
        "metric": "system.cpu_percent", "subject": subject, "labels": "{}", "kind": "gauge",
        "observed_at": synthetic.instant(at), "value": value,
    }  # fmt: skip


def error(event_id: str, message: str = "no such item") -> dict[str, Any]:
    return {
        "event_id": event_id, "event_time": synthetic.instant("2026-01-02 10:00"), "level": "error",
        "message": message, "frames": "[]", "exceptions": "[]",
    }  # fmt: skip


def check(lake: Lake, errors: Sequence[str]) -> None:
    assert lake.rows(f"SELECT {COLUMNS} FROM marts.fct_observations_samples ORDER BY ALL") == lake.rows(
        f"SELECT {COLUMNS} FROM raw.metric_samples ORDER BY ALL"
    )
    assert lake.rows(DAYS) == lake.rows(RAW_DAYS)
    found = lake.rows("SELECT event_id, message FROM marts.error_events ORDER BY event_id")
    assert [tuple(row.values()) for row in found] == [(name, "no such item") for name in errors]


def test_every_batch_is_taken_once(both_settings: Settings) -> None:
    lake = new_lake(both_settings)
    dbt(lake, *MODELS)
    check(lake, [])

    synthetic.store(lake, {"metric_samples": [sample("2026-01-01 10:00", 5), sample("2026-01-02 10:00", 7)]})
    synthetic.store(lake, {"error_events": [error("e1"), error("e2")]})
    dbt(lake, *MODELS)
    check(lake, ["e1", "e2"])

    # late for a day that is rolled up, on an open day, on a new one; an event that a client sent twice
    late = [sample("2026-01-01 23:59", 1), sample("2026-01-02 11:00", 3), sample("2026-01-04 00:00", 9, "other")]
    synthetic.store(lake, {"metric_samples": late})
    synthetic.store(lake, {"error_events": [error("e2", "sent again"), error("e3")]})
    for _ in range(2):
        dbt(lake, *MODELS)
        check(lake, ["e1", "e2", "e3"])

    dbt(lake, *MODELS, "--full-refresh")
    check(lake, ["e1", "e2", "e3"])
    lake.close()


def test_broken_frames_do_not_stop_the_others(tmp_path: Path) -> None:
    """What is not the JSON of the contract has no frames; the event is kept and grouped by its message."""
    lake = new_lake(Settings(home=tmp_path))
    broken = ("", "not json", "null", "{}", "[1, 2]", '[{"line": "y"}]', "[" * 2000)
    rows = [error(f"e{n}") | {"frames": text, "type": "KeyError"} for n, text in enumerate(broken)]
    good = error("good") | {"frames": '[{"function": "f", "in_app": true}]', "type": "KeyError"}
    synthetic.store(lake, {"error_events": [*rows, good]})
    dbt(lake, "run", "--select", "+error_events")
    found = lake.rows("SELECT event_id, group_key FROM marts.error_events ORDER BY event_id")
    assert {row["group_key"] for row in found[:-1]} == {"KeyError: no such item"}
    assert found[-1] == {"event_id": "good", "group_key": "KeyError in f"}
    lake.close()
