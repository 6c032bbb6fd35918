"""A hundred people who look on are told of an alert, each, and soon; ten thousand alerts at once are told, all of them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from quality_platform.alerting.delivery.frozen import thaw
from quality_platform.model.alerts import Series
from quality_platform.state.database import State
from quality_platform_tests.api.test_live_socket import opened, post, received, subscribe
from quality_platform_tests.data.alerting import CPU, plan, webhook
from quality_platform_tests.data.live import Live, serving
from quality_platform_tests.data.story import Story

CLIENTS, ALERTS, AT_ONCE = 100, 10_000, 500
SOON = 1.0
"""Seconds from the value to the last of the clients."""


@pytest.fixture
def crowded(tmp_path: Path) -> Iterator[Live]:
    (tmp_path / "quality.yaml").write_text(
        "rules:\n  - {name: deep, metric_name: queue.depth, operator: above, critical_threshold: 100}\n"
    )
    with serving(tmp_path, config=tmp_path / "quality.yaml") as live:
        yield live


@pytest.mark.soak
def test_a_hundred_clients_see_an_alert(crowded: Live) -> None:
    token = crowded.token()
    with ExitStack() as sockets:
        clients = [sockets.enter_context(opened(crowded)) for _ in range(CLIENTS)]
        for client in clients:
            client.send(json.dumps({"type": "auth", "token": token}))
            assert received(client)["type"] == "ready"
            subscribe(client, projects=["shop"])
        post(crowded, "shop", {"metric": "queue.depth", "value": 1})
        for client in clients:
            received(client, "quality_update")
        started = time.monotonic()
        post(crowded, "shop", {"metric": "queue.depth", "value": 500})
        told = [received(client, "alert") for client in clients]
        took = time.monotonic() - started
        print(f"\n{CLIENTS} clients told after {took:.2f} s")
    assert took < SOON
    assert {(each["event"], each["project"]) for each in told} == {("fired", "shop")}


@pytest.mark.soak
def test_a_storm_loses_nothing_and_tells_what_is_critical_first(state_on_sqlite: State) -> None:
    story = Story(state_on_sqlite, plan([], [webhook("all")]))
    hosts = [Series(CPU, "shop", f"host-{number:05}") for number in range(ALERTS)]
    started = time.monotonic()
    for first in range(0, ALERTS, AT_ONCE):
        story.play("critical" if first == 0 else "warning", series=hosts[first : first + AT_ONCE])
        if first == 0:
            print(f"\n{AT_ONCE} critical alerts in the outbox after {time.monotonic() - started:.2f} s")
        story.wait(seconds=-0.95)
    story.tick(seconds=2)
    print(f"{ALERTS} alerts in {len(story.sent())} messages after {time.monotonic() - started:.2f} s")
    told = [
        alert["subject"]
        for row in story.outbox()
        for alert in thaw(row.payload, row.message_id, row.created_at).payload["alerts"]  # type: ignore[attr-defined]
    ]
    assert sorted(told) == sorted(host.subject for host in hosts)
    assert {row.severity for row in story.outbox()[: AT_ONCE // 50]} == {"critical"}
