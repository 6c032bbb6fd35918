"""The lake at 10 million observations: appending, and rolling up by day, against the same from the raw rows.

    python benchmarks/lake.py [MILLIONS]

1,000 series of 10,000 samples each, appended in batches of 100,000, then the models that follow from samples.
To reach: a daily roll-up of one metric under 50 ms, of all metrics under 1 s.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from quality_platform.assessment.catalogue import write_catalogue
from quality_platform.defs.dbt import project
from quality_platform.defs.dbt.runner import invoke
from quality_platform.model.batch import Batch, Source
from quality_platform.model.configuration import QualityConfig
from quality_platform.model.tables import RAW_TABLES
from quality_platform.settings import Settings
from quality_platform.warehouse.lake import Lake

METRICS, SUBJECTS, BATCH = 100, 10, 100_000
START = datetime(2026, 1, 1, tzinfo=UTC)

ONE = """SELECT date_trunc('day', observed_at) AS day, avg("value"), min("value"), max("value"), count(*)
         FROM {table} WHERE metric = 'bench.metric_042' GROUP BY ALL ORDER BY 1"""
ALL_RAW = """SELECT metric, date_trunc('day', observed_at) AS day, avg("value"), min("value"), max("value"), count(*)
             FROM {table} GROUP BY ALL"""
ALL_DAILY = """SELECT metric, day, sum(mean * samples) / sum(samples), min(minimum), max(maximum), sum(samples)
               FROM marts.fct_observations_daily GROUP BY ALL"""


def rows(number: int, size: int) -> pa.Table:
    """Samples every five minutes: all series at the same instants, as collectors bring them."""
    series = METRICS * SUBJECTS
    index = np.arange(number * size, (number + 1) * size)
    step, which = index // series, index % series
    schema = RAW_TABLES["metric_samples"].schema
    names = pa.array([f"bench.metric_{n:03d}" for n in range(METRICS)])
    hosts = pa.array([f"host-{n}" for n in range(SUBJECTS)])
    micros = int(START.timestamp() * 1e6) + step * 300_000_000
    columns = {
        "metric": names.take(pa.array(which % METRICS)),
        "subject": hosts.take(pa.array(which // METRICS)),
        "labels": pa.repeat("{}", size),
        "observed_at": pa.array(micros).cast(schema.field("observed_at").type),
        "value": pa.array(np.sin(index / 977.0)),
        "kind": pa.repeat("gauge", size),
    }
    return pa.table([columns[name] for name in schema.names], schema=schema)


def timed(call: Callable[[], object], times: int = 5) -> float:
    """Median of some calls, in milliseconds."""
    found = []
    for _ in range(times):
        started = time.perf_counter()
        call()
        found.append((time.perf_counter() - started) * 1000)
    return sorted(found)[times // 2]


def main() -> None:
    batches = int(float(sys.argv[1] if len(sys.argv) > 1 else 10) * 1_000_000 / BATCH)
    source = Source("bench:1", "bench", "bench", "benchmark")
    with tempfile.TemporaryDirectory() as name:
        settings = Settings(home=Path(name) / "home")
        lake = Lake(settings)
        lake.set_up()
        write_catalogue(lake, QualityConfig())
        started = time.perf_counter()
        for number in range(batches):
            lake.append(Batch(f"b{number}", source, "bench", "1", {}, {"metric_samples": rows(number, BATCH)}))
        seconds = time.perf_counter() - started
        small = timed(lambda: lake.append(_small(source)), 9)
        tidied = timed(lambda: lake.tidy("raw", keep=timedelta(hours=1)), 1)
        project.manifest(settings)
        started = time.perf_counter()
        results = invoke(settings, project.folder(), project.target(settings), ["run"])
        models = time.perf_counter() - started
        assert all(result.ok for result in results), [result for result in results if not result.ok]
        one_raw = timed(lambda: lake.read(ONE.format(table="raw.metric_samples")))
        one = timed(lambda: lake.read(ONE.format(table="marts.fct_observations")))
        all_raw = timed(lambda: lake.read(ALL_RAW.format(table="raw.metric_samples")), 3)
        everything = timed(lambda: lake.read(ALL_DAILY))
        lake.close()
    million = batches * BATCH / 1e6
    print(f"{million:.1f} million observations in {METRICS * SUBJECTS:,} series")
    print(f"append, {BATCH:,} a batch     {million * 1e6 / seconds:12,.0f} rows/s")
    print(f"append, 1,000 rows          {small:10.1f} ms")
    print(f"compaction of {batches} files   {tidied:10.1f} ms")
    print(f"all models, first time      {models * 1000:10.1f} ms")
    print(f"one metric by day           {_against(one, one_raw, goal=50)}")
    print(f"all metrics by day          {_against(everything, all_raw, goal=1000)}")


def _against(mart: float, raw: float, *, goal: float) -> str:
    return f"{mart:10.1f} ms  {mart / goal:.2f} of the goal; from raw {raw:.1f} ms, {raw / mart:.1f} times as long"


def _small(source: Source) -> Batch:
    return Batch(f"s{time.time_ns()}", source, "bench", "1", {}, {"metric_samples": rows(0, 1000)})


if __name__ == "__main__":
    main()
