"""Which channels have something to do, when the next thing is due, what was given up."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from quality_platform.api.statistics import Statistics
from quality_platform.state import channel_health, outbox_views
from quality_platform.state.database import State
from quality_platform.state.outbox_views import Letters
from quality_platform_tests.data.outbox_rows import NOON, put, seconds


def held(state: State, channel: str, until: datetime) -> None:
    with state.write() as session:
        row = channel_health.locked(session, channel, NOON)
        row.state, row.retry_at = "unhealthy", until


@pytest.mark.parametrize(
    ("values", "due"),
    [
        ({"state": "pending"}, True),
        ({"state": "pending", "next_at": NOON + seconds(1)}, False),
        ({"state": "leased", "lease_until": NOON + seconds(1)}, False),
        ({"state": "leased", "lease_until": NOON}, True),
        ({"state": "delivered"}, False),
        ({"state": "dead"}, False),
        ({"state": "coalesced"}, False),
    ],
)
def test_a_channel_is_due_when_one_of_its_messages_is(state: State, values: dict[str, object], due: bool) -> None:
    put(state, "a", **values)
    with state.read() as session:
        assert list(outbox_views.due_channels(session, NOON)) == (["hook"] if due else [])


def test_a_channel_that_is_down_is_due_when_it_is_to_be_asked_and_not_before(state: State) -> None:
    put(state, "a", next_at=NOON + seconds(300))
    held(state, "hook", NOON + seconds(1))
    held(state, "silent", NOON)
    with state.read() as session:
        assert list(outbox_views.due_channels(session, NOON)) == []
        assert list(outbox_views.due_channels(session, NOON + seconds(1))) == ["hook"]
        assert list(outbox_views.due_channels(session, NOON + seconds(999))) == ["hook"]
    put(state, "b")
    with state.read() as session:
        assert list(outbox_views.due_channels(session, NOON)) == []


def test_when_there_is_something_to_do_next(state: State) -> None:
    def next_due() -> datetime | None:
        with state.read() as session:
            return outbox_views.next_due(session)

    assert next_due() is None
    put(state, "delivered", state="delivered")
    assert next_due() is None
    put(state, "first", alerts="x", next_at=NOON + seconds(60))
    put(state, "blocked", alerts="x")
    assert next_due() == NOON + seconds(60)
    put(state, "held", channel="other", state="leased", lease_until=NOON + seconds(40))
    assert next_due() == NOON + seconds(40)
    held(state, "hook", NOON + seconds(20))
    assert next_due() == NOON + seconds(20)
    put(state, "soon", channel="third", next_at=NOON + seconds(10))
    assert next_due() == NOON + seconds(10)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Letters(), ["1", "2", "3"]),
        (Letters(channel="other"), ["2"]),
        (Letters(kind="resolved"), ["3"]),
        (Letters(alert_id="x"), ["1"]),
        (Letters(since=NOON + seconds(1)), ["2", "3"]),
        (Letters(until=NOON + seconds(1)), ["1"]),
        (Letters(since=NOON + seconds(1), until=NOON + seconds(2)), ["2"]),
        (Letters(message_ids=["3", "1", "5"]), ["1", "3"]),
        (Letters(message_ids=[]), []),
        (Letters(channel="nobody"), []),
    ],
)
def test_dead_letters_are_found_without_tests(state: State, wanted: Letters, found: list[str]) -> None:
    put(state, "1", state="dead", alerts="x")
    put(state, "2", state="dead", channel="other", now=NOON + seconds(1))
    put(state, "3", state="dead", kind="resolved", now=NOON + seconds(2))
    put(state, "4", state="dead", kind="test")
    put(state, "5")
    with state.read() as session:
        assert [row.message_id for row in outbox_views.dead(session, wanted)] == found


def test_dead_letters_come_in_pages(state_on_sqlite: State) -> None:
    for name in "abcde":
        put(state_on_sqlite, name, state="dead")
    pages, after = [], None
    with state_on_sqlite.read() as session:
        while page := outbox_views.dead(session, Letters(), after=after, limit=2):
            pages.append([row.message_id for row in page])
            after = page[-1].message_id
    assert pages == [["a", "b"], ["c", "d"], ["e"]]


@pytest.mark.parametrize(("value", "waits"), [("pending", True), ("leased", True), ("dead", False)])
def test_whether_anything_waits(state_on_sqlite: State, value: str, waits: bool) -> None:
    put(state_on_sqlite, "a", state=value, next_at=NOON + timedelta(days=1))
    with state_on_sqlite.read() as session:
        assert outbox_views.is_waiting(session) is waits


def test_how_long_messages_took_is_known_by_channel(state: State) -> None:
    for number, took in enumerate((3.0, 1.0, 2.0)):
        put(state, f"m{number}", state="delivered", created_at=NOON, delivered_at=NOON + seconds(took))
    put(state, "old", state="delivered", created_at=NOON - seconds(9), delivered_at=NOON)
    put(state, "waiting")
    with state.read() as session:
        known = outbox_views.seconds_to_deliver(session, NOON)
        assert outbox_views.seconds_to_deliver(session, NOON, most=0) == {}
    assert known == {"hook": [1.0, 2.0, 3.0]}
    statistics = Statistics()
    statistics.told({"gone": [9.0]})
    statistics.told(known)
    (family,) = [each for each in statistics.registry.collect() if each.name == "quality_alert_delivery_seconds"]
    assert {tuple(each.labels.values()): each.value for each in family.samples} == {
        ("hook", "0.5"): 2.0, ("hook", "0.95"): 3.0, ("hook", "0.99"): 3.0,
    }  # fmt: skip
