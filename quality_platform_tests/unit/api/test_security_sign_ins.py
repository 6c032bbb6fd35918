"""Sign-ins that fail: limited by network, audited in sums, never with an address."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from quality_platform.access import trail
from quality_platform.api.security import sign_ins
from quality_platform.api.security.sign_ins import SignIns, network_of
from quality_platform.state.database import State

NOW = datetime(2026, 5, 4, tzinfo=UTC)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("address", "network"),
    [("203.0.113.77", "203.0.113.0/24"), ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"), ("127.0.0.1", "127.0.0.1"),
     ("::1", "::1"), ("testclient", "testclient"), ("", "unknown"), ("x" * 500, "x" * 100)],
)  # fmt: skip
def test_a_network_stands_for_its_addresses(address: str, network: str) -> None:
    assert network_of(address) == network


def test_one_row_a_minute_and_network_says_how_many_failed(state_on_sqlite: State) -> None:
    clock = Clock()
    failed = SignIns(clock)
    for address in ("203.0.113.7", "203.0.113.8", "198.51.100.1"):
        failed.failed(address, "unknown token")
    failed.note(state_on_sqlite, NOW)
    failed.failed("203.0.113.9", "expired")
    failed.note(state_on_sqlite, NOW)
    assert len(trail.changes(state_on_sqlite)) == 2
    clock.now = 60
    failed.note(state_on_sqlite, NOW)
    failed.note(state_on_sqlite, NOW, at_once=True)

    found = {(each.actor, each.details["reason"], each.details["times"]) for each in trail.changes(state_on_sqlite)}
    assert found == {
        ("203.0.113.0/24", "unknown token", 2), ("198.51.100.0/24", "unknown token", 1),
        ("203.0.113.0/24", "expired", 1),
    }  # fmt: skip


def test_a_network_is_not_listened_to_after_too_many() -> None:
    clock = Clock()
    failed = SignIns(clock)

    waits = [failed.failed(f"203.0.113.{number}", "unknown token") for number in range(30)]

    assert waits[: sign_ins.BURST] == [0] * sign_ins.BURST
    assert min(waits[sign_ins.BURST :]) >= 1
    assert failed.failed("198.51.100.1", "unknown token") == 0


def test_a_flood_of_networks_is_summed_up(state_on_sqlite: State) -> None:
    failed = SignIns(Clock())
    for number in range(sign_ins.MOST_NETWORKS + 50):
        failed.failed(f"10.{number // 256}.{number % 256}.1", "unknown token")
    failed.note(state_on_sqlite, NOW)

    found = {each.actor: each.details["times"] for each in trail.changes(state_on_sqlite, limit=10_000)}
    assert len(found) == sign_ins.MOST_NETWORKS + 1
    assert found[sign_ins.ELSEWHERE] == 50
