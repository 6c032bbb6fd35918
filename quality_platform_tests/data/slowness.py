"""A day of a project that is slow for known reasons: for tests of bottlenecks.

Belongs here: the rows. Does not belong here: what is to be found in them (the test states it).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

Row = dict[str, Any]

START = datetime(2026, 6, 14, 12, 0, tzinfo=UTC)
BINS = 288


def crowded() -> np.ndarray:
    """How crowded each five minutes of the day are, 0 to 1: most of them little."""
    random = np.random.default_rng(7)
    found: np.ndarray = random.beta(1, 5, BINS)
    return found


def calls() -> list[Row]:
    """`/fast` is asked for all the time and takes most of it; `/slow` and its statement are slow when it is crowded."""
    random = np.random.default_rng(8)
    rows: list[Row] = []
    for place, crowd in enumerate(crowded()):
        at = START + timedelta(minutes=5 * place)
        rows += [
            _call(at, "http.server", "/fast", float(random.uniform(60, 90)), place, number) for number in range(40)
        ]
        for number in range(4):
            slow = float(200 + 3_000 * crowd + random.uniform(0, 50))
            rows.append(_call(at, "http.server", "/slow", slow, place, number))
            rows.append(_call(at, "database", "SELECT slow", 0.8 * slow, place, number))
            rows.append(_call(at, "cache", "user:*", 1.0, place, number))
        rows.append(_call(at, "http.server", "/fast", 9_999.0, place, 99) | {"source_file": "access.log"})
    return rows


def _call(at: datetime, operation: str, route: str, ms: float, place: int, number: int) -> Row:
    return {
        "event_id": f"{operation}{route}{place}-{number}", "event_time": at + timedelta(seconds=number + 1),
        "operation": operation, "service": "web", "route": route, "is_error": False, "duration_ms": ms,
        "method": "GET" if operation == "http.server" else None,
    }  # fmt: skip


def samples() -> list[Row]:
    """Of the resources the processor is full when it is crowded, and so is the pool; memory is always nearly full."""
    rows: list[Row] = []
    for place, crowd in enumerate(crowded()):
        at = START + timedelta(minutes=5 * place, seconds=30)
        busy = min(20 + 400 * crowd, 100.0)
        used = {"pool": "main", "state": "used"}
        rows += [
            _sample(at, "system.cpu_percent", busy),
            _sample(at, "system.memory_percent", 93 + place % 3),
            _sample(at, "system.disk_percent", 30 + place / 100),
            _sample(at, "db.client.connection.count", round(busy / 10), **used),
            _sample(at, "db.client.connection.count", 10 - round(busy / 10), **(used | {"state": "idle"})),
            _sample(at, "db.client.connection.max", 10, pool="main"),
            _sample(at, "system.processes", 900 + 100 * crowd),
        ]
    return rows


def _sample(at: datetime, metric: str, value: float, **labels: str) -> Row:
    import orjson

    written = orjson.dumps(labels, option=orjson.OPT_SORT_KEYS).decode()
    return {"metric": metric, "subject": "host", "labels": written, "observed_at": at, "value": value, "kind": "gauge"}
