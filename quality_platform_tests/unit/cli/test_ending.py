"""A long verb ends soon after it is asked to, even while a query goes on that hears nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

# dagster's handlers note the signal and go on; the query is one that a machine needs hours for
PROGRAM = """
import signal, sys
import duckdb
from quality_platform.cli.ending import prompt
for number in (signal.SIGTERM, signal.SIGINT):
    signal.signal(number, lambda *_: None)
with prompt(grace=float(sys.argv[1])):
    print("started", flush=True)
    duckdb.sql("SELECT sum(hash(a.range + b.range)) FROM range(10000000) a, range(10000000) b").fetchall()
"""
QUICK = """
import os, signal, sys, time
from quality_platform.cli.ending import prompt
signal.signal(signal.SIGUSR1, lambda *_: None)
with prompt(grace=0.1):
    os.kill(os.getpid(), signal.SIGUSR1)
    time.sleep(0.5)
print("ended by itself")
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_query_of_hours_does_not_keep_the_process(number: signal.Signals, code: int) -> None:
    with subprocess.Popen([sys.executable, "-c", PROGRAM, "0.5"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        time.sleep(0.5)
        process.send_signal(number)
        assert process.wait(60) == code


def test_other_signals_are_let_pass() -> None:
    done = subprocess.run([sys.executable, "-c", QUICK], check=False, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "ended by itself\n", "")
