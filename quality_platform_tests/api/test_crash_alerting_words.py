"""What people say over HTTP is there after a kill right behind the answer; an orderly end loses no message under way."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import httpx
import orjson
import pytest
import yaml

from quality_platform.state.database import State
from quality_platform.state.models import OutboxRow
from quality_platform_tests.data.asking import Asking
from quality_platform_tests.data.live import Live, serving
from quality_platform_tests.data.receivers import answering, receiving
from quality_platform_tests.data.waiting import WAIT_SECONDS, until

RULE = {"name": "wide", "metric_name": "queue.width", "operator": "above", "warning_threshold": 100}
DEEP = {
    "name": "deep", "metric_name": "queue.depth", "operator": "above", "warning_threshold": 100,
    "group_by": ["subject"],
}  # fmt: skip
SUBJECTS = {f"host-{number:02}" for number in range(30)}


@dataclass
class Sink:
    """A receiver that answers nobody until the gate is open."""

    gate: threading.Event = field(default_factory=threading.Event)
    told: list[tuple[str, bytes, str]] = field(default_factory=list)
    """Id, body and subject of what was accepted."""

    def accept(self, message_id: str, body: bytes) -> None:
        self.told += [(message_id, body, alert["subject"]) for alert in orjson.loads(body)["data"]["alerts"]]

    @property
    def subjects(self) -> set[str]:
        return {subject for _, _, subject in self.told}


@dataclass
class Scene:
    live: Live
    sink: Sink
    arrived: Callable[[], int]


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    sink = Sink()

    def behave(handler: BaseHTTPRequestHandler) -> None:
        message_id = handler.headers["webhook-id"]
        body = next(each.body for each in receiver.requests if each.headers["webhook-id"] == message_id)
        sink.gate.wait(WAIT_SECONDS)
        answering(204)(handler)
        sink.accept(message_id, body)

    config = tmp_path / "quality.yaml"
    with receiving(behave) as receiver:
        hook = {"name": "hook", "channel_type": "webhook", "configuration": {"url": receiver.url()}}
        config.write_text(yaml.safe_dump({"rules": [DEEP], "channels": [hook]}))
        with serving(tmp_path, config=config, webhook_allow_cidrs=("127.0.0.0/8",)) as live:
            yield Scene(live, sink, lambda: len(receiver.requests))
        sink.gate.set()


def test_what_was_answered_is_there_after_a_kill(scene: Scene) -> None:
    live, editor = scene.live, Asking(scene.live, "editor")
    scene.sink.gate.set()
    pushed = editor("POST", "/alerts", {"project_id": "shop", "message": "the tills are down", "rule": "tills"})
    assert pushed.status_code == 201, pushed.text
    alert = f"/alerts/{pushed.json()['id']}"
    until_then = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    asked = {
        f"{alert}/acknowledge": {"note": "on my way"},
        f"{alert}/comment": {"text": "the switch again"},
        f"{alert}/assign": {"assignee": "ann"},
        f"{alert}/snooze": {"until": until_then},
        "/rules": RULE,
        "/silences": {"matchers": ['rule="other"'], "ends_at": until_then, "comment": "maintenance",
                      "starts_at": datetime.now(UTC).isoformat()},
    }  # fmt: skip
    with ThreadPoolExecutor(len(asked)) as pool:
        answers = list(pool.map(lambda each: editor("POST", *each), asked.items()))
    live.kill()
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 201, 201], [a.text for a in answers]

    live.start()
    found = editor.get(alert)
    assert (found["status"], found["assignee"], found["rule"]) == ("acknowledged", "ann", "tills")
    assert datetime.fromisoformat(found["snoozed_until"]) == datetime.fromisoformat(until_then)
    assert answers[-1].json()["id"] in str(editor.get("/silences"))
    rule = editor.get("/rules/wide")
    assert (rule["source"], rule["in_force"], rule["version"]) == ("api", True, 1)
    assert {name: rule[name] for name in RULE} == RULE
    measure(live, live.key("shop")["key"], "queue.width", "till")
    until(
        lambda: [each for each in editor.get("/alerts")["alerts"] if each["rule"] == "wide"],
        lambda: live.log.read_text()[-3000:],
    )


def measure(live: Live, key: str, metric: str, *subjects: str) -> None:
    for subject in subjects:
        answer = httpx.post(
            f"{live.base}/api/v1/ingest/metrics", headers={"Authorization": f"Bearer {key}"}, timeout=WAIT_SECONDS,
            json={"metric": metric, "subject": subject, "value": 200},
        )  # fmt: skip
        assert answer.status_code == 202, answer.text


def outbox(live: Live) -> dict[str, str]:
    """States of the messages by id."""
    with closing(State(live.settings)) as state, state.read() as session:
        return {row.message_id: row.state for row in session.query(OutboxRow)}


def test_an_orderly_end_finishes_what_is_under_way_and_keeps_the_rest(scene: Scene) -> None:
    live, sink = scene.live, scene.sink
    measure(live, live.key("shop")["key"], "queue.depth", *sorted(SUBJECTS))
    until(lambda: scene.arrived() > 0 and len(outbox(live)) == len(SUBJECTS), lambda: live.log.read_text()[-3000:])
    assert "delivered" not in outbox(live).values()
    opening = threading.Timer(0.3, sink.gate.set)
    opening.start()
    live.stop()
    under_way = scene.arrived()
    opening.join()

    kept = outbox(live)
    assert len(kept) == len(SUBJECTS)
    told = {message_id for message_id, _, _ in sink.told}
    assert {name for name, state in kept.items() if state == "delivered"} <= told
    live.start()
    until(lambda: sink.subjects == SUBJECTS, lambda: live.log.read_text()[-3000:])
    until(lambda: set(outbox(live).values()) == {"delivered"}, lambda: outbox(live))
    again = Counter(message_id for message_id, _, _ in sink.told)
    assert set(again) == set(kept)
    assert len({(message_id, body) for message_id, body, _ in sink.told}) == len(kept), "a repeat says the same"
    assert again.total() - len(kept) <= under_way, "only what was under way may come again"
