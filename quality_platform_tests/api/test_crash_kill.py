"""`kill -9` under load, of either process and of both: what was acknowledged is in the lake once, the ledger adds up."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from quality_platform_tests.data.acknowledged import assert_all_there_once, sending
from quality_platform_tests.data.live import Live, serving
from quality_platform_tests.data.waiting import WAIT_SECONDS


def _kill_drain(live: Live) -> None:
    assert live.process is not None
    with suppress(psutil.NoSuchProcess):
        for child in psutil.Process(live.process.pid).children():
            os.kill(child.pid, signal.SIGKILL)


def _kill_api(live: Live) -> None:
    assert live.process is not None
    live.process.kill()
    live.process.wait()
    live.start()


def _kill_both(live: Live) -> None:
    live.kill()
    live.start()


KILLS: dict[str, Callable[[Live], None]] = {"drain": _kill_drain, "api": _kill_api, "both": _kill_both}


@pytest.mark.parametrize("seconds", [4, pytest.param(120, marks=pytest.mark.soak)])
@pytest.mark.parametrize("victim", KILLS)
def test_nothing_acknowledged_is_lost_or_doubled(victim: str, seconds: float, tmp_path: Path) -> None:
    chance = random.Random(7)
    with serving(tmp_path) as live:
        with sending(live, "crash", pause=0.0 if seconds > 60 else 0.02) as noted:
            end = time.monotonic() + seconds
            time.sleep(1.5)
            while time.monotonic() < end:
                KILLS[victim](live)
                time.sleep(chance.uniform(0.1, 1.5))

        # a drain that died often waits up to 30 s before it starts: after 140 kills it took 40 to 51 s to catch up
        assert_all_there_once(live, noted, seconds=WAIT_SECONDS + 2 * seconds)
        print(f"\n{victim}: {len(noted.ids)} acknowledged, {dict(noted.answers)}")
