"""The platform at rest: CPU and memory of all its processes, nothing coming in but its own samples.

    python benchmarks/rest.py [REPOSITORY] [SECONDS]

To reach: under 10% of one core, under 1.2 GB. Ten minutes unless told otherwise.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from measure import memory_mb, repository, tree

SECONDS = float(sys.argv[2]) if len(sys.argv) > 2 else 600.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def cpu_seconds(pid: int) -> float:
    """CPU of the tree, with what its ended children have used."""
    total = 0.0
    for process in tree(pid):
        try:
            total += sum(process.cpu_times()[:4])
        except psutil.Error:
            continue
    return total


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        log = Path(name) / "up.log"
        environment = {**os.environ, "QUALITY_PLATFORM_HOME": str(Path(name) / "home"), "PYTHONUNBUFFERED": "1"}
        arguments = ["up", "--repo", repository(), "--port", str(free_port()), "--api-port", str(free_port())]
        with log.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "quality_platform", *arguments], env=environment, stdout=file, stderr=file
            )
        while "Ctrl-C stops everything" not in log.read_text():
            if process.poll() is not None:
                sys.exit(log.read_text())
            time.sleep(0.5)
        time.sleep(60)  # the first ticks look at everything once
        before, started, peak, readings = cpu_seconds(process.pid), time.monotonic(), 0.0, []
        while time.monotonic() - started < SECONDS:
            readings.append(memory_mb(process.pid))
            peak = max(peak, readings[-1])
            time.sleep(2)
        used = cpu_seconds(process.pid) - before
        share = used / (time.monotonic() - started)
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
    usual = sorted(readings)[len(readings) // 2]
    print(f"over {SECONDS:.0f} s: {share:.1%} of one core (goal 10%: {share / 0.10:.2f} of it)")
    print(f"memory: median {usual:.0f} MB, peak {peak:.0f} MB (goal 1,200 MB: {usual / 1200:.2f} of it)")


if __name__ == "__main__":
    main()
