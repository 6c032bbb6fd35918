"""Made-up traffic of live clients for tests of the SQL half: requests and calls, probes, sessions, ledger rows.

Belongs here: shapes and sizes, the same for every run of one `seed`. Does not belong here: what follows from them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np

Row = dict[str, Any]
KINDS = {
    "http.server": (("/cart/{id}", "/pay", "/search"), ("GET", "POST", None), None),
    "database": (("SELECT * FROM cart WHERE id = ?", "UPDATE cart SET n = ?"), (None,), "postgresql"),
    "cache": (("user:*", "cart:*"), ("GET", "SET"), "redis"),
    "http.client": (("pay.example",), ("POST",), None),
}


def calls(begin: datetime, hours: int, count: int, *, seed: int = 1) -> list[Row]:
    """`count` requests and calls of two services over `hours`; every fifth request also stands in an access log, which
    knows no duration of every other one."""
    random = np.random.default_rng(seed)
    found: list[Row] = []
    for number in range(count):
        row = _call(random, number, begin, hours)
        found.append(row)
        if number % 5 == 0 and row["operation"] == "http.server":
            logged = {"event_id": f"log-{number}", "source_file": "access.log", "source_line": number + 1}
            found.append(row | logged | ({} if number % 10 else {"duration_ms": None}))
    return found


def _call(random: np.random.Generator, number: int, begin: datetime, hours: int) -> Row:
    operation = list(KINDS)[int(random.choice(4, p=(0.6, 0.2, 0.15, 0.05)))]
    routes, methods, system = KINDS[operation]
    method = methods[int(random.integers(len(methods)))]
    status = int(random.choice((200, 301, 404, 500), p=(0.8, 0.05, 0.05, 0.1)))
    http = operation.startswith("http")
    return {
        "event_id": f"call-{number}",
        "event_time": begin + timedelta(seconds=float(random.uniform(0, 3600 * hours - 1))),
        "operation": operation,
        "service": ("web", "jobs")[int(random.integers(2))],
        "route": routes[int(random.integers(len(routes)))],
        "method": method,
        "status": status if http else None,
        "is_error": status == 500,
        "duration_ms": float(random.lognormal(5, 1.3)),
        "system": system,
        "cache_hit": bool(random.random() < 0.8) if operation == "cache" and method == "GET" else None,
    }


def probes(begin: datetime, hours: int, name: str, *, failing: float = 0.05, seed: int = 2) -> list[Row]:
    """A probe every five minutes; a share of them fails, but never the last."""
    random = np.random.default_rng(seed)
    times = [begin + timedelta(minutes=5 * step) for step in range(12 * hours)]
    up = [float(random.random() >= failing) for _ in times[:-1]] + [1.0]
    return [
        {"metric": "probe.up", "subject": name, "labels": "{}", "observed_at": at, "value": value, "kind": "gauge"}
        for at, value in zip(times, up, strict=True)
    ]


def sessions(begin: datetime, days: int, count: int, *, seed: int = 3) -> list[Row]:
    """Sessions, each told of twice: when it begins and when it ends; and some minutes that are summed up."""
    random = np.random.default_rng(seed)
    found: list[Row] = []
    for number in range(count):
        at = begin + timedelta(seconds=float(random.uniform(0, 86_400 * days - 1)))
        release = f"1.{int(random.integers(3))}"
        ending = str(random.choice(("exited", "errored", "crashed", "abnormal"), p=(0.8, 0.1, 0.06, 0.04)))
        shared = {"event_time": at, "session_id": f"s-{number}", "release": release, "environment": "live"}
        found.append(
            shared | {"event_id": f"s-{number}-1", "status": ending, "sequence": 1, "quantity": 1, "errors": 0}
        )
        found.append(shared | {"event_id": f"s-{number}-0", "status": "ok", "sequence": 0, "quantity": 1, "errors": 0})
        if number % 10 == 0:
            summed = {
                "event_id": f"sum-{number}",
                "session_id": None,
                "quantity": 7,
                "errors": None,
                "status": "exited",
            }
            found.append(shared | summed)
    return found
