"""A real Prometheus, configured with the lines that `keys create` prints: all that it scraped is in the lake or counted,
though the service was killed meanwhile."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from quality_platform_tests.data.live import Live, serving
from quality_platform_tests.data.prometheus import JOB, Samples, prometheus
from quality_platform_tests.data.waiting import until

SOONER = "    metadata_config: {send_interval: 1s}\n    queue_config: {batch_send_deadline: 500ms}\n"
"""It sends metadata once a minute, which must not be an error; a batch that is not full waits for 5 s."""

FAULTS = ("samples_failed_total", "samples_dropped_total", "metadata_failed_total")


def lines(live: Live, project: str) -> str:
    """What the verb prints for Prometheus alone."""
    command = [sys.executable, "-m", "quality_platform", "keys", "create", project, "--client", "prometheus"]
    environment = {**os.environ, **live.settings.environment()}
    return subprocess.run(command, check=True, env=environment, capture_output=True, text=True, timeout=60).stdout


def arrived(live: Live, project: str) -> Samples:
    """The rows of a project, as Prometheus would have them."""
    rows = live.sql(
        "SELECT metric, subject, labels, epoch_us(observed_at) AS time, value FROM raw.metric_samples "
        f"WHERE project = '{project}'"
    )
    found = {}
    for row in rows:
        labels = {**json.loads(row["labels"]), "instance": row["subject"]}
        found[row["metric"], frozenset(labels.items()), row["time"] // 1000] = row["value"]
    assert len(found) == len(rows)
    return found


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    """One of its own, since it is killed."""
    with serving(tmp_path / "live") as service:
        yield service


def test_all_that_it_scraped_arrives_even_after_a_kill(live: Live, tmp_path: Path) -> None:
    with prometheus(tmp_path, lines(live, "scraped") + SOONER) as server:
        live.until("SELECT 1 FROM raw.metric_samples WHERE project = 'scraped' AND metric = 'up'", 2)
        live.kill()
        time.sleep(1)
        live.start()
        time.sleep(1)
        sent = server.samples()
        finite = {series: value for series, value in sent.items() if math.isfinite(value)}
        deadline = time.monotonic() + 60
        while not finite.keys() <= arrived(live, "scraped").keys() and time.monotonic() < deadline:
            time.sleep(0.5)
        faults = {name: server.figure(f"prometheus_remote_storage_{name}") for name in FAULTS}
        assert server.figure("prometheus_remote_storage_metadata_total") > 0

    assert faults == dict.fromkeys(FAULTS, 0), server.log.read_text()[-3000:]
    assert len(finite) > 1_000
    found = arrived(live, "scraped")
    assert {series: value for series, value in finite.items() if found.get(series) != value} == {}
    assert {dict(labels)["job"] for _, labels, _ in found} == {JOB}
    kinds = live.sql(
        "SELECT DISTINCT metric, kind FROM raw.metric_samples WHERE project = 'scraped' "
        "AND metric IN ('up', 'prometheus_http_requests_total') ORDER BY ALL"
    )
    assert [row["kind"] for row in kinds] == ["counter", "gauge"]

    # it sent what it still had when it was ended
    until(lambda: live.ledger("scraped")["metric"]["stored"] == len(arrived(live, "scraped")))
    counts = live.assert_adds_up("scraped")["metric"]
    assert counts["rejected"] >= len(sent) - len(finite) > 0  # summaries of nothing have quantiles that are no number
    reasons = live.sql(
        "SELECT DISTINCT reason FROM raw.ingest_counts WHERE project = 'scraped' AND outcome = 'rejected'"
    )
    assert {row["reason"] for row in reasons} <= {"not_finite", "stale"}
