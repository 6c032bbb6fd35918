"""What was given up can be found, and sent again under its old identity."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quality_platform.alerting.delivery.dead_letters import dead_letters, replay
from quality_platform.alerting.delivery.deliver import deliver_due
from quality_platform.errors import UsageError
from quality_platform.notifications.delivery import Delivery, Receipt
from quality_platform.state import channel_health
from quality_platform.state.database import State
from quality_platform_tests.data.outbox_rows import NOON, message, put, seconds


@pytest.fixture
def letters(state: State) -> State:
    """Five dead letters, a minute apart."""
    for number, (channel, kind) in enumerate(
        [("hook", "firing"), ("hook", "resolved"), ("mail", "firing"), ("mail", "report"), ("hook", "firing")]
    ):
        put(state, f"m{number}", channel, now=NOON + timedelta(minutes=number), kind=kind, state="dead",
            attempts=9, refusals=3, last_status=404, last_error="answered 404")  # fmt: skip
    return state


def disable(state: State, channel: str) -> None:
    with state.write() as session:
        row = channel_health.locked(session, channel, NOON)
        row.state, row.last_error = "disabled", "h answered 410."


def test_a_letter_says_what_was_said_last(letters: State) -> None:
    letter = dead_letters(letters)[1]
    assert (letter.message_id, letter.channel, letter.kind, letter.title, letter.attempts) == (
        "m1",
        "hook",
        "resolved",
        "m1",
        9,
    )
    assert (letter.last_status, letter.last_error, letter.created_at) == (404, "answered 404", NOON + seconds(60))


def test_they_are_found_by_page_and_by_what_they_are(letters: State) -> None:
    def found(*channel: str, **values: object) -> list[str]:
        return [letter.message_id for letter in dead_letters(letters, *channel, **values)]  # type: ignore[arg-type]

    assert found("mail") == ["m2", "m3"]
    assert found(kind="firing") == ["m0", "m2", "m4"]
    assert found(limit=2) == ["m0", "m1"]
    assert found(limit=2, after="m1") == ["m2", "m3"]
    assert found("hook", since=NOON + seconds(60)) == ["m1", "m4"]


@pytest.mark.parametrize(
    ("values", "again"),
    [
        ({}, [0, 1, 2, 3, 4]),
        ({"channel": "hook"}, [0, 1, 4]),
        ({"channel": "hook", "kind": "firing"}, [0, 4]),
        ({"since": NOON + seconds(60), "until": NOON + seconds(180)}, [1, 2]),
        ({"message_ids": ["m3", "nonsense"]}, [3]),
        ({"message_ids": []}, []),
        ({"channel": "nobody"}, []),
    ],
)
def test_a_range_is_replayed(letters: State, values: dict[str, object], again: list[int]) -> None:
    later = NOON + timedelta(hours=1)
    assert replay(letters, later, **values, actor="cli ann") == len(again)  # type: ignore[arg-type]
    states = [message(letters, f"m{n}").state for n in range(5)]
    assert states == ["pending" if n in again else "dead" for n in range(5)]


def test_a_replayed_message_is_new_in_patience_and_old_in_name(letters: State) -> None:
    put(letters, "grave", state="dead", severity="critical", attempts=9)
    later = NOON + timedelta(days=9)
    assert replay(letters, later, ["m0", "grave"], actor="cli ann") == 2
    for name, patience in (("m0", timedelta(hours=24)), ("grave", timedelta(hours=72))):
        row = message(letters, name)
        assert (row.attempts, row.refusals, row.next_at, row.expires_at) == (0, 0, later, later + patience)
    seen = []

    def hook(delivery: Delivery) -> Receipt:
        seen.append(delivery.message_id)
        return Receipt(200, "ok")

    assert deliver_due(letters, {"hook": hook}, later).delivered == 2
    assert sorted(seen) == ["grave", "m0"]


@pytest.mark.parametrize("values", [{"channel": "hook"}, {"message_ids": ["m0", "m2"]}])
def test_what_goes_to_a_disabled_channel_is_refused_with_a_sentence(letters: State, values: dict[str, object]) -> None:
    disable(letters, "hook")
    with pytest.raises(
        UsageError,
        match=r"The channel 'hook' is disabled since 2026-03-02 12:00 UTC: h answered 410\. Correct it",
    ):
        replay(letters, NOON, **values, actor="cli ann")  # type: ignore[arg-type]
    assert message(letters, "m2").state == "dead"


def test_of_everything_what_goes_to_a_disabled_channel_stays(letters: State) -> None:
    disable(letters, "hook")
    assert replay(letters, NOON, actor="cli ann") == 2
    assert [message(letters, f"m{n}").state for n in range(5)] == ["dead", "dead", "pending", "pending", "dead"]
