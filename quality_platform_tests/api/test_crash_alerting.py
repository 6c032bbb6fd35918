"""kill -9 of the whole live service between value and message: nobody misses a start or an end, nothing has two names."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import httpx
import orjson
import pytest
import yaml

from quality_platform_tests.data.live import Live, serving
from quality_platform_tests.data.receivers import answering, receiving

RULE = {"name": "deep", "metric_name": "queue.depth", "operator": "above", "warning_threshold": 100}
WAIT_SECONDS = 90.0


@dataclass
class Sink:
    """A receiver that can be out of order; what it accepted, by message id."""

    down: bool = False
    told: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """By message id, the (news, subject) of every time that it came."""

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        answering(503 if self.down else 204)(handler)

    def note(self, message_id: str, body: bytes) -> None:
        alerts = orjson.loads(body)["data"]["alerts"]
        self.told.setdefault(message_id, []).extend((alert["news"], alert["subject"]) for alert in alerts)

    def of(self, news: str) -> list[str]:
        """Subjects that this was said of, once for each message id."""
        return [subject for said in self.told.values() for kind, subject in set(said) if kind == news]


@dataclass
class Scene:
    live: Live
    sink: Sink

    def post(self, subject: str, value: float) -> None:
        """Until it is accepted: what was answered must not be lost, what was not is sent again, as clients do."""
        end = time.monotonic() + WAIT_SECONDS
        key = self.key
        while time.monotonic() < end:
            try:
                answer = httpx.post(
                    f"{self.live.base}/api/v1/ingest/metrics", headers={"Authorization": f"Bearer {key}"},
                    json={"metric": "queue.depth", "subject": subject, "value": value}, timeout=10,
                )  # fmt: skip
            except httpx.TransportError:
                time.sleep(0.1)
                continue
            if answer.status_code == 202:
                return
        raise AssertionError(self.live.log.read_text()[-3000:])

    key: str = ""

    def until(self, news: str, subjects: set[str]) -> None:
        end = time.monotonic() + WAIT_SECONDS
        while not subjects <= set(self.sink.of(news)) and time.monotonic() < end:
            time.sleep(0.1)
        missing = subjects - set(self.sink.of(news))
        assert not missing, f"{news}: {missing}\n{self.live.log.read_text()[-3000:]}"


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    sink = Sink()

    def behave(handler: BaseHTTPRequestHandler) -> None:
        if not sink.down:
            sink.note(handler.headers["webhook-id"], receiver.requests[-1].body)
        sink(handler)

    config = tmp_path / "quality.yaml"
    with receiving(behave) as receiver:
        hook = {"name": "hook", "channel_type": "webhook", "configuration": {"url": receiver.url()}}
        config.write_text(yaml.safe_dump({"rules": [RULE], "channels": [hook]}))
        with serving(tmp_path, config=config, webhook_allow_cidrs=("127.0.0.0/8",)) as live:
            yield Scene(live, sink, live.key("shop")["key"])


def stormy(scene: Scene, kills: int) -> None:
    """Each value may be the last before a kill."""
    chance = random.Random(20260302)
    names = {f"host-{number:02}" for number in range(kills)}
    for name in sorted(names):
        scene.post(name, 200)
        time.sleep(chance.uniform(0, 4.0))  # a drain needs a second or two to begin
        scene.live.kill()
        scene.live.start()
    for name in sorted(names):
        scene.post(name, 1)
    scene.until("resolved", names)
    said = scene.sink.told.values()
    assert all(len(set(each)) * each.count(each[0]) == len(each) for each in said), "a name stands for one message"
    ends = scene.sink.of("resolved")
    assert sorted(ends) == sorted(names), "every end is told once"
    again = sum(len(each) > len(set(each)) for each in said)
    print(
        f"\n{kills} kills: {len(ends)} of {kills} ends told, {again} of {len(said)} messages came again by the same id"
    )


def test_killed_between_value_and_message(scene: Scene) -> None:
    stormy(scene, 2)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_killed_fifty_times(scene: Scene) -> None:
    stormy(scene, 50)


def test_what_fires_and_clears_while_nobody_listens_is_told(scene: Scene) -> None:
    names = {f"host-{number:02}" for number in range(50)}
    scene.sink.down = True
    for value in (200, 1):
        for name in sorted(names):
            scene.post(name, value)
        time.sleep(1.0)
    scene.live.kill()
    scene.live.start()
    scene.sink.down = False
    scene.until("resolved", names)
    assert sorted(scene.sink.of("resolved")) == sorted(names)


def test_a_silence_is_there_at_once_after_a_kill(scene: Scene) -> None:
    headers = {"Authorization": f"Bearer {scene.live.token('editor')}"}
    now = datetime.now(UTC)
    silence = {
        "matchers": ['rule="deep"'], "starts_at": now.isoformat(), "ends_at": (now + timedelta(hours=1)).isoformat(),
        "comment": "maintenance",
    }  # fmt: skip
    url = f"{scene.live.base}/api/v1/quality-monitoring/silences"
    made = httpx.post(url, json=silence, headers=headers)
    scene.live.kill()
    assert made.status_code == 201, made.text
    scene.live.start()
    found = httpx.get(url, headers=headers).json()
    assert made.json()["id"] in str(found)
    scene.post("host-00", 200)
    with closing(httpx.Client(headers=headers)) as client:
        end = time.monotonic() + WAIT_SECONDS
        while not (alerts := client.get(f"{scene.live.base}/api/v1/quality-monitoring/alerts").json()["alerts"]):
            assert time.monotonic() < end, scene.live.log.read_text()[-3000:]
            time.sleep(0.1)
    assert alerts[0]["silenced_by"] == [made.json()["id"]]
    assert scene.sink.told == {}
