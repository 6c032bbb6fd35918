"""How long it takes to judge every series: all of them anew, and those alone that have something new.

    python benchmarks/judging.py [SERIES POINTS] [MANY]

By default 1,000 series of 500 points: judged for the first time, and again when each has one point more. Then MANY
series (100,000) of 50 points of which one in a hundred has a point more, beside judging all of them.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from quality_platform.assessment.judging import judge_series
from quality_platform.settings import Settings
from quality_platform.warehouse.lake import Lake

NOW = datetime(2026, 6, 1, tzinfo=UTC)
TABLES = """
CREATE TABLE marts.fct_observations (metric VARCHAR, project VARCHAR, subject VARCHAR, labels VARCHAR,
    observed_at TIMESTAMPTZ, value DOUBLE, batch_id VARCHAR);
CREATE TABLE marts.code_quality_by_commit (project VARCHAR, committed_at TIMESTAMPTZ, commit_sha VARCHAR,
    on_main BOOLEAN, position BIGINT);
CREATE TABLE marts.intermediate.int_coverage (project VARCHAR, commit_sha VARCHAR, known_at TIMESTAMPTZ);
"""
# a walk of small steps under noise, by the hour
POINTS = """
INSERT INTO marts.fct_observations
SELECT 'latency_p90', 'shop', 'route-' || s, '{{}}', TIMESTAMPTZ '2026-03-01' + to_hours(p::INT),
       100 + 5 * sin(s) + sum(random() - 0.5) OVER (PARTITION BY s ORDER BY p) * 0.2 + 3 * random(), 'b'
FROM range({series}) a(s), range({first}, {end}) b(p) WHERE s % {every} = 0
"""


def timed(title: str, work: Callable[[], object], series: int) -> float:
    started = time.perf_counter()
    work()
    taken = time.perf_counter() - started
    print(f"{title:60} {taken:7.1f} s  {1000 * taken / series:7.2f} ms a series")
    return taken


def measure(series: int, points: int, every: int) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder, closing(Lake(Settings(home=Path(folder)))) as lake:
        lake.set_up()
        with lake.writing("marts", "bench") as connection:
            connection.execute(TABLES)
            connection.execute(POINTS.format(series=series, first=0, end=points, every=1))
        first = timed(f"{series:,} series of {points:,} points, first", lambda: judge_series(lake, NOW), series)
        with lake.writing("marts", "bench") as connection:
            connection.execute(POINTS.format(series=series, first=points, end=points + 1, every=every))
        later = NOW + timedelta(hours=1)
        again = timed(f"  one more point in each {every}th", lambda: judge_series(lake, later), series // every)
    return first, again


def main() -> None:
    series, points = (int(each) for each in sys.argv[1:3]) if len(sys.argv) > 2 else (1_000, 500)
    many = int(sys.argv[3]) if len(sys.argv) > 3 else 100_000
    measure(series, points, 1)
    first, again = measure(many, 50, 100)
    print(f"what is new alone against everything: {first / again:.0f} times as fast")


if __name__ == "__main__":
    main()
