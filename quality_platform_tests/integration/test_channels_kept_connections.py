"""Connections that are kept: used again while they last, never trusted longer than that."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpcore
import pytest

from quality_platform.errors import DeliveryError
from quality_platform.notifications import connections
from quality_platform.notifications.http import post_json
from quality_platform.notifications.network import Network
from quality_platform_tests.data.certificates import certificate
from quality_platform_tests.data.lasting_receivers import ACCEPTED, lasting

ALLOWED = Network.allowing(["127.0.0.0/8", "::1/128"])


@pytest.fixture
def network() -> Iterator[Network]:
    made = replace(ALLOWED)
    yield made
    made.connections.sweep(everything=True)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may take seconds between two requests."""
    monkeypatch.setattr(connections, "IDLE_SECONDS", 60.0)


def has_ipv6_loopback() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def post(url: str, network: Network, count: int = 1) -> list[int]:
    return [post_json(url, b"{}", network).status for _ in range(count)]


def test_one_after_another_goes_over_one_connection(network: Network) -> None:
    with lasting() as server:
        assert post(server.url(), network, 5) == [200] * 5
    assert server.per_connection == [5]


def test_those_at_once_have_one_each_and_these_are_used_again(network: Network) -> None:
    with lasting() as server:
        for _ in range(3):
            threads = [threading.Thread(target=post, args=(server.url(), network, 4)) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    assert sum(server.per_connection) == 48
    assert len(server.connections) <= 4


def test_networks_do_not_share_connections(network: Network) -> None:
    other = replace(ALLOWED)
    with lasting() as server:
        post(server.url(), network)
        post(server.url(), other)
        other.connections.sweep(everything=True)
    assert server.per_connection == [1, 1]


@pytest.mark.parametrize("unasked", [0.0, 60.0], ids=["looked at", "found out by asking"])
def test_a_connection_that_was_closed_meanwhile_is_replaced(
    network: Network, monkeypatch: pytest.MonkeyPatch, unasked: float
) -> None:
    monkeypatch.setattr(connections, "UNASKED_SECONDS", unasked)
    with lasting(most=1) as server:
        for _ in range(3):
            assert post(server.url(), network) == [200]
            time.sleep(0.1)
    assert server.per_connection == [1, 1, 1]


def test_a_new_connection_without_an_answer_is_not_asked_twice(network: Network) -> None:
    with lasting(None) as server, pytest.raises(DeliveryError, match="cannot be reached"):
        post(server.url(), network)
    assert server.per_connection == [1]


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + b"x" * 5000,
        ACCEPTED + b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n",
    ],
    ids=["says so", "old", "cut", "surplus", "garbage"],
)
def test_after_an_answer_that_did_not_end_well_a_connection_is_not_used_again(network: Network, answer: bytes) -> None:
    with lasting(answer, ACCEPTED) as server:
        assert post(server.url(), network, 2) == [200, 200]
    assert server.per_connection == [1, 1]


def test_an_answer_that_nobody_asked_for_is_not_taken_for_the_next(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What arrives between two requests makes the connection useless, or it would be read as the next answer."""
    monkeypatch.setattr(connections, "UNASKED_SECONDS", 0.0)
    with lasting(ACCEPTED, b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n" + ACCEPTED, ACCEPTED) as server:
        assert post(server.url(), network) == [200]
        with pytest.raises(DeliveryError, match="answered 500"):
            post(server.url(), network)
        assert post(server.url(), network) == [200]
    assert server.per_connection == [2, 1]


def test_connections_that_are_old_or_idle_are_left(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    with lasting() as server:
        for name in ("IDLE_SECONDS", "LONGEST_SECONDS"):
            post(server.url(), network)
            monkeypatch.setattr(connections, name, 0.0)
            post(server.url(), network)
            monkeypatch.setattr(connections, name, 60.0)
    assert len(server.connections) == 3


def test_each_request_has_its_own_time(network: Network) -> None:
    short = replace(network, total_seconds=1.5)
    with lasting() as server:
        for _ in range(3):
            assert post(server.url(), short) == [200]
            time.sleep(0.7)
        short.connections.sweep(everything=True)
    assert server.per_connection == [3]


def test_a_name_that_moves_inside_is_refused_with_the_next_connection(network: Network) -> None:
    """DNS rebinding: the first answer may be reached, the second may not."""
    answers = iter([("127.0.0.1",), ("169.254.169.254",), ("10.0.0.1", "127.0.0.1")])
    moving = replace(network, resolve=lambda *_: next(answers))
    with lasting(most=2) as server:
        assert post(server.url("hooks.example.test"), moving, 2) == [200, 200]
        time.sleep(0.1)
        with pytest.raises(DeliveryError, match="no public address"):
            post(server.url("hooks.example.test"), moving)
        assert post(server.url("hooks.example.test"), moving) == [200]
        moving.connections.sweep(everything=True)
    assert server.per_connection == [2, 1]


@pytest.mark.skipif(not has_ipv6_loopback(), reason="this machine has no ::1")
def test_ipv6_only(network: Network) -> None:
    with lasting(host="::1") as server:
        assert post(server.url("[::1]"), network, 2) == [200, 200]
        named = replace(network, resolve=lambda *_: ("::1",))
        assert post(server.url("six.example.test"), named) == [200]
        named.connections.sweep(everything=True)
    assert server.connections[0][0].split(b"\r\n")[1] == f"Host: [::1]:{server.port}".encode()


def test_what_is_forgotten_is_closed() -> None:
    with lasting() as server:
        made = replace(ALLOWED)
        post(server.url(), made)
        kept = made.connections.take((False, "127.0.0.1", server.port))
        assert kept is not None
        made.connections.give((False, "127.0.0.1", server.port), kept)
        del made
        with pytest.raises(httpcore.WriteError, match="Bad file descriptor"):
            kept.stream.write(b"x")


def test_an_encrypted_connection_is_kept_too(tmp_path: Path, network: Network) -> None:
    """After the handshake servers send tickets that nobody asked for: no reason to hang up."""
    shown = certificate(tmp_path, "hooks.example.test")
    trusting = replace(network, resolve=lambda *_: ("127.0.0.1",), new_tls=shown.client)
    with lasting(tls=shown.server()) as server:
        url = server.url("hooks.example.test").replace("http:", "https:")
        assert post(url, trusting, 3) == [200] * 3
        trusting.connections.sweep(everything=True)
    assert server.per_connection == [3]
