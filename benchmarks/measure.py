"""What the benchmarks share: running a command and knowing its wall time, CPU time and peak memory with children."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Cost:
    """Wall and CPU seconds; peak of resident memory in MB, summed over the process and its children."""

    wall: float
    cpu: float
    peak_mb: float

    def __str__(self) -> str:
        return f"{self.wall:6.2f} s wall, {self.cpu:6.2f} s CPU, {self.peak_mb:5.0f} MB peak"


def run(arguments: list[str], home: Path, *, folder: Path | None = None) -> Cost:
    """Run `python -m <arguments>` with the platform's home at `home`."""
    environment = {**os.environ, "QUALITY_PLATFORM_HOME": str(home), "DAGSTER_HOME": str(home / "dagster")}
    # as installed: where no byte code is kept, every process compiles our modules anew, 0.3 s and more each
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    before, started = os.times(), time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", *arguments], env=environment, cwd=folder, stdout=subprocess.DEVNULL
    )
    peak = Peak(process.pid)
    code = process.wait()
    wall, after = time.perf_counter() - started, os.times()
    if code:
        sys.exit(f"{' '.join(arguments)} ended with {code}")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Cost(wall, cpu, peak.stop())


class Peak(threading.Thread):
    """Samples the memory of a process tree every 50 ms."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.peak, self.going = pid, 0.0, True
        self.start()

    def run(self) -> None:
        while self.going:
            self.peak = max(self.peak, memory_mb(self.pid))
            time.sleep(0.05)

    def stop(self) -> float:
        self.going = False
        self.join()
        return self.peak


def tree(pid: int) -> list[psutil.Process]:
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def memory_mb(pid: int) -> float:
    total = 0.0
    for process in tree(pid):
        try:
            total += process.memory_info().rss / 1e6
        except psutil.Error:
            continue
    return total


def repository() -> str:
    """The repository to measure on: the first argument, else this checkout."""
    return sys.argv[1] if len(sys.argv) > 1 else str(Path(__file__).resolve().parents[1])
