"""A process that fills the outbox and delivers it is killed at random: nothing is lost, and what comes twice was in flight.

Every alert that fired is resolved at its receiver, in that order. A few kills here, fifty with `make soak`.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from quality_platform.alerting.delivery.deliver import deliver_due
from quality_platform.alerting.delivery.line import LEASE
from quality_platform.alerting.delivery.senders import PARALLEL, build_senders
from quality_platform.alerting.delivery.turn import DEPTH
from quality_platform.notifications.network import Network
from quality_platform.settings import Settings
from quality_platform.state.database import State
from quality_platform.state.models import DeliveryRow, OutboxRow
from quality_platform_tests.data.alerting import Answers, plan, webhook
from quality_platform_tests.data.receivers import Receiver, receiving

WORKER = Path(__file__).with_name("delivery_worker.py")
IN_FLIGHT = PARALLEL["webhook"] * DEPTH


def start(settings: Settings, folder: Path, url: str, number: int, alerts: int = 400) -> subprocess.Popen[bytes]:
    environment = {**os.environ, **settings.environment(), "QUALITY_PLATFORM_WEBHOOK_ALLOW_CIDRS": '["127.0.0.0/8"]'}
    arguments = [sys.executable, str(WORKER), url, str(folder / "committed"), f"p{number}", str(alerts)]
    with (folder / "errors").open("ab") as errors:
        return subprocess.Popen(arguments, env=environment, stderr=errors)


def kill_often(settings: Settings, folder: Path, receiver: Receiver, kills: int, chance: random.Random) -> None:
    for number in range(kills):
        seen, process = len(receiver.requests), start(settings, folder, receiver.url(), number)
        try:
            end = time.monotonic() + 60
            while len(receiver.requests) < seen + 10:
                assert process.poll() is None, (folder / "errors").read_text()
                assert time.monotonic() < end, "it does not deliver"
                time.sleep(0.01)
            time.sleep(chance.random())
        finally:
            process.kill()
            process.wait()


def finish(settings: Settings, url: str) -> list[OutboxRow]:
    """What is left is delivered by another process, after the leases of the dead."""
    senders = build_senders(plan([], [webhook("hook", url)]), Network.allowing(["127.0.0.0/8"]), lambda _name: None)
    with closing(State(settings)) as state:
        later = datetime.now(UTC) + LEASE + timedelta(seconds=1)
        while deliver_due(state, senders, later, 60.0).delivered:
            later += LEASE
        with state.read() as session:
            unknown = session.query(DeliveryRow).filter_by(outcome="unknown").count()
            print(f"{unknown} attempts of which nobody could tell")
            return session.query(OutboxRow).all()


def check(arrived: Sequence[str], committed: Sequence[str], rows: Sequence[OutboxRow], kills: int) -> None:
    stored = {row.message_id for row in rows}
    assert set(committed) <= stored, "a message that was committed is lost"
    assert set(arrived) == stored, "not every message arrived"
    assert {row.state for row in rows} == {"delivered"}
    repeats = len(arrived) - len(stored)
    print(f"{kills} kills, {len(stored)} messages, {repeats} repeats")
    assert repeats <= kills * IN_FLIGHT
    assert max(Counter(arrived).values()) <= kills + 1
    for row in rows:
        if row.kind == "resolved":
            fired = row.message_id.replace("resolved", "firing")
            assert arrived.index(fired) < arrived.index(row.message_id)


def run(settings: Settings, folder: Path, kills: int) -> None:
    chance = random.Random(int(os.environ.get("CRASH_SEED", "7")))
    with receiving(Answers(delay=0.005)) as receiver:
        kill_often(settings, folder, receiver, kills, chance)
        rows = finish(settings, receiver.url())
        arrived = [request.headers["webhook-id"] for request in receiver.requests]
    bodies = {(request.headers["webhook-id"], request.body) for request in receiver.requests}
    assert len(bodies) == len(set(arrived)), "a repeat says something else"
    check(arrived, (folder / "committed").read_text().split(), rows, kills)


def test_nothing_is_lost_over_kills(state_settings: Settings, tmp_path: Path) -> None:
    run(state_settings, tmp_path, 3)


@pytest.mark.soak
@pytest.mark.parametrize("state_settings", ["sqlite"], indirect=True)
def test_nothing_is_lost_over_fifty_kills(state_settings: Settings, tmp_path: Path) -> None:
    run(state_settings, tmp_path, 50)
