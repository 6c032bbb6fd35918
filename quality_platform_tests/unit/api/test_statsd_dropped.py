"""The kernel's own count of what a socket had no room for."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import closing

import pytest

from quality_platform.api.ingest.statsd.dropped import Dropped


@pytest.fixture
def receiver() -> Iterator[socket.socket]:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as found:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        found.bind(("127.0.0.1", 0))
        yield found


@pytest.mark.skipif(sys.platform != "linux", reason="no other system tells")
def test_what_nobody_read_is_counted_once(receiver: socket.socket) -> None:
    dropped = Dropped(receiver.fileno())
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as sender:
        for _ in range(500):
            sender.sendto(b"a:1|c", receiver.getsockname())
    receiver.setblocking(False)
    read = 0
    while True:
        try:
            receiver.recv(100)
        except BlockingIOError:
            break
        read += 1

    assert read < 500
    assert dropped.since_last(at_once=True) == 500 - read
    assert dropped.since_last(at_once=True) == 0


def test_without_a_socket_nothing_is_dropped() -> None:
    assert Dropped().since_last(at_once=True) == 0
