"""Metrics into the live service: own JSON in batches of 1,000, OTLP in batches of 500 as protobuf and as JSON, 100,000
series; and at rest.

    python benchmarks/ingest_rates.py [SECONDS]

To reach: 50,000 own samples and 20,000 OTLP points stored a second, at rest under 150 MB and 1% of a core. The thing
named beside: the same rows written to the lake directly, by one process that does nothing else.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx
import load
import psutil
import pyarrow as pa
from google.protobuf.json_format import MessageToJson
from measure import memory_mb, tree
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from quality_platform.model.batch import Batch, Source
from quality_platform.model.tables import RAW_TABLES
from quality_platform.warehouse.lake import Lake
from quality_platform_tests.data.live import Live, serving

SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 15.0
SERIES, BATCH, POINTS, CONNECTIONS = 100_000, 1_000, 500, 4
MOST_POINTS = 150_000
"""A second, of OTLP; more is not to be expected."""

REST_SECONDS = 60


def own(key: str) -> list[bytes]:
    """Each request 1,000 samples; together 100,000 series."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    requests = []
    for start in range(0, SERIES, BATCH):
        samples = [
            {"metric": f"bench.m{n % 100}", "subject": f"host-{n // 100}", "value": n * 0.5, "labels": {"region": "eu"}}
            for n in range(start, start + BATCH)
        ]
        requests.append(load.request("/api/v1/ingest/metrics", json.dumps(samples).encode(), headers))
    return requests


def otlp(key: str) -> list[bytes]:
    """Each request 500 points of 10 metrics; the instants differ, so that none is the repeat of another."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/x-protobuf"}
    return [load.request("/v1/metrics", _export(at).SerializeToString(), headers) for at in _instants()]


def otlp_json(key: str) -> list[bytes]:
    """The same in the other encoding."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    instants = _instants()
    body = MessageToJson(_export(instants[0]), indent=None).encode()
    first = str(instants[0]).encode()
    return [load.request("/v1/metrics", body.replace(first, str(at).encode()), headers) for at in instants]


def _instants() -> list[int]:
    """As many nanoseconds since 1970, each once, as can be sent in the time: repeats are not stored."""
    now = time.time_ns()
    return [now - n * 1_000_000 for n in range(int(SECONDS * MOST_POINTS / POINTS))]


def _export(nanoseconds: int) -> ExportMetricsServiceRequest:
    message = ExportMetricsServiceRequest()
    resource = message.resource_metrics.add()
    attribute = resource.resource.attributes.add(key="service.name")
    attribute.value.string_value = "bench"
    scope = resource.scope_metrics.add()
    for m in range(10):
        metric = scope.metrics.add(name=f"otlp.m{m}", unit="1")
        for p in range(POINTS // 10):
            point = metric.gauge.data_points.add(time_unix_nano=nanoseconds, as_double=p * 1.5)
            point.attributes.add(key="pod").value.string_value = f"pod-{p}"
    return message


def stored_per_second(live: Live, requests: list[bytes], folder: Path) -> tuple[float, float]:
    """Rows of raw.metric_samples a second from the first request until the last row, and requests accepted."""
    path = folder / "requests"
    load.write_requests(path, requests)
    lake = Lake(live.settings)

    def count() -> int:
        return int(lake.rows("SELECT count(*) AS n FROM raw.metric_samples")[0]["n"])

    before, started = count(), time.perf_counter()
    command = [sys.executable, load.__file__, str(live.settings.api_port), str(CONNECTIONS), str(SECONDS), str(path)]
    done = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    waiting = sum(done["statuses"].get(status, 0) for status in ("200", "202"))
    since = time.perf_counter()
    while waiting_in_spool(live):  # what came twice takes its time too, and would be waited for by the next load
        time.sleep(0.1)
        since = time.perf_counter()
    rows = count()
    lake.close()
    return (rows - before) / (since - started), waiting / done["seconds"]


def waiting_in_spool(live: Live) -> int:
    """Requests that were accepted and are not in the lake yet."""
    status = httpx.get(
        f"{live.base}/api/v1/quality-monitoring/status", headers={"Authorization": f"Bearer {TOKENS[live.base]}"}
    )
    return int(status.json()["spool"]["waiting"])


TOKENS: dict[str, str] = {}


def directly(folder: Path) -> float:
    """Rows a second of one process that writes the same samples to a lake of its own, 25,000 to a commit."""
    from quality_platform.settings import Settings

    lake = Lake(Settings(home=folder))
    lake.set_up()
    names, size = RAW_TABLES["metric_samples"].schema, 25_000
    source, started, rounds = Source("bench", "bench", "bench", "bench"), time.perf_counter(), 20
    for n in range(rounds):
        rows = [
            (f"bench.m{i % 100}", f"host-{i // 100}", '{"region":"eu"}', datetime.now(UTC), i * 0.5, "gauge")
            for i in range(size)
        ]
        columns = [pa.array(column, field.type) for column, field in zip(zip(*rows, strict=True), names, strict=True)]
        table = pa.Table.from_arrays(columns, schema=names)
        lake.append(Batch(f"b{n}", source, "bench", "1", {}, {"metric_samples": table}))
    return rounds * size / (time.perf_counter() - started)


def at_rest(live: Live) -> tuple[float, float]:
    """MB and per cent of a core, once the drain has ended because nothing comes."""
    assert live.process is not None
    process = psutil.Process(live.process.pid)
    until = time.perf_counter() + 120
    while len(process.children()) > 1 and time.perf_counter() < until:
        time.sleep(1)
    before, started = process.cpu_times(), time.perf_counter()
    time.sleep(REST_SECONDS)
    after = process.cpu_times()
    used = after.user + after.system - before.user - before.system
    return memory_mb(process.pid), 100 * used / (time.perf_counter() - started)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place, serving(Path(place)) as live:
        assert live.process is not None
        key = str(live.key("bench")["key"])
        TOKENS[live.base] = live.token()
        base = directly(Path(place) / "direct")
        print(f"the lake directly      {base:9,.0f} samples/s")
        for name, made, goal in (("own JSON", own, 50_000), ("OTLP", otlp, 20_000), ("OTLP JSON", otlp_json, 20_000)):
            stored, accepted = stored_per_second(live, made(key), Path(place))
            print(f"{name:10} stored {stored:9,.0f} a second ({goal:,}), {stored / base:.2f} of the lake directly; "
                  f"{accepted:,.0f} requests/s; {len(tree(live.process.pid))} processes, "
                  f"{memory_mb(live.process.pid):.0f} MB")  # fmt: skip
        memory, cpu = at_rest(live)
        print(f"at rest {memory:.0f} MB (150), {cpu:.2f}% of a core (1)")
