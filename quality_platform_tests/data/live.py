"""A real live service on a home of its own, started as a user starts it, and what a test asks of it.

Belongs here: starting, stopping, killing; keys; waiting for rows; the ledger. Does not belong here: what clients send.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import psutil

from quality_platform.access import keys, snippets, tokens
from quality_platform.cli import home
from quality_platform.model.tables import RAW_TABLES
from quality_platform.settings import Settings
from quality_platform.state.database import State
from quality_platform.warehouse.lake import Lake
from quality_platform_tests.data.waiting import WAIT_SECONDS

POLL_SECONDS = 0.1

Ledger = dict[str, dict[str, int]]
"""Items by category and outcome."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Live:
    """A live service that can be stopped, killed and started again on the same home."""

    settings: Settings
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @cached_property
    def lake(self) -> Lake:
        """What the tests read by; opening one takes as long as thirty queries."""
        return Lake(self.settings)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.settings.api_port}"

    @property
    def log(self) -> Path:
        return self.settings.root / "serve.log"

    def start(self) -> None:
        """Start `python -m quality_platform.api`, which is what `serve` becomes, and wait until it is ready."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("QUALITY_PLATFORM_")}
        environment = {**kept, **self.settings.environment(), **self.environment}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "quality_platform.api"], env=environment, stdout=log, stderr=log
            )
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text()
            try:
                if httpx.get(f"{self.base}/health/live", timeout=5).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError(f"the live service does not answer: {self.log.read_text()}")

    def stop(self) -> None:
        """End it as Ctrl-C does; it brings what it accepted to the lake first."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(WAIT_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
                raise

    def kill(self) -> None:
        """kill -9, the drain with it."""
        assert self.process is not None
        for process in (*psutil.Process(self.process.pid).children(recursive=True), self.process):
            process.kill()
        self.process.wait()

    def key(self, project: str = "shop") -> Mapping[str, Any]:
        """A new key of `project`: what `quality-platform keys create PROJECT --json` prints."""
        with closing(State(self.settings)) as state:
            new = keys.create(state, project, datetime.now(UTC), actor="test")
        return snippets.settings_of(new, self.base)

    def token(self, role: str = "viewer", *, expires_at: datetime | None = None) -> str:
        """A new token with `role`, as `quality-platform tokens create` makes it."""
        with closing(State(self.settings)) as state:
            name = f"{role} {uuid.uuid4().hex[:8]}"
            return tokens.create(state, name, role, datetime.now(UTC), actor="test", expires_at=expires_at).token

    def sql(self, query: str) -> list[dict[str, Any]]:
        """Rows of the lake now."""
        return self.lake.rows(query)

    def until(self, query: str, rows: int = 1, *, seconds: float = WAIT_SECONDS) -> list[dict[str, Any]]:
        """Rows of `query` once there are `rows` of them; AssertionError when there are not in time."""
        deadline = time.monotonic() + seconds
        while len(found := self.sql(query)) < rows and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        assert len(found) >= rows, f"{len(found)} rows of {query}\n{found}\n{self.log.read_text()[-3000:]}"
        return found

    def ledger(self, project: str = "shop") -> Ledger:
        """Items by category and outcome, as the ledger has them now."""
        found: Ledger = {}
        for row in self.sql(
            "SELECT category, outcome, sum(quantity)::BIGINT AS n FROM raw.ingest_counts "
            f"WHERE project = '{project}' GROUP BY ALL"
        ):
            found.setdefault(row["category"], {})[row["outcome"]] = row["n"]
        return found

    def assert_adds_up(self, project: str = "shop") -> Ledger:
        """The ledger now, whose two sides must be equal: received = stored + duplicate + rejected."""
        return _adding_up(self.ledger(project))

    def until_ledger(self, project: str, expected: Ledger, *, whole: bool = True) -> Ledger:
        """The ledger once it is `expected`, since what was sent at once may get there in several commits.

        Where it is not `whole`, other categories may be in it. AssertionError when it does not come to that in time.
        """
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            found = self.ledger(project)
            seen = found if whole else {category: found.get(category, {}) for category in expected}
            if seen == expected:
                return _adding_up(found)
            assert time.monotonic() < deadline, f"{found} is not {expected}\n{self.log.read_text()[-3000:]}"
            time.sleep(POLL_SECONDS)

    def nowhere(self, *words: str) -> None:
        """No row of the lake and no file under the home holds any of `words`."""
        for table in (*RAW_TABLES, "quarantine"):  # what is compressed in a file is plain in a row
            rows = repr(self.sql(f"SELECT * FROM raw.{table}"))
            assert not [word for word in words if word in rows], table
        for folder, _, names in os.walk(self.settings.root):
            for name in names:
                with suppress(FileNotFoundError):  # the service tidies while this looks
                    content = Path(folder, name).read_bytes()
                    assert not [word for word in words if word.encode() in content], name


def _adding_up(ledger: Ledger) -> Ledger:
    for category, counts in ledger.items():
        ended = sum(counts.get(outcome, 0) for outcome in ("stored", "duplicate", "rejected"))
        assert counts.get("received", 0) == ended, f"{category}: {counts}"
    return ledger


@cache
def _prepared() -> TemporaryDirectory[str]:
    """A prepared home, to be copied."""
    folder = TemporaryDirectory(prefix="qp-home-")
    home.prepare(Settings(home=Path(folder.name)))
    return folder


def _prepare(settings: Settings) -> None:
    """As `home.prepare` does; a new home in files by a copy, which takes 5 ms instead of 500."""
    if settings.postgres_url or settings.root.exists():
        home.prepare(settings)
    else:
        shutil.copytree(_prepared().name, settings.root)
        home.write_dagster_files(settings)


@contextmanager
def serving(folder: Path, **settings: Any) -> Iterator[Live]:
    """A prepared home in `folder` with a running live service; stopped at the end."""
    live = Live(Settings(home=folder / "home", api_port=free_port(), **settings))
    _prepare(live.settings)
    live.start()
    try:
        yield live
    finally:
        live.stop()
        live.lake.close()
