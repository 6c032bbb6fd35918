"""Lists of 100,000 open alerts over HTTP, with filters and in several orders, from a live service of its own.

    python benchmarks/alert_lists.py [ALERTS] [ENDED]

ENDED is how many more alerts there were and are over: a million of them are a year of a noisy place.

To reach: p95 below 300 ms, also with a matcher or a text that fits nothing, for which every alert is looked at: the
last lines.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import sqlalchemy as sa

from quality_platform.alerting.notices import labels
from quality_platform.model.alerts import Series
from quality_platform.settings import Settings
from quality_platform.state.database import State
from quality_platform.state.identity import new_id
from quality_platform.state.models import AlertRow
from quality_platform_tests.data.live import serving

ALERTS, TIMES, AT_ONCE = 100_000, 20, 5_000
QUERIES = (
    "", "sort=severity", "severity=critical", "project_id=project-7", "status=active", "status=all", "limit=1000",
    "rule=rule 7", "metric_name=m5", "sort=-updated_at", "text=svc", "matcher=team=t3", "matcher=team=~t(3|4)",
    "matcher=team=none", "matcher=team=~none.*", "text=nothing like it",
)  # fmt: skip


def filled(settings: Settings, number: int, ended: int = 0) -> None:
    chance, now = random.Random(1), datetime.now(UTC)
    with closing(State(settings)) as state, state.write() as session:
        for start in range(0, number + ended, AT_ONCE):
            counts = range(start, min(start + AT_ONCE, number + ended))
            rows = [row(chance, now - timedelta(seconds=7 * count), count, over=count >= number) for count in counts]
            session.execute(sa.insert(AlertRow), rows)


def row(chance: random.Random, at: datetime, number: int, *, over: bool) -> dict[str, object]:
    series = Series(f"m{number % 1000}", f"project-{chance.randrange(50)}", f"svc-{number % 500}")
    rule, (severity,) = f"rule {chance.randrange(300)}", chance.choices(["critical", "warning", "info"], [1, 5, 4])
    status = "resolved" if over else chance.choice(["active", "active", "active", "acknowledged"])
    team = {"team": f"t{chance.randrange(20)}", "env": chance.choice(["prod", "dev"])}
    matched = labels.labels_of(series, rule=rule, alert_type="threshold_violation", severity=severity, extra=team)
    return {
        "id": new_id(at), "fingerprint": f"{number:032x}", "rule": rule, "type": "threshold_violation",
        "metric": series.metric, "project": series.project, "subject": series.subject, "labels": "{}",
        "severity": severity, "status": status,
        "resolved_at": at + timedelta(minutes=9) if over else None, "value": 1.0,
        "threshold": 2.0, "observed_at": at, "opened_at": at, "updated_at": at,
        "message": f"{series.metric} of {series.subject}: 1 is below 2.", "routing_labels": labels.written(matched),
    }  # fmt: skip


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else ALERTS
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as live:
        filled(live.settings, number, int(sys.argv[2]) if len(sys.argv) > 2 else 0)
        headers = {"Authorization": f"Bearer {live.token()}"}
        with httpx.Client(base_url=f"{live.base}/api/v1/quality-monitoring", headers=headers, timeout=60) as client:
            for query in QUERIES:
                measure(client, f"/alerts?{query}", query or "as it stands")
            for path in ("/alerts/counts", "/analytics?days=30", "/alerts?status=resolved&limit=100"):
                measure(client, path, path)


def measure(client: httpx.Client, path: str, title: str) -> None:
    taken = []
    for _ in range(TIMES):
        started = time.perf_counter()
        answer = client.get(path)
        taken.append(time.perf_counter() - started)
        assert answer.status_code == 200, answer.text
        time.sleep(0.06)  # a token may ask 20 times a second
    taken.sort()
    found = len(answer.json().get("alerts", ()))
    print(f"{title:34} {found:5} shown, p50 {taken[TIMES // 2] * 1e3:5.0f} ms, "
          f"p95 {taken[TIMES * 95 // 100 - 1] * 1e3:5.0f} ms")  # fmt: skip


if __name__ == "__main__":
    main()
