"""Real processes that hang, die and eat memory. What they call is Python's own, so that they can import it."""

from __future__ import annotations

import builtins
import math
import os
import signal
import subprocess
import sys
import time
from operator import add

import psutil
import pytest

from quality_platform.collectors.repository.pool import Pool
from quality_platform.collectors.repository.worker import Answer, Call
from quality_platform.errors import SourceError
from quality_platform_tests.data.waiting import WAIT_SECONDS

MEMORY = 512 * 1024 * 1024


def pool(size: int = 2) -> Pool:
    return Pool(size, list, MEMORY)


def answers(member: Pool, calls: list[Call]) -> dict[str, Answer]:
    return {answer.key: answer for answer in member.map(calls)}


def test_every_call_is_answered_under_its_key() -> None:
    with pool() as workers:
        found = answers(workers, [Call(str(number), add, (number, 1)) for number in range(50)])
    assert {key: answer.value for key, answer in found.items()} == {str(number): number + 1 for number in range(50)}
    assert all(answer.failure is None for answer in found.values())


def test_a_call_that_hangs_costs_itself_alone() -> None:
    # what blocks in C cannot be interrupted, only killed
    calls = [Call("hangs", time.sleep, (60,), 0.2), *(Call(str(number), add, (number, 1)) for number in range(5))]
    with pool() as workers:
        found = answers(workers, calls)
    assert found["hangs"].failure == "timeout"
    assert [found[str(number)].value for number in range(5)] == [1, 2, 3, 4, 5]


def test_a_call_that_loops_is_ended() -> None:
    with pool(size=1) as workers:
        found = answers(workers, [Call("loops", builtins.max, (10**12,)), Call("power", pow, (3, 10**9), 0.2)])
    assert found["power"].failure == "timeout"
    assert found["power"].detail.startswith("no result within")
    assert found["loops"].failure == "error"
    assert "TypeError" in found["loops"].detail


def test_a_process_that_dies_is_replaced_and_its_call_tried_once_more() -> None:
    calls = [Call("dies", os._exit, (3,)), Call("aborts", os.abort, ()), Call("lives", math.sqrt, (4.0,))]
    with pool() as workers:
        found = answers(workers, calls)
    assert found["dies"] == Answer("dies", failure="crash", detail="the process ended with code 3")
    assert found["aborts"].failure == "crash"
    assert found["lives"].value == 2.0


def test_a_process_killed_by_somebody_else_loses_nothing() -> None:
    with pool() as workers:
        calls = workers.map(Call(str(number), add, (number, 1)) for number in range(30))
        found = [next(calls)]
        for process in psutil.Process().children():
            if "repository.worker" in " ".join(process.cmdline()):
                process.kill()
        found += calls
    assert sorted(answer.value for answer in found) == list(range(1, 31))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the limit is not enforced")
def test_memory_is_limited() -> None:
    with pool() as workers:
        found = answers(workers, [Call("greedy", bytearray, (MEMORY * 2,)), Call("modest", bytearray, (10,))])
    assert found["greedy"].failure == "memory"
    assert found["modest"].value == bytearray(10)


def test_no_process_is_left_behind() -> None:
    with pool() as workers:
        next(workers.map([Call("a", add, (1, 1)), Call("b", time.sleep, (60,))]))
    names = [" ".join(process.cmdline()) for process in psutil.Process().children()]
    assert not [name for name in names if "repository.worker" in name]


def test_no_process_is_started_for_nothing() -> None:
    with pool() as workers:
        assert list(workers.map([])) == []
        assert workers.idle == workers.busy == []


def test_workers_that_cannot_start_are_an_error_not_a_bad_file() -> None:
    with Pool(2, exit, MEMORY) as workers, pytest.raises(SourceError, match="does not start"):
        list(workers.map([Call("a", add, (1, 1))]))


PARENT = """
import time
from quality_platform.collectors.repository.pool import Pool
from quality_platform.collectors.repository.worker import Call
with Pool(2, list, 1 << 29) as workers:
    for answer in workers.map([Call("a", abs, (1,)), Call("idle", abs, (1,)), Call("busy", pow, (3, 10**9), 0.5)]):
        if answer.key == "a":
            print("started", flush=True)
"""


def test_workers_end_when_their_parent_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"started\n"
        children = psutil.Process(parent.pid).children()
        assert children
        parent.send_signal(signal.SIGKILL)
    # the idle one ends at once, the busy one when the kernel's limit of processor time is reached
    _, alive = psutil.wait_procs(children, timeout=WAIT_SECONDS)
    assert alive == []
