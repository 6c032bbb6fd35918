"""From a posted value to a delivered alert in seconds, in the live service alone; rules change without a restart."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
import orjson
import pytest
import yaml

from quality_platform.alerting import monitoring
from quality_platform.state.database import State
from quality_platform_tests.data.alerting import events, wait_for
from quality_platform_tests.data.live import Live, serving
from quality_platform_tests.data.receivers import Receiver, answering, receiving
from quality_platform_tests.data.waiting import until


@dataclass
class Watched:
    """A live service with a rule on `queue.depth` and a webhook."""

    live: Live
    receiver: Receiver
    config: Path
    keys: dict[str, str] = field(default_factory=dict)

    def configure(self, *rules: dict[str, object]) -> None:
        channel = {"name": "hook", "channel_type": "webhook", "configuration": {"url": self.receiver.url()}}
        self.config.write_text(yaml.safe_dump({"rules": list(rules), "channels": [channel]}))

    def post(self, project: str, value: float, metric: str = "queue.depth") -> None:
        if project not in self.keys:  # the service looks for unknown ones twice a second
            self.keys[project] = self.live.key(project)["key"]
        headers = {"Authorization": f"Bearer {self.keys[project]}"}
        answer = httpx.post(
            f"{self.live.base}/api/v1/ingest/metrics", json={"metric": metric, "value": value}, headers=headers
        )
        assert answer.status_code == 202, answer.text

    def told(self, count: int, project: str) -> list[dict[str, object]]:
        """What the receiver was told about a project, once there is so much of it."""
        until(lambda: len(self.about(project)) >= count, lambda: self.live.log.read_text()[-3000:])
        return self.about(project)

    def about(self, project: str) -> list[dict[str, object]]:
        """What the receiver was told about a project until now."""
        bodies = [orjson.loads(request.body) for request in list(self.receiver.requests)]
        data = [body.get("data", body) for body in bodies]
        return [each for each in data if each.get("project_id") == project]


RULE = {"name": "deep", "metric_name": "queue.depth", "operator": "above", "warning_threshold": 100}


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    folder = tmp_path_factory.mktemp("alerts")
    config = folder / "quality.yaml"
    config.write_text("{}")
    with (
        receiving(answering(204)) as receiver,
        serving(folder, config=config, webhook_allow_cidrs=("127.0.0.0/8",)) as live,
    ):
        found = Watched(live, receiver, config)
        found.configure(RULE)
        yield found


def test_an_alert_arrives_soon_after_the_value(watched: Watched) -> None:
    watched.post("quick", 10)
    watched.live.until("SELECT 1 FROM raw.metric_samples WHERE project = 'quick'")
    time.sleep(1.0)
    taken = []
    for value, count in ((200.0, 1), (10.0, 2), (300.0, 3)):
        started = time.monotonic()
        watched.post("quick", value)
        found = watched.told(count, "quick")
        taken.append(time.monotonic() - started)

    print(f"\nvalue to delivered alert: {', '.join(f'{seconds:.2f} s' for seconds in taken)}")
    assert [each["event"] for each in found] == ["fired", "resolved", "reopened"]
    assert found[0]["current_value"] == 200.0


def test_a_new_rule_counts_without_a_restart(watched: Watched) -> None:
    watched.post("later", 5, "disk.left")
    watched.configure(RULE, {**RULE, "name": "left", "metric_name": "disk.left", "operator": "below"})

    # the file is looked at once a second
    until(lambda: watched.post("later", 4, "disk.left") or watched.about("later"))

    assert watched.told(1, "later")[0]["rule"] == "left"


def test_stopped_monitoring_tells_nothing(watched: Watched) -> None:
    watched.post("stopped", 1)
    with closing(State(watched.live.settings)) as state:
        monitoring.set_running(state, False, "test", datetime.now(UTC))
        time.sleep(1.2)
        watched.post("stopped", 500)
        watched.live.until("SELECT 1 FROM raw.metric_samples WHERE project = 'stopped'", 2)
        time.sleep(1.0)
        assert not [each for each in events(state) if each.project == "stopped"]

        monitoring.set_running(state, True, "test", datetime.now(UTC))
        time.sleep(1.2)
        watched.post("stopped", 501)

        assert watched.told(1, "stopped")[0]["event"] == "fired"


def test_what_a_dead_drain_left_is_judged_by_the_next(watched: Watched) -> None:
    watched.post("dead", 1)
    watched.live.until("SELECT 1 FROM raw.metric_samples WHERE project = 'dead'")
    watched.live.kill()
    watched.live.start()

    watched.post("dead", 500)

    assert [each["event"] for each in watched.told(1, "dead")] == ["fired"]
    wait_for(watched.receiver, 1)
