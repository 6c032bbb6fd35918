"""Writers, a compactor and readers at once, killed at random: nothing acknowledged is lost, nothing is twice.

Readers must never fail and never see half a batch. Seconds here; minutes with `make soak`.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from quality_platform.settings import Settings
from quality_platform.warehouse.lake import Lake
from quality_platform_tests.data.waiting import until

WORKER = Path(__file__).with_name("crash_worker.py")
WRITERS, READERS = 3, 2


class Crew:
    """The processes of one run."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.environment = {**os.environ, **settings.environment()}
        self.folder = folder
        self.processes: dict[tuple[str, int], subprocess.Popen[bytes]] = {}
        self.kills = 0

    def start(self, role: str, number: int) -> None:
        arguments = [sys.executable, str(WORKER), role, str(number), str(self.folder / f"{role}-{number}")]
        with (self.folder / f"{role}-{number}.err").open("ab") as errors:
            self.processes[role, number] = subprocess.Popen(arguments, env=self.environment, stderr=errors)

    def kill(self, role: str, number: int) -> None:
        self.processes[role, number].kill()
        self.processes[role, number].wait()

    def ended(self) -> list[tuple[str, int]]:
        return [key for key, process in self.processes.items() if process.poll() is not None]


def torment(settings: Settings, folder: Path, seconds: float, seed: int) -> tuple[int, Crew]:
    Lake(settings).set_up()
    crew, chance = Crew(settings, folder), random.Random(seed)
    for number in range(WRITERS):
        crew.start("write", number)
    crew.start("tidy", 0)
    for number in range(READERS):
        crew.start("read", number)
    wait_for_all(folder)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(chance.uniform(0.5, 1.2))
        victim = chance.choice([("write", n) for n in range(WRITERS)] + [("tidy", 0)])
        assert not crew.ended(), f"ended by themselves: {crew.ended()}"
        crew.kill(*victim)
        crew.kills += 1
        crew.start(*victim)
    for key in list(crew.processes):
        crew.kill(*key)
    return crew.kills, crew


def wait_for_all(folder: Path) -> None:
    """Until every writer and reader has done something: starting takes seconds on a busy machine."""
    files = [folder / f"{role}-{n}" for role, count in (("write", WRITERS), ("read", READERS)) for n in range(count)]
    until(
        lambda: all(path.exists() and path.stat().st_size for path in files),
        lambda: [path.name for path in files if not path.exists()],
    )


def check(settings: Settings, folder: Path) -> tuple[int, int]:
    acknowledged = [line for n in range(WRITERS) for line in (folder / f"write-{n}").read_text().split()]
    lake = Lake(settings)
    stored = lake.read("SELECT batch_id, row_count FROM raw.batches").to_pylist()
    ids = [row["batch_id"] for row in stored]
    assert len(ids) == len(set(ids)), "a batch is there twice"
    assert set(acknowledged) <= set(ids), "an acknowledged batch is lost"
    assert len(set(ids) - set(acknowledged)) <= len(ids) - len(acknowledged)
    counts = lake.read(
        'SELECT batch_id, count(*) AS n, count(DISTINCT "value") AS d FROM raw.metric_samples GROUP BY ALL'
    ).to_pylist()
    expected = {row["batch_id"]: row["row_count"] for row in stored}
    assert {row["batch_id"]: row["n"] for row in counts} == expected
    assert all(row["n"] == row["d"] for row in counts), "rows of a batch are there twice"
    readings = [line for n in range(READERS) for line in (folder / f"read-{n}").read_text().splitlines()]
    assert {line for line in readings if line not in ("ok", "late")} == set()
    lake.close()
    return len(acknowledged), readings.count("ok")


def run(settings: Settings, tmp_path: Path, seconds: float) -> None:
    seed = int(os.environ.get("CRASH_SEED", "7"))
    kills, _ = torment(settings, tmp_path, seconds, seed)
    acknowledged, readings = check(settings, tmp_path)
    print(f"{kills} kills, {acknowledged} batches acknowledged, {readings} readings")
    # a test that stores nothing proves nothing; how much it stores depends on the machine, since a kill a second
    # leaves a writer little time after it has started
    assert acknowledged >= max(WRITERS, kills // 4)
    assert readings >= READERS


def test_nothing_is_lost_over_kills(both_settings: Settings, tmp_path: Path) -> None:
    run(both_settings, tmp_path, seconds=5)


@pytest.mark.soak
def test_nothing_is_lost_over_minutes_of_kills(both_settings: Settings, tmp_path: Path) -> None:
    run(both_settings, tmp_path, seconds=180)
