"""A process that delivers is killed, or stands still, at a chosen moment: the message comes again under its id, unchanged.

Belongs here: single moments. Does not belong here: kills at random (`test_delivery_kills.py`).
"""

from __future__ import annotations

import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from quality_platform.settings import Settings
from quality_platform.state.database import State
from quality_platform.state.models import DeliveryRow
from quality_platform_tests.data.outbox_rows import message, put
from quality_platform_tests.data.receivers import Receiver, answering, receiving
from quality_platform_tests.data.waiting import WAIT_SECONDS, until
from quality_platform_tests.integration.test_delivery_kills import finish, start


@dataclass
class Sink:
    """Answers the first request when it is let go, all others at once."""

    asked: threading.Event = field(default_factory=threading.Event)
    release: threading.Event = field(default_factory=threading.Event)
    answered: threading.Event = field(default_factory=threading.Event)

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        first = not self.asked.is_set()
        self.asked.set()
        if first:
            self.release.wait(WAIT_SECONDS)
        answering(204)(handler)
        if first:
            self.answered.set()


Moment = Callable[[subprocess.Popen[bytes], Sink], None]


def before_the_answer(process: subprocess.Popen[bytes], sink: Sink) -> None:
    process.kill()
    process.wait()
    sink.release.set()


def after_the_answer(process: subprocess.Popen[bytes], sink: Sink) -> None:
    """It is accepted, and the process cannot write that down."""
    process.send_signal(signal.SIGSTOP)
    sink.release.set()
    assert sink.answered.wait(WAIT_SECONDS)
    process.kill()
    process.wait()


@contextmanager
def delivering(settings: Settings, folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], Sink, Receiver]]:
    """A process that has sent its only message and waits for the answer."""
    sink = Sink()
    with closing(State(settings)) as state:
        put(state, "one", alerts="a", now=datetime.now(UTC))
    with receiving(sink) as receiver:
        process = start(settings, folder, receiver.url(), 0, alerts=0)
        try:
            assert sink.asked.wait(WAIT_SECONDS), (folder / "errors").read_text()
            yield process, sink, receiver
        finally:
            sink.release.set()
            process.kill()
            process.wait()


def assert_same(receiver: Receiver) -> None:
    """What came is one message twice, and no third time."""
    assert [request.headers["webhook-id"] for request in receiver.requests] == ["one", "one"]
    assert len({request.body for request in receiver.requests}) == 1


def outcomes(settings: Settings) -> tuple[str, list[str]]:
    """The state of the message, and how its attempts ended."""
    with closing(State(settings)) as state, state.read() as session:
        found = [row.outcome for row in session.query(DeliveryRow).order_by(DeliveryRow.id)]
        return message(state, "one").state, found


@pytest.mark.parametrize("moment", [before_the_answer, after_the_answer])
def test_killed_around_the_answer_it_comes_again_under_its_id(
    state_settings: Settings, tmp_path: Path, moment: Moment
) -> None:
    with delivering(state_settings, tmp_path) as (process, sink, receiver):
        moment(process, sink)
        assert outcomes(state_settings) == ("leased", [])
        finish(state_settings, receiver.url())
    assert_same(receiver)
    assert outcomes(state_settings) == ("delivered", ["unknown", "delivered"])


def test_who_stands_still_beyond_its_lease_sends_nothing_a_third_time(state_settings: Settings, tmp_path: Path) -> None:
    with delivering(state_settings, tmp_path) as (process, sink, receiver):
        process.send_signal(signal.SIGSTOP)
        finish(state_settings, receiver.url())
        sink.release.set()
        assert sink.answered.wait(WAIT_SECONDS)
        process.send_signal(signal.SIGCONT)
        until(lambda: len(outcomes(state_settings)[1]) == 3)
        time.sleep(0.5)  # should it want to send again, it would do so now
    assert_same(receiver)
    assert outcomes(state_settings) == ("delivered", ["unknown", "delivered", "delivered"])
