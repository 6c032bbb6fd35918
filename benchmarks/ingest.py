"""The live service against Bugsink: Sentry envelopes of 2 kB over 8 connections, one after the other, in one run.

    python benchmarks/ingest.py [SECONDS]

To reach: 20 × Bugsink accepted per second and stored per second; acknowledged in 5 ms (p50) and 25 ms (p99);
queryable by SQL in 1 s (p99) under load. Bugsink is installed from the package index for this.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bugsink
import httpx
import load
from envelopes import envelope
from measure import memory_mb

from quality_platform.warehouse.lake import Lake
from quality_platform_tests.data.live import Live, serving

CONNECTIONS = 8
SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0
# identities must differ, or a server that looks for repeats has less to do; Bugsink gets through far fewer
ENVELOPES = 120_000
PACED = 1_000
PROBES_EVERY = 0.2


@dataclass(frozen=True)
class Result:
    """What a server did with the load."""

    accepted: float
    stored: float
    p50: float
    p99: float
    failed: int


def prepare(path: Path, dsn: str, count: int) -> Path:
    key, project = dsn.partition("//")[2].partition("@")[0], dsn.rpartition("/")[2]
    headers = {
        "X-Sentry-Auth": f"Sentry sentry_key={key}, sentry_version=7, sentry_client=sentry.python/2.75.0",
        "Content-Type": "application/x-sentry-envelope",
    }
    requests = [load.request(f"/api/{project}/envelope/", envelope(n, dsn), headers) for n in range(count)]
    load.write_requests(path, requests)
    return path


def generate(port: int, requests: Path, seconds: float, rate: int = 0) -> dict[str, Any]:
    command = [sys.executable, load.__file__, str(port), str(CONNECTIONS), str(seconds), str(requests), str(rate)]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def measure(port: int, requests: Path, stored: Callable[[], int], settle: float) -> Result:
    """Load for some seconds, then as long again as it takes to store, at most `settle` seconds."""
    before, started = stored(), time.perf_counter()
    done = generate(port, requests, SECONDS)
    accepted = done["statuses"].get("200", 0)
    while (count := stored() - before) < accepted and time.perf_counter() - started < SECONDS + settle:
        time.sleep(0.2)
    taken = time.perf_counter() - started
    failed = sum(done["statuses"].values()) - accepted
    return Result(accepted / done["seconds"], count / taken, done["p50"], done["p99"], failed)


def freshness(live: Live, key: str, seconds: float) -> list[float]:
    """Seconds from sending an event until SQL finds it, one every 0.2 s; a connection that stays open asks."""
    found: list[float] = []
    lake, until = Lake(live.settings), time.perf_counter() + seconds
    lake.rows("SELECT 1 FROM raw.metric_samples")  # opening the lake is no part of it
    with httpx.Client() as client:
        while time.perf_counter() < until:
            name, started = f"probe.{uuid.uuid4().hex}", time.perf_counter()
            client.post(f"{live.base}/api/v1/ingest/metrics", json={"metric": name, "value": 1},
                        headers={"Authorization": f"Bearer {key}"})  # fmt: skip
            query = f"SELECT 1 FROM raw.metric_samples WHERE metric = '{name}'"
            while not lake.rows(query) and time.perf_counter() - started < 30:
                time.sleep(0.01)
            found.append(time.perf_counter() - started)
            time.sleep(PROBES_EVERY)
    return sorted(found)


def ours(folder: Path) -> Result:
    with serving(folder) as live:
        settings = live.key("bench")
        assert live.process is not None
        requests = prepare(folder / "requests", str(settings["sentry_dsn"]), ENVELOPES)
        lake = Lake(live.settings)

        def stored() -> int:
            return int(lake.rows("SELECT count(*) AS n FROM raw.error_events")[0]["n"])

        generate(live.settings.api_port, requests, 3)  # what is imported and compiled first is no figure
        time.sleep(2)
        result = measure(live.settings.api_port, requests_after(requests, folder), stored, 30)
        print(f"  memory after it: {memory_mb(live.process.pid):.0f} MB, drain included")
        paced(live, str(settings["key"]), requests_after(requests, folder))
        return result


def requests_after(requests: Path, folder: Path) -> Path:
    """The same envelopes under new identities, so that none is a repeat of the last load's."""
    every = load.requests_of(requests)
    fresh = folder / f"requests-{uuid.uuid4().hex[:8]}"
    load.write_requests(fresh, [renamed(each) for each in every])
    return fresh


def renamed(request: bytes) -> bytes:
    identity = request.partition(b'"event_id": "')[2][:32]
    return request.replace(identity, uuid.uuid4().hex.encode())


def paced(live: Live, key: str, requests: Path) -> None:
    """The latencies at 1,000 events a second, and how soon SQL finds what was sent among them."""
    fresh: list[float] = []
    asking = threading.Thread(target=lambda: fresh.extend(freshness(live, key, SECONDS)))
    asking.start()
    done = generate(live.settings.api_port, requests, SECONDS, PACED)
    asking.join()
    assert live.process is not None
    rate = sum(done["statuses"].values()) / done["seconds"]
    print(f"  at {rate:,.0f}/s: acknowledged p50 {done['p50']:.1f} ms (5), p99 {done['p99']:.1f} ms (25); "
          f"queryable p50 {fresh[len(fresh) // 2]:.2f} s, p99 {fresh[int(len(fresh) * 0.99)]:.2f} s (1.00), "
          f"{len(fresh)} asked; memory {memory_mb(live.process.pid):.0f} MB (400)")  # fmt: skip


def theirs(folder: Path) -> Result:
    with bugsink.running(folder) as server:
        requests = prepare(folder / "requests", server.dsn, 20_000)
        generate(server.port, requests, 3)
        time.sleep(5)
        return measure(server.port, prepare(folder / "again", server.dsn, 20_000), server.stored, 10)


def show(name: str, result: Result) -> None:
    print(f"{name:8} accepted {result.accepted:7,.0f}/s  stored {result.stored:7,.0f}/s  "
          f"p50 {result.p50:6.1f} ms  p99 {result.p99:6.1f} ms  not accepted {result.failed}")  # fmt: skip


if __name__ == "__main__":
    print(f"Sentry envelopes of 2 kB, {CONNECTIONS} connections, {SECONDS:.0f} s")
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "bugsink").mkdir()
        mine = ours(Path(place) / "ours")
        show("ours", mine)
        other = theirs(Path(place) / "bugsink")
        show("Bugsink", other)
    print(
        f"accepted {mine.accepted / other.accepted:.1f} × Bugsink (20), stored {mine.stored / other.stored:.1f} × (20)"
    )
