"""A real Prometheus server on loopback that scrapes itself and passes on what it finds.

Belongs here: starting it, and what it says that it has. Does not belong here: what arrived on our side.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from quality_platform_tests.data.live import free_port

WAIT_SECONDS = 30.0
JOB = "prometheus"
_SCRAPING = """\
global: {{scrape_interval: 1s}}
scrape_configs:
  - job_name: {job}
    static_configs: [{{targets: ["{target}"]}}]
"""

Samples = dict[tuple[str, frozenset[tuple[str, str]], int], float]
"""Value by name, labels and milliseconds since 1970."""


@dataclass(frozen=True)
class Prometheus:
    """A running server."""

    target: str
    log: Path

    def samples(self) -> Samples:
        """All that it has stored."""
        # a range selector gives the samples as they are; a graph's query would give them by steps
        found: Samples = {}
        answer = httpx.get(f"http://{self.target}/api/v1/query", params={"query": '{__name__!=""}[1h]'}, timeout=10)
        for series in answer.raise_for_status().json()["data"]["result"]:
            labels = dict(series["metric"])
            name = labels.pop("__name__")
            for seconds, value in series["values"]:
                found[name, frozenset(labels.items()), round(seconds * 1000)] = float(value)
        return found

    def figure(self, name: str) -> float:
        """A figure about itself, now; summed over its series."""
        lines = httpx.get(f"http://{self.target}/metrics", timeout=5).text.splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith((f"{name} ", f"{name}{{")))


@contextmanager
def prometheus(folder: Path, configuration: str) -> Iterator[Prometheus]:
    """A server with `configuration` beside the scraping of itself; skips the test where there is none to start."""
    program = shutil.which("prometheus")
    if program is None:
        pytest.skip("there is no Prometheus server: apt-get install prometheus")
    server = Prometheus(f"127.0.0.1:{free_port()}", folder / "prometheus.log")
    file = folder / "prometheus.yml"
    file.write_text(_SCRAPING.format(job=JOB, target=server.target) + configuration)
    options = [f"--config.file={file}", f"--storage.tsdb.path={folder / 'tsdb'}"]
    with server.log.open("wb") as log:
        command = [program, *options, f"--web.listen-address={server.target}"]
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    try:
        _ready(server, process)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _ready(server: Prometheus, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, server.log.read_text()
        try:
            if httpx.get(f"http://{server.target}/-/ready", timeout=1).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(server.log.read_text())
