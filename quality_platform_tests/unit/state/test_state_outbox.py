"""Who may send which message when, and how it is settled."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quality_platform.state import channel_health, outbox
from quality_platform.state.database import State
from quality_platform.state.models import DeliveryRow, OutboxAlertRow, OutboxRow
from quality_platform.state.outbox import Failed, Leased, Which
from quality_platform_tests.data.outbox_rows import NOON, message, put, seconds

HOLD = timedelta(seconds=60)


def take(
    state: State, now: datetime = NOON, channel: str = "hook", limit: int = 100, which: Which = "any"
) -> list[Leased]:
    with state.write() as session:
        outbox.reclaim(session, channel, now, HOLD)
        return outbox.take(session, channel, now, HOLD, limit, which)


def names(taken: list[Leased]) -> list[str]:
    return [each.message_id for each in taken]


def end(state: State, *taken: Leased) -> None:
    with state.write() as session:
        outbox.deliver(session, taken, NOON)


def test_messages_leave_in_the_order_they_came(state: State) -> None:
    for name in ("b", "a", "c"):
        put(state, name)
    assert names(take(state, limit=2)) == ["b", "a"]
    assert names(take(state)) == ["c"]
    assert take(state) == []


def test_what_is_taken_is_whole(state: State) -> None:
    put(state, "a", attempts=2, refusals=1, payload="{}")
    (taken,) = take(state)
    stored = message(state, "a")
    assert taken == Leased(
        stored.position, "a", "hook", "firing", "{}", NOON, NOON + timedelta(days=1), 3, 1, NOON + HOLD
    )
    assert (stored.state, stored.attempts, stored.lease_until) == ("leased", 3, NOON + HOLD)


def test_nothing_is_taken_where_there_is_no_room(state_on_sqlite: State) -> None:
    put(state_on_sqlite, "a")
    assert take(state_on_sqlite, limit=0) == []


def test_critical_messages_can_be_taken_first(state: State) -> None:
    put(state, "warning", severity="warning")
    put(state, "critical", severity="critical")
    put(state, "info")
    assert names(take(state, which="critical")) == ["critical"]
    assert names(take(state, which="other")) == ["warning", "info"]


def test_a_message_that_is_taken_is_free_again_after_its_lease(state: State) -> None:
    put(state, "a")
    assert names(take(state)) == ["a"]
    assert take(state, NOON + HOLD - seconds(0.001)) == []
    assert names(take(state, NOON + HOLD)) == ["a"]
    with state.read() as session:
        lost = session.query(DeliveryRow).all()
    assert [(row.attempt, row.outcome, row.started_at) for row in lost] == [(1, "unknown", NOON)]
    assert message(state, "a").attempts == 2


def test_a_lease_that_is_renewed_is_held_on(state: State) -> None:
    put(state, "a")
    taken = take(state)
    with state.write() as session:
        outbox.renew(session, taken, NOON + 2 * HOLD)
    assert take(state, NOON + HOLD) == []
    assert names(take(state, NOON + 2 * HOLD)) == ["a"]
    with state.write() as session:  # too late: it is another's
        outbox.renew(session, taken, NOON + 9 * HOLD)
    assert message(state, "a").lease_until == NOON + 3 * HOLD


def test_a_message_waits_until_its_time(state: State) -> None:
    put(state, "a", next_at=NOON + seconds(5))
    assert take(state, NOON + seconds(4)) == []
    assert names(take(state, NOON + seconds(5))) == ["a"]


def test_of_one_alert_the_later_message_waits_for_the_earlier(state: State) -> None:
    put(state, "fired", alerts="x", next_at=NOON + seconds(10))
    put(state, "over", alerts="x", kind="resolved")
    put(state, "other", alerts="y")
    assert names(take(state)) == ["other"]
    (fired,) = take(state, NOON + seconds(10))
    assert fired.message_id == "fired"
    assert take(state, NOON + seconds(10)) == []
    end(state, fired)
    assert names(take(state, NOON + seconds(10))) == ["over"]


def test_a_message_about_several_alerts_waits_for_each_and_holds_up_each(state: State) -> None:
    put(state, "x1", alerts="x")
    put(state, "y1", alerts="y")
    put(state, "both", alerts=["x", "y", "z"])
    put(state, "z1", alerts="z")
    first = take(state)
    assert names(first) == ["x1", "y1"]
    end(state, first[0])
    assert take(state) == []
    end(state, first[1])
    both = take(state)
    assert names(both) == ["both"]
    assert take(state) == []
    end(state, *both)
    assert names(take(state)) == ["z1"]


@pytest.mark.parametrize("settled", ["dead", "delivered", "coalesced"])
def test_a_message_that_is_settled_does_not_hold_back_the_next(state: State, settled: str) -> None:
    put(state, "fired", alerts="x", state=settled)
    put(state, "over", alerts="x", kind="resolved")
    assert names(take(state)) == ["over"]


def test_channels_do_not_wait_for_each_other(state: State) -> None:
    put(state, "fired", channel="slow", alerts="x", next_at=NOON + seconds(10))
    put(state, "over", channel="quick", alerts="x")
    assert names(take(state, channel="quick")) == ["over"]


def test_what_has_failed_goes_behind_what_has_waited_longer(state: State) -> None:
    put(state, "bad", attempts=3, next_at=NOON + seconds(1))
    put(state, "good")
    assert names(take(state, NOON + seconds(1))) == ["good", "bad"]


def test_a_probe_is_the_message_that_failed_least_due_or_not(state: State) -> None:
    put(state, "often", attempts=5)
    put(state, "seldom", attempts=1, next_at=NOON + seconds(300))
    put(state, "refused", refusals=1, next_at=NOON + seconds(300))
    with state.write() as session:
        assert names(outbox.take_probe(session, "hook", NOON, HOLD)) == ["seldom"]


def test_a_failure_puts_back_or_gives_up(state: State) -> None:
    put(state, "a")
    put(state, "b")
    again, over = take(state)
    with state.write() as session:
        outbox.fail(
            session,
            [
                Failed(again, False, 0, NOON + seconds(1), 503, "later"),
                Failed(over, True, 3, NOON, 404, "no"),
            ],
        )
    a, b = message(state, "a"), message(state, "b")
    assert (a.state, a.next_at, a.last_status, a.last_error, a.lease_until) == (
        "pending",
        NOON + seconds(1),
        503,
        "later",
        None,
    )
    assert (b.state, b.refusals, b.last_status) == ("dead", 3, 404)


def test_who_lost_the_lease_can_only_say_that_it_arrived(state: State) -> None:
    put(state, "a")
    (mine,) = take(state)
    (other,) = take(state, NOON + HOLD)
    with state.write() as session:
        outbox.fail(session, [Failed(mine, True, 3, NOON, 404, "no")])
        outbox.hand_back(session, [mine])
    assert (message(state, "a").state, message(state, "a").lease_until) == ("leased", other.held)
    end(state, mine)
    assert message(state, "a").state == "delivered"


def test_what_is_handed_back_was_not_tried(state: State) -> None:
    put(state, "a", attempts=4)
    taken = take(state)
    with state.write() as session:
        outbox.hand_back(session, taken)
    assert (message(state, "a").state, message(state, "a").attempts) == ("pending", 4)
    assert names(take(state)) == ["a"]


@pytest.mark.parametrize(
    ("values", "hurried"),
    [
        ({"attempts": 2}, True),
        ({"attempts": 1, "last_status": 503}, True),
        ({"attempts": 1, "last_status": 429}, True),
        ({"attempts": 1, "last_status": 404, "refusals": 1}, False),
        ({"attempts": 0}, False),
    ],
)
def test_a_channel_that_is_back_gets_what_failed_with_it(
    state_on_sqlite: State, values: dict[str, object], hurried: bool
) -> None:
    put(state_on_sqlite, "a", next_at=NOON + seconds(300), **values)
    put(state_on_sqlite, "b", channel="other", attempts=1, next_at=NOON + seconds(300))
    with state_on_sqlite.write() as session:
        outbox.hurry(session, "hook", NOON)
    assert names(take(state_on_sqlite)) == (["a"] if hurried else [])
    assert take(state_on_sqlite, channel="other") == []


def test_what_waits_for_a_channel_can_be_given_up(state: State) -> None:
    put(state, "old", expires_at=NOON)
    put(state, "new", next_at=NOON + seconds(5))
    put(state, "other", channel="other")
    with state.write() as session:
        outbox.bury(session, "hook", "no answer", NOON)
    assert [message(state, name).state for name in ("old", "new", "other")] == ["dead", "pending", "pending"]
    with state.write() as session:
        outbox.bury(session, "hook", "gone")
    assert (message(state, "new").state, message(state, "new").last_error) == ("dead", "gone")
    assert message(state, "other").state == "pending"


def test_a_clock_that_was_set_back_stops_nothing(state: State) -> None:
    hour = timedelta(hours=1)
    put(state, "made later", now=NOON + hour)
    put(state, "tried later", next_at=NOON + hour + seconds(1), attempts=3)
    put(state, "waits", next_at=NOON + seconds(300), attempts=3)
    put(state, "lost", state="leased", lease_until=NOON + hour)
    put(state, "held", state="leased", lease_until=NOON + seconds(15))
    with state.write() as session:
        outbox.unwind(session, NOON, hour)
    assert sorted(names(take(state))) == ["lost", "made later", "tried later"]


def test_neither_a_message_nor_a_channel_that_was_tried_in_what_is_the_future_waits_for_it(state: State) -> None:
    put(state, "tried ahead", next_at=NOON + seconds(300), attempts=3)
    put(state, "tried before", next_at=NOON + seconds(300), attempts=3)
    tried = {"tried ahead": ("hook", NOON + seconds(290)), "tried before": ("other", NOON - seconds(10))}
    with state.write() as session:
        for name, (channel, at) in tried.items():
            session.add(
                DeliveryRow(message_id=name, channel=channel, attempt=1, started_at=at, seconds=0.1, outcome="failed")
            )
            health = channel_health.locked(session, channel, at)
            health.state, health.retry_at = "unhealthy", NOON + seconds(299)
        session.flush()
        outbox.unwind(session, NOON, timedelta(hours=1))
        found = {row.channel: row.retry_at for row in channel_health.listed(session)}
    assert found == {"hook": NOON, "other": NOON + seconds(299)}
    assert (message(state, "tried ahead").next_at, message(state, "tried before").next_at) == (
        NOON, NOON + seconds(300),
    )  # fmt: skip


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    about=st.lists(st.sets(st.sampled_from("uvwxyz"), max_size=3), min_size=1, max_size=12),
    limits=st.lists(st.integers(1, 4), min_size=1, max_size=4),
    keeps=st.randoms(use_true_random=False),
)
def test_whatever_the_pace_the_messages_of_an_alert_keep_their_order(
    state_on_sqlite: State, about: list[set[str]], limits: list[int], keeps: object
) -> None:
    with state_on_sqlite.write() as session:
        for table in (OutboxAlertRow, DeliveryRow, OutboxRow):
            session.query(table).delete()
    for number, alerts in enumerate(about):
        put(state_on_sqlite, str(number), alerts=sorted(alerts))
    order: list[int] = []
    flying: list[Leased] = []
    while len(order) < len(about):
        flying += take(state_on_sqlite, limit=limits[len(order) % len(limits)])
        assert flying, "nothing can go on"
        flying_alerts = [alert for each in flying for alert in about[int(each.message_id)]]
        assert len(flying_alerts) == len(set(flying_alerts))
        done = flying.pop(keeps.randrange(len(flying)))  # type: ignore[attr-defined]
        end(state_on_sqlite, done)
        order.append(int(done.message_id))
    for alert in "uvwxyz":
        mine = [number for number in order if alert in about[number]]
        assert mine == sorted(mine)
