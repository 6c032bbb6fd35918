"""Who may send which message when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from quality_platform.state import outbox
from quality_platform.state.database import State
from quality_platform.state.models import AlertRow, DeliveryRow, OutboxRow

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOLD = timedelta(seconds=60)


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def alert(name: str) -> AlertRow:
    return AlertRow(
        id=name, fingerprint=name, rule="r", type="regression", metric="m", project="p", subject="s", labels="{}",
        severity="warning", status="active", observed_at=NOON, message="", opened_at=NOON, updated_at=NOON,
    )  # fmt: skip


def put(database: State, name: str, channel: str = "hook", alert_id: str | None = None, **values: object) -> None:
    row = {"kind": "firing", "payload": "{}", "state": "pending", "next_at": NOON, "attempts": 0, "refusals": 0}
    with database.write() as session:
        if alert_id is not None and session.get(AlertRow, alert_id) is None:
            session.add(alert(alert_id))
            session.flush()
        session.add(
            OutboxRow(
                message_id=name, channel=channel, alert_id=alert_id, created_at=NOON,
                expires_at=NOON + timedelta(days=1), **{**row, **values},
            )
        )  # fmt: skip


def take(state: State, now: datetime = NOON, channel: str = "hook") -> str | None:
    with state.write() as session:
        row = outbox.lease(session, channel, now, HOLD)
        return row and row.message_id


def end(state: State, name: str, result: str) -> None:
    with state.write() as session:
        row = session.query(OutboxRow).filter_by(message_id=name).one()
        row.state, row.lease_until = result, None


def test_messages_leave_in_the_order_they_came(state: State) -> None:
    for name in ("b", "a", "c"):
        put(state, name)
    assert [take(state) for _ in range(4)] == ["b", "a", "c", None]


def test_a_message_that_is_taken_is_free_again_after_its_lease(state: State) -> None:
    put(state, "a")
    assert take(state) == "a"
    assert take(state, NOON + HOLD - seconds(0.001)) is None
    assert take(state, NOON + HOLD) == "a"
    with state.read() as session:
        lost = session.query(DeliveryRow).all()
        attempts = session.query(OutboxRow.attempts).scalar()
    assert [(row.attempt, row.outcome, row.started_at) for row in lost] == [(1, "unknown", NOON)]
    assert attempts == 2


def test_a_message_waits_until_its_time(state: State) -> None:
    put(state, "a", next_at=NOON + seconds(5))
    assert take(state, NOON + seconds(4)) is None
    assert take(state, NOON + seconds(5)) == "a"


def test_of_one_alert_the_later_message_waits_for_the_earlier(state: State) -> None:
    put(state, "fired", alert_id="x", next_at=NOON + seconds(10))
    put(state, "over", alert_id="x", kind="resolved")
    put(state, "other", alert_id="y")
    assert take(state) == "other"
    assert take(state) is None
    assert take(state, NOON + seconds(10)) == "fired"
    assert take(state, NOON + seconds(10)) is None
    end(state, "fired", "delivered")
    assert take(state, NOON + seconds(10)) == "over"


def test_a_message_that_was_given_up_does_not_hold_back_the_next(state: State) -> None:
    put(state, "fired", alert_id="x", state="dead")
    put(state, "over", alert_id="x", kind="resolved")
    assert take(state) == "over"


def test_channels_do_not_wait_for_each_other(state: State) -> None:
    put(state, "fired", channel="slow", alert_id="x", next_at=NOON + seconds(10))
    put(state, "over", channel="quick", alert_id="x")
    assert take(state, channel="quick") == "over"


def test_what_has_failed_goes_behind_what_has_not(state: State) -> None:
    put(state, "bad", attempts=3)
    put(state, "good")
    assert [take(state), take(state)] == ["good", "bad"]


@pytest.mark.parametrize(
    ("values", "due"),
    [
        ({"state": "pending"}, True),
        ({"state": "pending", "next_at": NOON + seconds(1)}, False),
        ({"state": "leased", "lease_until": NOON + seconds(1)}, False),
        ({"state": "leased", "lease_until": NOON}, True),
        ({"state": "delivered"}, False),
        ({"state": "dead"}, False),
    ],
)
def test_a_channel_is_due_when_one_of_its_messages_is(state: State, values: dict[str, object], due: bool) -> None:
    put(state, "a", **values)
    with state.read() as session:
        assert list(outbox.due_channels(session, NOON)) == (["hook"] if due else [])


@pytest.mark.parametrize(
    ("status", "attempts", "hurried"),
    [
        (None, 2, True),
        (502, 2, True),
        (503, 1, True),
        (504, 9, True),
        (500, 2, False),
        (429, 2, False),
        (None, 0, False),
    ],
)
def test_a_channel_that_is_back_gets_what_failed_with_it(
    state_on_sqlite: State, status: int | None, attempts: int, hurried: bool
) -> None:
    put(state_on_sqlite, "a", last_status=status, attempts=attempts, next_at=NOON + seconds(300))
    put(state_on_sqlite, "b", channel="other", attempts=1, next_at=NOON + seconds(300))
    with state_on_sqlite.write() as session:
        outbox.hurry(session, "hook", NOON)
    assert take(state_on_sqlite) == ("a" if hurried else None)
    assert take(state_on_sqlite, channel="other") is None


def test_who_was_told_is_known_by_alert(state: State) -> None:
    put(state, "1", alert_id="x", channel="b", state="delivered")
    put(state, "2", alert_id="x", channel="a", state="dead")
    put(state, "3", alert_id="x", channel="a")
    put(state, "4", alert_id="x", channel="c", kind="resolved")
    put(state, "5", alert_id="y", channel="d")
    with state.read() as session:
        assert outbox.notified_channels(session, ["x"]) == {"x": ["a", "b"]}


def test_dead_letters_are_found_without_tests(state: State) -> None:
    put(state, "1", state="dead")
    put(state, "2", state="dead", channel="other")
    put(state, "3", state="dead", kind="test")
    put(state, "4")
    with state.read() as session:
        assert [row.message_id for row in outbox.dead(session)] == ["1", "2"]
        assert [row.message_id for row in outbox.dead(session, "other")] == ["2"]
