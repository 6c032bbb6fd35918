"""The ordinary path and its accidents: real lake, real state on both databases, a real receiver, real kills."""

from __future__ import annotations

import base64
import json
import multiprocessing
import os
import signal
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

from standardwebhooks import Webhook

from quality_platform.alerting.delivery.dead_letters import dead_letters, replay
from quality_platform.alerting.delivery.deliver import deliver_due
from quality_platform.alerting.delivery.senders import build_senders
from quality_platform.alerting.delivery.trial import send_test
from quality_platform.alerting.evaluate import evaluate_thresholds
from quality_platform.alerting.notices import outbox as posting
from quality_platform.alerting.plan import Plan
from quality_platform.alerting.publish import publish
from quality_platform.model.message import Message
from quality_platform.model.rules import ThresholdRule
from quality_platform.notifications.delivery import Sender
from quality_platform.notifications.network import Network
from quality_platform.settings import Settings
from quality_platform.state.database import State
from quality_platform.state.models import OutboxRow
from quality_platform.warehouse.lake import Lake
from quality_platform_tests.data.alerting import (
    COVERAGE,
    NOON,
    Answers,
    attempts,
    minutes,
    plan,
    plant,
    wait_for,
    webhook,
)
from quality_platform_tests.data.receivers import Receiver, receiving

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
LATER = timedelta(seconds=61)


def low_coverage(project: str) -> ThresholdRule:
    return ThresholdRule(
        name="low", metric_name="code_coverage", warning_threshold=70, critical_threshold=50, project_id=project
    )


def hook(url: str) -> dict[str, Sender]:
    return senders(plan([], [webhook("hook", url)]))


def senders(used: Plan) -> dict[str, Sender]:
    return build_senders(used, Network.allowing(["127.0.0.0/8"]), lambda name: SECRET if name == "SECRET" else None)


def post(state: State, count: int = 1, now: datetime = NOON) -> list[str]:
    reports = [Message(f"Report {n}", "", "good") for n in range(count)]
    return list(posting.post(state, [row for each in reports for row in posting.report_rows(each, (), ["hook"], now)]))


def ids(receiver: Receiver) -> list[str]:
    return [request.headers["webhook-id"] for request in receiver.requests]


def bodies(receiver: Receiver) -> list[Any]:
    return [json.loads(request.body) for request in receiver.requests]


def test_a_planted_drop_arrives_once_and_resolves_once(state: State, observed_lake: Lake) -> None:
    project = f"shop-{state.engine.dialect.name}"
    with receiving(Answers()) as receiver:
        channel = webhook("hook", configuration={"url": receiver.url(), "signing_secret": "env:SECRET"})
        used = plan([low_coverage(project)], [channel])
        ready = senders(used)
        for at, value in enumerate((81.0, 80.0, 45.0, 44.0, 79.0, 80.0)):
            plant(observed_lake, project, [(NOON + minutes(at), value)], metric=COVERAGE, subject=project)
            for _ in range(2):
                evaluate_thresholds(state, observed_lake, used, NOON + minutes(at))
                deliver_due(state, ready, NOON + minutes(at))
    fired, over = bodies(receiver)
    for request in receiver.requests:
        Webhook(SECRET).verify(request.body, request.headers)
    assert (fired["type"], over["type"]) == ("alert.firing", "alert.resolved")
    assert fired["data"]["id"] == over["data"]["id"]
    assert {key: fired["data"][key] for key in ("project_id", "severity", "current_value", "threshold_value")} == {
        "project_id": project, "severity": "critical", "current_value": 45.0, "threshold_value": 50.0,
    }  # fmt: skip
    assert fired["data"]["message"] == f"Test coverage of {project}: 45% is below 50%."
    assert (over["data"]["current_value"], over["data"]["status"]) == (79.0, "resolved")
    assert publish(state, observed_lake, NOON) == 2
    kinds = observed_lake.read("SELECT kind FROM raw.alert_events WHERE project = ? ORDER BY event_time", [project])
    assert kinds.column("kind").to_pylist() == ["fired", "resolved"]


def test_what_fired_and_cleared_while_the_receiver_was_down_arrives_in_order(state: State, observed_lake: Lake) -> None:
    project = f"bank-{state.engine.dialect.name}"
    results = []
    with receiving(answers := Answers(statuses=(0,))) as receiver:
        used = plan([low_coverage(project)], [webhook("hook", receiver.url())])
        for at, value in enumerate((80.0, 45.0, 81.0)):
            plant(observed_lake, project, [(NOON + minutes(at), value)], metric=COVERAGE)
            evaluate_thresholds(state, observed_lake, used, NOON + minutes(at))
            results.append(deliver_due(state, senders(used), NOON + minutes(at)))
        answers.statuses = (204,)
        results.append(deliver_due(state, senders(used), NOON + minutes(10)))
    assert [(result.delivered, result.retried) for result in results] == [(0, 0), (0, 1), (0, 1), (2, 0)]
    assert [body["type"] for body in bodies(receiver)] == ["alert.firing"] * 3 + ["alert.resolved"]


def test_a_receiver_that_fails_twice_gets_the_message_once(state_on_sqlite: State) -> None:
    post(state_on_sqlite)
    with receiving(Answers(statuses=(503, 500, 204))) as receiver:
        for at in range(5):
            deliver_due(state_on_sqlite, hook(receiver.url()), NOON + minutes(at))
    assert len(receiver.requests) == 3
    assert len(set(ids(receiver))) == 1
    assert len({request.body for request in receiver.requests}) == 1


def test_a_receiver_that_never_recovers_leaves_a_dead_letter_that_can_be_replayed(state: State) -> None:
    (message_id,) = post(state)
    with receiving(Answers(statuses=(500, 500, 500, 204))) as receiver:
        times = (NOON, NOON + minutes(5), NOON + timedelta(days=1))
        results = [deliver_due(state, hook(receiver.url()), at) for at in times]
        assert [(result.retried, result.dead) for result in results] == [(1, 0), (1, 0), (0, 1)]
        (letter,) = dead_letters(state)
        assert (letter.message_id, letter.last_status) == (message_id, 500)
        assert letter.last_error == "127.0.0.1 answered 500."
        assert replay(state, NOON + timedelta(days=2), actor="cli ann") == 1
        assert deliver_due(state, hook(receiver.url()), NOON + timedelta(days=2)).delivered == 1
    assert set(ids(receiver)) == {message_id}


def test_a_channel_can_be_tried(state_on_sqlite: State) -> None:
    with receiving(Answers(statuses=(204, 404))) as receiver:
        trials = [send_test(state_on_sqlite, hook(receiver.url()), "hook", NOON, actor="cli ann") for _ in range(2)]
    assert [(trial.delivered, trial.status) for trial in trials] == [(True, 204), (False, 404)]


def test_a_channel_whose_secret_is_missing_fails_alone_and_says_so(state_on_sqlite: State) -> None:
    with receiving(Answers()) as receiver:
        used = plan([], [webhook("hook", "env:MISSING"), webhook("other", receiver.url())])
        posting.post(state_on_sqlite, posting.report_rows(Message("Report", "", "good"), (), ["hook", "other"], NOON))
        result = deliver_due(state_on_sqlite, senders(used), NOON)
    assert (result.delivered, result.retried) == (1, 1)
    with state_on_sqlite.read() as session:
        error = session.query(OutboxRow.last_error).filter_by(channel="hook").scalar()
    assert error.startswith("Channel hook: url refers to MISSING, which is not set.")


def _deliver_for_ever(settings: Settings, url: str) -> None:
    state, ready = State(settings), hook(url)
    while True:
        deliver_due(state, ready, datetime.now(UTC))
        time.sleep(0.01)


def _start(settings: Settings, url: str) -> multiprocessing.process.BaseProcess:
    process = multiprocessing.get_context("spawn").Process(target=_deliver_for_ever, args=(settings, url), daemon=True)
    process.start()
    return process


def _kill(process: multiprocessing.process.BaseProcess) -> None:
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    process.close()


def test_a_message_in_flight_when_its_process_is_killed_arrives_under_the_same_id(state_settings: Settings) -> None:
    with closing(State(state_settings)) as state, receiving(answers := Answers(delay=60)) as receiver:
        (message_id,) = post(state, now=datetime.now(UTC))
        process = _start(state_settings, receiver.url())
        wait_for(receiver, 1)
        _kill(process)
        answers.delay = 0
        assert deliver_due(state, hook(receiver.url()), datetime.now(UTC)).delivered == 0
        assert deliver_due(state, hook(receiver.url()), datetime.now(UTC) + LATER).delivered == 1
        assert attempts(state, message_id) == [(1, "unknown", None), (2, "delivered", 204)]
    assert ids(receiver) == [message_id] * 2
    assert receiver.requests[0].body == receiver.requests[1].body
