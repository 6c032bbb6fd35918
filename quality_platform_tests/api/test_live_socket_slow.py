"""A client of the WebSocket that does not read, over real connections with small buffers: it is sent away, told why, and
costs the others nothing."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from quality_platform.access import tokens
from quality_platform.api.live import looking
from quality_platform.api.live.looking import TOO_SLOW, Looking
from quality_platform.api.live.updates import Updates
from quality_platform.api.security.bearer import Gate
from quality_platform.state.database import State
from quality_platform_tests.data.alerting import NOON
from quality_platform_tests.data.waiting import WAIT_SECONDS, until

ALERT = {"project": "shop", "metric": "m", "message": "x" * 1000}


@contextmanager
def serving_updates(updates: Updates, gate: Gate) -> Iterator[int]:
    """A server of the conversation alone; its port."""

    async def look(client: WebSocket) -> None:
        await Looking(client, gate, updates).run()

    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)  # a kernel's buffers hide megabytes
    app = Starlette(routes=[WebSocketRoute("/", look)])
    server = uvicorn.Server(uvicorn.Config(app, ws="websockets-sansio", log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(WAIT_SECONDS)
        listener.close()


def _subscribed(client: ClientConnection, token: str) -> None:
    client.send(json.dumps({"type": "auth", "token": token}))
    client.send(json.dumps({"type": "subscribe"}))
    while json.loads(client.recv(timeout=WAIT_SECONDS))["type"] != "subscribed":
        pass


def test_who_reads_too_slowly_is_sent_away_and_holds_up_nobody(
    state_on_sqlite: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "SEND_SECONDS", 2.0)
    token = tokens.create(state_on_sqlite, "test", "viewer", NOON, actor="test").token
    updates = Updates(lambda wanted: None)
    with serving_updates(updates, Gate(state_on_sqlite)) as port:
        narrow = socket.socket()
        narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        narrow.connect(("127.0.0.1", port))
        with (
            connect(f"ws://127.0.0.1:{port}") as quick,
            connect("ws://127.0.0.1", sock=narrow, max_queue=1, compression=None) as slow,
        ):
            _subscribed(quick, token)
            _subscribed(slow, token)
            for _ in range(20):
                updates.alerts([ALERT] * 50)
                for _ in range(50):
                    quick.recv(timeout=WAIT_SECONDS)
            until(lambda: len(updates) == 1)

            updates.alerts([ALERT])
            assert json.loads(quick.recv(timeout=WAIT_SECONDS))["seq"] == 1001
            with pytest.raises(ConnectionClosed) as closed:
                _read_on(slow)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == TOO_SLOW
            assert "after" in closed.value.rcvd.reason


def _read_on(client: ClientConnection) -> None:
    while True:
        client.recv(timeout=WAIT_SECONDS)
