"""What rules cost: 1,000 metrics with three rules each, a sample of each every second, judged as the live service does.

    python benchmarks/rules.py [SECONDS]

The rules are a threshold with hysteresis, waits and a silence policy; a threshold on the mean of five minutes; an
absence rule. One series in a hundred breaches for eight seconds of each minute. Counted is CPU time of judging, of the
clock and of writing states and alerts, per second of data. To reach: less than half a core.
"""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from quality_platform.alerting.conditions.live import LiveThresholds
from quality_platform.alerting.plan import Plan
from quality_platform.model.configuration import QualityConfig
from quality_platform.model.rules import AbsenceRule, RuleConfig, ThresholdRule
from quality_platform.settings import Settings
from quality_platform.state.database import State
from quality_platform.state.migrate import upgrade
from quality_platform.warehouse.lake import Lake

METRICS, WARM_UP = 1_000, 330
START = datetime(2026, 1, 1, tzinfo=UTC)
NAMES = [f"bench.metric_{number:04d}" for number in range(METRICS)]
SAVE_SECONDS = 10


def rules() -> list[RuleConfig]:
    made: list[RuleConfig] = []
    for name in NAMES:
        made += [
            ThresholdRule.model_validate(
                {
                    "name": f"{name} high", "metric_name": name, "warning_threshold": 80, "critical_threshold": 90,
                    "warning_clear": 75, "for": "5s", "keep_firing_for": "10s", "no_data": "alert",
                }
            ),
            ThresholdRule.model_validate(
                {
                    "name": f"{name} mean", "metric_name": name, "warning_threshold": 70, "operator": "above",
                    "agg": "avg", "trend_window_minutes": 5, "min_samples": 30,
                }
            ),
            AbsenceRule(name=f"{name} absent", metric_name=name, stale_after=timedelta(minutes=2)),
        ]  # fmt: skip
    return made


def arrived(second: int) -> pa.Table:
    """One sample of every metric, as the drain hands them over."""
    high = second % 60 < 8
    values = [
        95.0 if high and number % 100 == second // 60 % 100 else 40.0 + (number + second) % 20
        for number in range(METRICS)
    ]
    at = pa.array([START + timedelta(seconds=second)] * METRICS, pa.timestamp("us", "UTC"))
    return pa.table(
        {
            "metric": NAMES, "project": ["bench"] * METRICS, "subject": ["host"] * METRICS, "labels": ["{}"] * METRICS,
            "observed_at": at, "value": values, "batch_id": ["batch"] * METRICS,
        }
    )  # fmt: skip


def second_of(live: LiveThresholds, second: int, table: pa.Table) -> tuple[float, int]:
    """CPU seconds of one second's work, and what happened to alerts in it."""
    now = START + timedelta(seconds=second)
    started = time.process_time()
    done = live.take(table, now)
    done += live.tick(now)
    if second % SAVE_SECONDS == 0:
        done += live.save(now)
    return time.process_time() - started, done.told


def main(seconds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder))
        upgrade(settings)
        state, lake = State(settings), Lake(settings)
        lake.set_up()
        live = LiveThresholds(state, lake, Plan.of(QualityConfig(rules=tuple(rules()))))
        live.catch_up(START)
        # what is not known is read from the lake, so the first samples must be there
        first = arrived(0).append_column("kind", pa.array(["gauge"] * METRICS))
        with lake.writing("raw", "bench") as connection:
            connection.register("first", first)
            connection.execute(
                "INSERT INTO raw.metric_samples BY NAME SELECT *, 's' AS source_id, now() AS ingested_at FROM first"
            )
        for second in range(WARM_UP):
            second_of(live, second, arrived(second))
        tables = [arrived(second) for second in range(WARM_UP, WARM_UP + seconds)]
        costs, told = zip(*(second_of(live, WARM_UP + place, table) for place, table in enumerate(tables)), strict=True)
        quiet = time.process_time()
        for place in range(seconds):
            live.tick(START + timedelta(seconds=WARM_UP + seconds - 1, milliseconds=place))
        quiet = (time.process_time() - quiet) / seconds
        lake.close()
        state.close()
    ordered = sorted(costs)
    print(f"{METRICS} metrics, {3 * METRICS} rules, {seconds} s at 1 Hz: {sum(told)} changes of alerts")
    print(f"{sum(costs) / seconds:.3f} CPU s per second (p50 {ordered[seconds // 2]:.3f}, most {ordered[-1]:.3f})")
    print(f"{quiet * 1e6:.0f} us per tick while nothing is due")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 120)
