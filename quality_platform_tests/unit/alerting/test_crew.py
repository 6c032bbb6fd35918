"""Threads that work side by side for one owner."""

from __future__ import annotations

import threading
import time

from quality_platform.alerting.delivery.crew import Crew


def test_work_is_done_side_by_side_by_so_many() -> None:
    together, running, most = threading.Barrier(3), 0, 0
    lock = threading.Lock()

    def work(task: int) -> int:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        together.wait(20)
        with lock:
            running -= 1
        return task * 2

    crew = Crew(work, 3, "test")
    crew.hand(range(9))
    done: list[int] = []
    while crew.outstanding:
        done += crew.gather(100, 20.0)
    crew.dismiss()
    assert sorted(done) == [0, 2, 4, 6, 8, 10, 12, 14, 16]
    assert most == 3


def test_nothing_to_do_is_not_waited_for() -> None:
    crew = Crew(str, 2, "test")
    started = time.monotonic()
    assert crew.gather(5, 20.0) == []
    assert time.monotonic() - started < 5


def test_who_is_poked_looks_up() -> None:
    release = threading.Event()
    crew = Crew(lambda _task: release.wait(20), 1, "test")
    crew.hand(["slow"])
    threading.Timer(0.05, crew.poke).start()
    started = time.monotonic()
    assert crew.gather(5, 20.0) == []
    assert time.monotonic() - started < 10
    release.set()
    assert crew.gather(5, 20.0) == [True]


def test_patience_ends() -> None:
    release = threading.Event()
    crew = Crew(lambda _task: release.wait(20), 1, "test")
    crew.hand(["slow"])
    assert crew.gather(5, 0.05) == []
    release.set()


def test_what_nobody_has_begun_can_be_taken_back() -> None:
    begun, release = threading.Event(), threading.Event()

    def work(task: int) -> int:
        begun.set()
        release.wait(20)
        return task

    crew = Crew(work, 1, "test")
    crew.hand(range(4))
    begun.wait(20)
    assert crew.withdraw() == [1, 2, 3]
    assert crew.outstanding == 1
    release.set()
    assert crew.gather(5, 20.0) == [0]
