"""The drain's life seen from the API process, with small programs in the drain's place: none of them can stop it."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from quality_platform.api.drain.supervisor import Supervisor
from quality_platform.settings import Settings
from quality_platform_tests.data.waiting import WAIT_SECONDS, until

BEGIN = """
import json, os, sys, time
from multiprocessing.connection import Connection
from pathlib import Path
pipe = Connection(int(sys.argv[-1]))
starts = Path(sys.argv[1])
starts.open("a").write("x")
started = len(starts.read_text())
def tell(**message): pipe.send_bytes(json.dumps(message).encode())
def hear(seconds=None): return json.loads(pipe.recv_bytes()) if pipe.poll(seconds) else {}
"""
OBEDIENT = "place = 0\ntry:\n    while True:\n        if hear().get('wake'):\n            place += 10\n            tell(drained=place)\n"
OBEDIENT += "except EOFError: pass\n"


class Drains:
    """A supervisor of a small program, and what it heard."""

    def __init__(self, folder: Path, program: str, **options: Any) -> None:
        self.starts = folder / "starts"
        script = folder / "drain.py"
        script.write_text(BEGIN + program)
        self.heard: list[Mapping[str, Any]] = []
        self.supervisor = Supervisor(
            Settings(home=folder), self.heard.append, command=(sys.executable, str(script), str(self.starts)), **options
        )

    @property
    def started(self) -> int:
        return len(self.starts.read_text()) if self.starts.exists() else 0

    def until(self, what: Callable[[], bool]) -> None:
        until(what, lambda: (self.heard[-5:], self.started))


@contextmanager
def drains(folder: Path, program: str, *, last: int = 0, **options: Any) -> Iterator[Drains]:
    found = Drains(folder, program, **options)
    found.supervisor.start(last)
    try:
        yield found
    finally:
        found.supervisor.stop(drain_seconds=0.1)
        assert not found.supervisor.alive


def test_nothing_runs_until_something_waits(tmp_path: Path) -> None:
    with drains(tmp_path, OBEDIENT) as found:
        time.sleep(0.3)
        assert (found.started, found.supervisor.alive) == (0, False)
        found.supervisor.accepted(7)
        found.until(lambda: found.supervisor.drained >= 7)
        assert not found.supervisor.late


def test_what_waits_from_before_starts_it(tmp_path: Path) -> None:
    with drains(tmp_path, OBEDIENT, last=3) as found:
        found.until(lambda: found.supervisor.drained >= 3)


def test_one_that_dies_is_started_again_later_and_later(tmp_path: Path) -> None:
    program = "if started < 4:\n    hear()\n    os._exit(9)\n" + OBEDIENT
    with drains(tmp_path, program) as found:
        began = time.monotonic()
        found.supervisor.accepted(5)
        found.until(lambda: found.supervisor.drained >= 5)
        assert found.started == 4
        assert time.monotonic() - began > 0.2 + 0.4 + 0.8


def test_something_that_comes_while_it_ends_for_idleness_is_not_forgotten(tmp_path: Path) -> None:
    # it tells how far it is and ends at once, without hearing what was said meanwhile
    with drains(tmp_path, "hear()\ntell(drained=started)\n") as found:
        for place in range(1, 6):
            found.supervisor.accepted(place)
            found.until(lambda place=place: found.supervisor.drained >= place)  # type: ignore[misc]


def test_a_busy_drain_that_hears_nothing_fills_no_pipe(tmp_path: Path) -> None:
    """Thousands of commits while it works, thousands of reports from it: neither side waits for the other."""
    program = "time.sleep(0.5)\nfor n in range(5000): tell(note='x' * 200)\ntell(drained=100000)\n" + OBEDIENT
    with drains(tmp_path, program) as found:
        for place in range(1, 20_000):
            found.supervisor.accepted(place)
        found.until(lambda: len(found.heard) >= 5001)
        assert found.supervisor.drained == 100_000


def test_it_is_woken_again_after_every_report(tmp_path: Path) -> None:
    program = "try:\n    while True:\n        if hear().get('wake'): tell(drained=json.loads(Path(sys.argv[1] + '.to').read_text()))\n"
    program += "except EOFError: pass\n"
    with drains(tmp_path, program) as found:
        for place in range(1, 200):
            (tmp_path / "starts.to").write_text(str(place))
            found.supervisor.accepted(place)
            found.until(lambda place=place: found.supervisor.drained >= place)  # type: ignore[misc]
        assert found.started == 1


def test_a_fault_of_who_hears_does_not_end_the_supervision(tmp_path: Path) -> None:
    found = Drains(tmp_path, OBEDIENT)
    once = threading.Event()

    def heard(message: Mapping[str, Any]) -> None:
        if not once.is_set():
            once.set()
            raise ValueError("ours")

    found.supervisor._heard = heard
    found.supervisor.start(0)
    found.supervisor.accepted(15)
    found.until(lambda: found.supervisor.drained >= 15)
    found.supervisor.stop()


def test_something_lazy_starts_nothing_but_goes_along(tmp_path: Path) -> None:
    with drains(tmp_path, OBEDIENT, lazy_seconds=3600.0) as found:
        found.supervisor.accepted(1, lazy=True)
        time.sleep(0.4)
        assert (found.started, found.supervisor.late) == (0, False)

        found.supervisor.accepted(2)
        found.until(lambda: found.supervisor.drained >= 2)


def test_something_lazy_in_the_end_goes_alone(tmp_path: Path) -> None:
    with drains(tmp_path, OBEDIENT, lazy_seconds=0.3) as found:
        found.supervisor.accepted(1, lazy=True)
        found.until(lambda: found.supervisor.drained >= 1)


def test_stopping_waits_for_what_is_durable_and_for_no_drain_that_hangs(tmp_path: Path) -> None:
    found = Drains(tmp_path, "hear()\ntime.sleep(0.5)\ntell(drained=4)\nhear()\n")
    found.supervisor.start(0)
    found.supervisor.accepted(4)
    found.supervisor.stop(drain_seconds=WAIT_SECONDS)
    assert found.supervisor.drained == 4


def test_who_looks_on_is_said_also_to_the_next_process(tmp_path: Path) -> None:
    program = "tell(was=hear(60).get('watch'))\ntime.sleep(0.2)\nos._exit(1)\n"
    with drains(tmp_path, program) as found:
        found.supervisor.watch({"projects": ["shop"], "metrics": None})
        found.supervisor.accepted(1)
        found.until(lambda: len(found.heard) >= 2)
        assert found.heard[0] == found.heard[1] == {"was": {"projects": ["shop"], "metrics": None}}


@pytest.mark.parametrize("command", [("/nowhere/python",)])
def test_a_process_that_cannot_be_started_is_tried_again(command: tuple[str, ...], tmp_path: Path) -> None:
    supervisor = Supervisor(Settings(home=tmp_path), lambda message: None, command=command)
    supervisor.start(1)
    until(lambda: supervisor._failures >= 2)
    assert supervisor._thread.is_alive()
    supervisor.stop(drain_seconds=0.1)
