"""The lock: one holder, re-entrant for it, a clear sentence for the others, gone with its holder."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from quality_platform.errors import LockHeldError
from quality_platform.settings import Settings
from quality_platform.warehouse import locks

HOLD = """
import sys, time
from quality_platform.settings import Settings
from quality_platform.warehouse import locks
with locks.hold(Settings(), "raw", "a long append"):
    print("held", flush=True)
    time.sleep(60)
"""


def impatient(settings: Settings) -> Settings:
    return settings.model_copy(update={"lock_timeout_seconds": 0.2})


@pytest.fixture
def holder(both_settings: Settings, tmp_path: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, **both_settings.environment()}
    process = subprocess.Popen([sys.executable, "-c", HOLD], env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_another_process_waits_is_told_who_and_goes_on_after_a_kill(
    both_settings: Settings, holder: subprocess.Popen[str]
) -> None:
    with pytest.raises(LockHeldError) as caught, locks.hold(impatient(both_settings), "raw", "test"):
        pass
    if not both_settings.postgres_url:
        assert f"process {holder.pid} (a long append" in str(caught.value)
    with locks.hold(both_settings, "marts", "the other catalog is free"):
        pass
    holder.kill()
    holder.communicate()
    with locks.hold(both_settings, "raw", "after the kill"):
        assert locks.held(both_settings, "raw")


def test_a_thread_may_take_it_again_and_others_wait(tmp_path: Path) -> None:
    settings = impatient(Settings(home=tmp_path))
    errors: list[Exception] = []

    def other() -> None:
        try:
            with locks.hold(settings, "raw", "other thread"):
                pass
        except LockHeldError as error:
            errors.append(error)

    with locks.hold(settings, "raw", "outer"), locks.hold(settings, "raw", "inner"):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        assert locks.held(settings, "raw")
    assert len(errors) == 1
    assert not locks.held(settings, "raw")
    other()
    assert len(errors) == 1


def test_names_of_sources_become_file_names_that_differ(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    for name in ("source log:a:/var/x", "source log:a:/var:x", "source log:a:/" + "long/" * 100):
        with locks.hold(settings, name, "test"):
            pass
    assert len(list((tmp_path / "lake" / "locks").glob("*.lock"))) == 3
