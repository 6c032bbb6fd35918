"""Files that are written and rotated while their collector is killed: every line in the lake once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from quality_platform.settings import Settings
from quality_platform.warehouse.lake import Lake
from quality_platform_tests.data.waiting import until
from quality_platform_tests.integration.file_collecting_worker import collect_once, configuration

WORKER = Path(__file__).with_name("file_collecting_worker.py")
KILLS = 3


class Writer(threading.Thread):
    """An application: appends numbered lines to its log and its events, and rotates the log now and then."""

    def __init__(self, log: Path, events: Path) -> None:
        super().__init__()
        self.log, self.events = log, events
        self.count = 0
        self.stopped = threading.Event()

    def run(self) -> None:
        while not self.stopped.wait(0.002):
            self.count += 1
            append(self.log, {"level": "error", "time": time.time(), "message": f"lost {self.count}"})
            append(self.events, {"event": "click", "timestamp": time.time(), "user": "bob", "n": self.count})
            if self.count % 500 == 0:
                self._rotate()

    def _rotate(self) -> None:
        for number in range(self.count // 500, 0, -1):
            older = self.log.with_name(f"app.log.{number}")
            if older.exists():
                older.rename(self.log.with_name(f"app.log.{number + 1}"))
        self.log.rename(self.log.with_name("app.log.1"))


def append(path: Path, record: dict[str, object]) -> None:
    with path.open("a") as file:
        file.write(json.dumps(record) + "\n")


@contextmanager
def writing(log: Path, events: Path) -> Iterator[Writer]:
    writer = Writer(log, events)
    writer.start()
    try:
        yield writer
    finally:
        writer.stopped.set()
        writer.join()


def test_every_line_is_stored_once_although_the_collector_is_killed(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    log, events = tmp_path / "app.log", tmp_path / "events.jsonl"
    with closing(Lake(settings)) as lake:
        lake.set_up()
        append(log, {"level": "info", "message": "started"})  # a source begins with the file that is there then
        collect_once(lake, settings, configuration(str(log), str(events)))
        with writing(log, events) as writer:
            for _ in range(KILLS):
                collect_until_killed(settings, lake, log, events)
        # an hour later everything has settled, the last lines and the rotated files too
        for path in tmp_path.glob("*.*"):
            os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 3600))
        while collect_once(lake, settings, configuration(str(log), str(events))):
            pass
        expected = {"rows": writer.count, "ids": writer.count, "numbers": writer.count, "highest": writer.count}
        for table, number in (("error_events", "split_part(message, ' ', 2)"), ("usage_events", "properties ->> 'n'")):
            found = lake.rows(
                f"SELECT count(*) AS rows, count(DISTINCT event_id) AS ids, count(DISTINCT {number}) AS numbers, "
                f"max(({number})::INT) AS highest FROM raw.{table}"
            )
            assert found == [expected]
        assert lake.rows("SELECT * FROM raw.quarantine") == []
        assert writer.count > 1000


def collect_until_killed(settings: Settings, lake: Lake, log: Path, events: Path) -> None:
    """Kills a collector in the middle of its work, once it has stored something."""
    before = stored(lake)
    arguments = [sys.executable, str(WORKER), str(log), str(events)]
    with subprocess.Popen(arguments, env={**os.environ, **settings.environment()}) as worker:
        until(lambda: worker.poll() is not None or stored(lake) > before + 3)
        assert worker.poll() is None
        worker.kill()


def stored(lake: Lake) -> int:
    return int(lake.rows("SELECT count(*) AS n FROM raw.batches")[0]["n"])
