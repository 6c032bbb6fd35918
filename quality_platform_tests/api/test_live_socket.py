"""The WebSocket, by a real client: who may, what comes, what is missed, who is too slow."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from quality_platform_tests.data.live import Live
from quality_platform_tests.data.waiting import WAIT_SECONDS


def opened(live: Live, **options: Any) -> ClientConnection:
    return connect(f"{live.base.replace('http', 'ws')}/api/v1/quality-monitoring/ws", **options)


@contextmanager
def entered(live: Live, **options: Any) -> Iterator[ClientConnection]:
    with opened(live, **options) as socket:
        socket.send(json.dumps({"type": "auth", "token": live.token()}))
        assert received(socket)["type"] == "ready"
        yield socket


def received(socket: ClientConnection, kind: str | None = None, seconds: float = WAIT_SECONDS) -> dict[str, Any]:
    """The next message, or the next of a kind."""
    end = time.monotonic() + seconds
    while True:
        message: dict[str, Any] = json.loads(socket.recv(timeout=max(0.1, end - time.monotonic())))
        if kind in (None, message["type"]):
            return message


def subscribe(socket: ClientConnection, **what: Any) -> dict[str, Any]:
    socket.send(json.dumps({"type": "subscribe", **what}))
    return received(socket, "subscribed")


def post(live: Live, project: str, *samples: dict[str, Any]) -> None:
    headers = {"Authorization": f"Bearer {live.key(project)['key']}"}
    answer = httpx.post(f"{live.base}/api/v1/ingest/metrics", json=list(samples), headers=headers)
    assert answer.status_code == 202


def closed_with(socket: ClientConnection) -> int | None:
    """Why the service ended the conversation."""
    try:
        while True:
            socket.recv(timeout=WAIT_SECONDS)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None


def test_values_and_alerts_come_to_who_looks_at_them(live: Live) -> None:
    with entered(live) as socket:
        subscribe(socket, projects=["seen"])
        post(live, "unseen", {"metric": "queue.depth", "value": 1})
        post(live, "seen", {"metric": "queue.depth", "value": 7, "labels": {"queue": "mail"}})

        update = received(socket, "quality_update")
        assert update["project"] == "seen"
        assert update["samples"][0] | {"observed_at": ""} == {
            "metric": "queue.depth", "subject": "seen", "labels": {"queue": "mail"}, "observed_at": "", "value": 7.0,
            "kind": "gauge",
        }  # fmt: skip
        post(live, "seen", {"metric": "queue.depth", "value": 700})
        alert = received(socket, "alert")
        assert (alert["event"], alert["severity"], alert["project"]) == ("fired", "critical", "seen")
        assert alert["seq"] > update["seq"]


def test_who_lost_the_connection_gets_what_it_missed(live: Live) -> None:
    with entered(live) as socket:
        told = subscribe(socket, projects=["away"])
        post(live, "away", {"metric": "m", "value": 1})
        last = received(socket, "quality_update")["seq"]
    post(live, "away", {"metric": "m", "value": 2})
    live.until("SELECT 1 FROM raw.metric_samples WHERE project = 'away'", 2)
    with entered(live) as socket:
        assert subscribe(socket, projects=["away"], stream=told["stream"], after=last)["gap"] is False
        assert received(socket, "quality_update")["samples"][0]["value"] == 2.0
        assert subscribe(socket, stream="another", after=1)["gap"] is True


def test_only_holders_of_a_token_look_on(live: Live) -> None:
    with opened(live) as socket:
        socket.send(json.dumps({"type": "auth", "token": "qpt_unknown"}))
        assert closed_with(socket) == 4401
    with opened(live) as socket:
        socket.send(json.dumps({"type": "subscribe"}))
        assert closed_with(socket) == 4401
    with opened(live) as socket:
        socket.send(json.dumps({"type": "auth", "token": live.key()["key"]}))
        assert closed_with(socket) in (4401, 4403)
    with opened(live) as socket:  # says nothing
        assert closed_with(socket) == 4401
    with opened(live, subprotocols=["quality-platform", f"bearer.{live.token()}"]) as socket:
        assert socket.subprotocol == "quality-platform"
        assert received(socket)["type"] == "ready"
    assert "bearer.qp" not in live.log.read_text()


def test_what_is_no_message_ends_the_conversation(live: Live) -> None:
    for text in ("{", '{"type": "shout"}', '{"type": "subscribe", "projects": "all"}', "[]"):
        with entered(live) as socket:
            socket.send(text)
            assert closed_with(socket) == 4400
    with entered(live) as socket:
        socket.send(json.dumps({"type": "ping"}))
        assert received(socket)["type"] == "pong"
