"""Emptying the outbox: what each answer of a channel leads to. Time is data; senders are functions."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from quality_platform.alerting.delivery.bucket import Rate
from quality_platform.alerting.delivery.dead_letters import dead_letters
from quality_platform.alerting.delivery.deliver import Delivered, deliver_due
from quality_platform.alerting.delivery.senders import Channel as Limits
from quality_platform.alerting.delivery.trial import send_test
from quality_platform.alerting.notices import outbox as posting
from quality_platform.errors import DeliveryError, UsageError
from quality_platform.model.message import Message
from quality_platform.notifications.delivery import Delivery, Receipt, Sender
from quality_platform.state import channel_health, outbox
from quality_platform.state.database import State
from quality_platform.state.models import ChannelHealthRow, OutboxRow
from quality_platform_tests.data.alerting import NOON, attempts
from quality_platform_tests.data.outbox_rows import put, seconds
from quality_platform_tests.data.waiting import WAIT_SECONDS, until

REPORT = Message("Report", "All is well.", "good")


class Channel:
    """A sender that answers from a list, its last entry again and again; notes what it was handed."""

    def __init__(self, *answers: DeliveryError | None) -> None:
        self.answers, self.seen = list(answers) or [None], list[Delivery]()

    def __call__(self, delivery: Delivery) -> Receipt:
        self.seen.append(delivery)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer is not None:
            raise answer
        return Receipt(200, "accepted")


def down() -> DeliveryError:
    return DeliveryError("no answer", retry=True)


def busy(status: int = 500, retry_after: float | None = None) -> DeliveryError:
    return DeliveryError(f"answered {status}", retry=True, status=status, retry_after=retry_after)


def refused(status: int = 404) -> DeliveryError:
    return DeliveryError(f"answered {status}", retry=False, status=status)


def post(state: State, *channels: str) -> tuple[str, ...]:
    return posting.post(state, posting.report_rows(REPORT, (), channels, NOON))


def row(state: State, message_id: str) -> OutboxRow:
    with state.read() as session:
        return session.query(OutboxRow).filter_by(message_id=message_id).one()


def counts(delivered: Delivered) -> tuple[int, int, int]:
    return delivered.delivered, delivered.retried, delivered.dead


def test_what_is_due_is_sent_once(state: State) -> None:
    hook, mail = Channel(), Channel()
    ids = post(state, "hook", "mail")
    senders = {"hook": hook, "mail": mail}
    assert counts(deliver_due(state, senders, NOON)) == (2, 0, 0)
    assert counts(deliver_due(state, senders, NOON + seconds(1000))) == (0, 0, 0)
    assert [delivery.message_id for delivery in (*hook.seen, *mail.seen)] == list(ids)
    assert (hook.seen[0].message, hook.seen[0].kind, hook.seen[0].created_at) == (REPORT, "report.daily", NOON)
    assert attempts(state, ids[0]) == [(1, "delivered", 200)]


def test_a_failed_message_comes_back_after_its_wait_as_it_was(state: State) -> None:
    hook = Channel(down(), busy(), None)
    (message_id,) = post(state, "hook")
    results = [counts(deliver_due(state, {"hook": hook}, NOON + seconds(at))) for at in (0, 0.7, 10, 11.5, 30, 99)]
    assert results == [(0, 1, 0), (0, 0, 0), (0, 1, 0), (0, 0, 0), (1, 0, 0), (0, 0, 0)]
    assert [delivery.attempt for delivery in hook.seen] == [1, 2, 3]
    assert len({replace(delivery, attempt=1).message_id for delivery in hook.seen}) == 1
    assert all(replace(delivery, attempt=1) == hook.seen[0] for delivery in hook.seen)
    assert attempts(state, message_id) == [(1, "failed", None), (2, "failed", 500), (3, "delivered", 200)]
    assert (row(state, message_id).last_error, row(state, message_id).delivered_at is not None) == (None, True)


def test_a_receiver_may_ask_for_patience(state_on_sqlite: State) -> None:
    (message_id,) = post(state_on_sqlite, "hook")
    deliver_due(state_on_sqlite, {"hook": Channel(busy(429, retry_after=120))}, NOON)
    assert seconds(120) <= row(state_on_sqlite, message_id).next_at - NOON < seconds(121)


@pytest.mark.parametrize(
    ("answer", "attempts", "status"),
    [
        (refused(404), 3, 404),
        (refused(410), 1, 410),
        (DeliveryError("550 no such user", retry=False, status=550), 1, 550),
    ],
)
def test_a_message_that_nobody_wants_is_given_up(
    state_on_sqlite: State, answer: DeliveryError, attempts: int, status: int
) -> None:
    hook = Channel(answer)
    (message_id,) = post(state_on_sqlite, "hook")
    results = [counts(deliver_due(state_on_sqlite, {"hook": hook}, NOON + seconds(10 * n))) for n in range(5)]
    assert results == [(0, 1, 0)] * (attempts - 1) + [(0, 0, 1)] + [(0, 0, 0)] * (5 - attempts)
    (letter,) = dead_letters(state_on_sqlite)
    assert (letter.message_id, letter.title, letter.attempts, letter.last_status) == (
        message_id,
        "Report",
        attempts,
        status,
    )


def test_a_channel_that_is_down_is_asked_now_and_then_and_gets_everything_when_it_is_back(state: State) -> None:
    hook = Channel(down())
    ids = [message_id for _ in range(40) for message_id in post(state, "hook")]
    first = deliver_due(state, {"hook": hook}, NOON)
    assert (first.delivered, first.unhealthy) == (0, ("hook",))
    tried = len(hook.seen)
    assert 3 <= tried < 40  # the more that were under way before the third failure was written down
    assert counts(deliver_due(state, {"hook": hook}, NOON + seconds(0.1))) == (0, 0, 0)
    for minute in (1, 2, 3):
        assert counts(deliver_due(state, {"hook": hook}, NOON + seconds(60 * minute))) == (0, 1, 0)
    hook.answers = [None]
    back = deliver_due(state, {"hook": hook}, NOON + seconds(240))
    assert (counts(back), back.unhealthy) == ((40, 0, 0), ())
    assert sorted(delivery.message_id for delivery in hook.seen[tried + 3 :]) == sorted(ids)


def test_a_receiver_that_wants_to_be_left_alone_is(state_on_sqlite: State) -> None:
    hook = Channel(busy(429, retry_after=120), None)
    for _ in range(3):
        post(state_on_sqlite, "hook")
    assert counts(deliver_due(state_on_sqlite, {"hook": hook}, NOON)) == (0, 1, 0)
    assert counts(deliver_due(state_on_sqlite, {"hook": hook}, NOON + seconds(100))) == (0, 0, 0)
    assert counts(deliver_due(state_on_sqlite, {"hook": hook}, NOON + seconds(150))) == (3, 0, 0)


def test_changes_of_health_are_told_in_the_transaction_that_makes_them(state_on_sqlite: State) -> None:
    told = []

    def changed(session: object, channel: str, became: str, now: object) -> None:
        assert session.get(ChannelHealthRow, channel).state == became  # type: ignore[attr-defined]
        told.append((channel, became))

    hook = Channel(down())
    for minute in range(5):
        post(state_on_sqlite, "hook")
        deliver_due(state_on_sqlite, {"hook": hook}, NOON + seconds(60 * minute), changed=changed)
    hook.answers = [None]
    deliver_due(state_on_sqlite, {"hook": hook}, NOON + seconds(600), changed=changed)
    hook.answers = [refused(410)]
    post(state_on_sqlite, "hook")
    gone = deliver_due(state_on_sqlite, {"hook": hook}, NOON + seconds(700), changed=changed)
    assert told == [("hook", "unhealthy"), ("hook", "healthy"), ("hook", "disabled")]
    assert gone.unhealthy == ("hook",)


def test_a_channel_that_is_gone_is_left_alone_and_its_messages_are_kept(state: State) -> None:
    hook = Channel(refused(410))
    (first,) = post(state, "hook")
    deliver_due(state, {"hook": hook}, NOON)
    (second,) = post(state, "hook")
    deliver_due(state, {"hook": hook}, NOON + seconds(10))
    assert len(hook.seen) == 1
    assert [letter.message_id for letter in dead_letters(state)] == [first, second]
    assert dead_letters(state)[1].last_error == "The channel is disabled: answered 410"
    assert send_test(state, {"hook": Channel()}, "hook", NOON + seconds(20), actor="cli ann").delivered
    post(state, "hook")
    assert counts(deliver_due(state, {"hook": Channel()}, NOON + seconds(30))) == (1, 0, 0)


def test_what_waits_for_a_channel_that_never_comes_back_is_given_up_in_its_time(state_on_sqlite: State) -> None:
    hook = Channel(down())
    for _ in range(20):
        post(state_on_sqlite, "hook")
    deliver_due(state_on_sqlite, {"hook": hook}, NOON)
    deliver_due(state_on_sqlite, {"hook": hook}, NOON + timedelta(hours=25))
    assert len(dead_letters(state_on_sqlite)) == 20


@pytest.mark.parametrize("rate", [None, Rate(1.0, 10)], ids=["as fast as it goes", "one a second"])
def test_after_an_hour_without_the_channel_everything_comes_in_order(state: State, rate: Rate | None) -> None:
    hook = Channel(down())
    channel = {"hook": Limits(hook, 4, rate)}
    for minute in range(60):
        for kind in ("firing", "resolved"):
            put(state, f"{minute:02} {kind}", alerts=f"alert {minute}", kind=kind, now=NOON + seconds(60 * minute))
        deliver_due(state, channel, NOON + seconds(60 * minute))
    tried, hook.answers = len(hook.seen), [None]
    for step in range(10):
        deliver_due(state, channel, NOON + seconds(3600 + 60 * step))
    arrived = hook.seen[tried:]
    assert len(arrived) == 120 if rate is None else len(arrived) < 40
    told: list[str] = []
    for delivery in arrived:
        entries = delivery.payload.get("messages")
        told += [entry["id"] for entry in entries] if entries else [delivery.message_id]  # type: ignore[attr-defined]
    assert sorted(told) == sorted(f"{minute:02} {kind}" for minute in range(60) for kind in ("firing", "resolved"))
    for minute in range(60):
        assert told.index(f"{minute:02} firing") < told.index(f"{minute:02} resolved")


def test_messages_go_out_side_by_side_where_the_channel_bears_it(state: State) -> None:
    together = threading.Barrier(4)

    def hook(_delivery: Delivery) -> Receipt:
        together.wait(20)
        return Receipt(200, "accepted")

    for _ in range(8):
        post(state, "hook")
    assert counts(deliver_due(state, {"hook": Limits(hook, parallel=4)}, NOON, 30)) == (8, 0, 0)


def test_a_message_that_hangs_holds_up_only_its_own_alert(state: State) -> None:
    release, seen = threading.Event(), list[str]()

    def hook(delivery: Delivery) -> Receipt:
        if delivery.message_id == "x1":
            release.wait(20)
        seen.append(delivery.message_id)
        return Receipt(200, "accepted")

    for name in ("x1", "x2", "y1", "y2", "z1", "x3"):
        put(state, name, alerts=name[0], now=NOON)
    threading.Thread(target=lambda: (until(lambda: len(seen) == 3), release.set())).start()
    deliver_due(state, {"hook": Limits(hook, parallel=2)}, NOON, 30)
    assert sorted(seen[:3]) == ["y1", "y2", "z1"]
    assert seen[3:] == ["x1", "x2", "x3"]


def test_of_many_messages_the_critical_ones_go_first(state_on_sqlite: State) -> None:
    hook = Channel()
    for n in range(12):
        put(state_on_sqlite, f"w{n}", severity="warning")
    for n in range(3):
        put(state_on_sqlite, f"c{n}", severity="critical")
    deliver_due(state_on_sqlite, {"hook": hook}, NOON)
    assert [delivery.message_id for delivery in hook.seen][:3] == ["c0", "c1", "c2"]


def test_one_message_that_always_fails_does_not_hold_up_the_others(state_on_sqlite: State) -> None:
    (poison,) = post(state_on_sqlite, "hook")
    arrived = []

    def hook(delivery: Delivery) -> Receipt:
        if delivery.message_id == poison:
            raise down()
        arrived.append(delivery.message_id)
        return Receipt(200, "accepted")

    deliver_due(state_on_sqlite, {"hook": hook}, NOON)
    ids = [message_id for _ in range(3) for message_id in post(state_on_sqlite, "hook")]
    deliver_due(state_on_sqlite, {"hook": hook}, NOON + seconds(1))
    assert arrived == ids


def test_a_hung_channel_holds_up_nobody_and_finishes_its_message(state: State) -> None:
    release, entered, quick = threading.Event(), threading.Event(), Channel()

    def hung(_delivery: Delivery) -> Receipt:
        entered.set()
        release.wait()
        return Receipt(200, "at last")

    (slow_id, quick_id) = (*post(state, "hung"), *post(state, "quick"))
    results = list[Delivered]()
    # on a busy machine a round may be over before its threads have begun
    while not entered.is_set() or row(state, quick_id).state != "delivered":
        results.append(deliver_due(state, {"hung": hung, "quick": quick}, NOON, budget_seconds=1.0))
    assert "hung" in {channel for result in results for channel in result.unfinished}
    assert counts(deliver_due(state, {"hung": hung}, NOON + seconds(5), budget_seconds=1.0)) == (0, 0, 0)
    release.set()
    until(lambda: row(state, slow_id).state == "delivered")
    assert attempts(state, slow_id) == [(1, "delivered", 200)]


def test_the_budget_ends_a_round_and_the_next_goes_on(state_on_sqlite: State) -> None:
    def slow(_delivery: Delivery) -> Receipt:
        time.sleep(0.4)
        return Receipt(200, "accepted")

    for _ in range(8):
        post(state_on_sqlite, "hook")
    # on a busy machine a round may be over before its threads have begun
    while _waiting(state_on_sqlite) == 8:
        first = deliver_due(state_on_sqlite, {"hook": slow}, NOON, budget_seconds=1.0)
        assert first.delivered < 4
    quick = Channel()
    deliver_due(state_on_sqlite, {"hook": quick}, NOON + seconds(2))
    assert len(quick.seen) >= 4
    until(lambda: _waiting(state_on_sqlite) == 0)


def test_a_message_of_a_process_that_died_goes_out_again_under_its_id(state: State) -> None:
    (message_id,) = post(state, "hook")
    with state.write() as session:
        assert len(outbox.take(session, "hook", NOON, seconds(60), 5)) == 1
    hook = Channel()
    assert counts(deliver_due(state, {"hook": hook}, NOON + seconds(59))) == (0, 0, 0)
    assert counts(deliver_due(state, {"hook": hook}, NOON + seconds(60))) == (1, 0, 0)
    assert attempts(state, message_id) == [(1, "unknown", None), (2, "delivered", 200)]
    assert hook.seen[0].message_id == message_id


def test_who_lost_the_lease_cannot_undo_what_the_other_achieved(state: State) -> None:
    """The first attempt hangs past its lease and fails; meanwhile another process has delivered."""
    (message_id,) = post(state, "hook")

    def overtaken(_delivery: Delivery) -> Receipt:
        assert counts(deliver_due(state, {"hook": Channel()}, NOON + seconds(61))) == (1, 0, 0)
        raise down()

    deliver_due(state, {"hook": overtaken}, NOON)
    assert row(state, message_id).state == "delivered"
    assert [each[:2] for each in attempts(state, message_id)] == [(1, "unknown"), (2, "delivered"), (1, "failed")]


def test_many_who_deliver_at_once_send_each_message_once(state: State) -> None:
    hook = Channel()
    ids = [message_id for _ in range(10) for message_id in post(state, "hook")]
    threads = [threading.Thread(target=deliver_due, args=(state, {"hook": hook}, NOON, WAIT_SECONDS)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(delivery.message_id for delivery in hook.seen) == sorted(ids)


@pytest.mark.parametrize(
    ("senders", "error"),
    [({}, "There is no channel 'hook'."), ({"hook": lambda _: 1 / 0}, "The sender failed: ZeroDivisionError.")],
)
def test_no_sender_or_a_broken_one_ends_in_a_dead_letter(
    state_on_sqlite: State, senders: dict[str, Sender], error: str, caplog: pytest.LogCaptureFixture
) -> None:
    post(state_on_sqlite, "hook")
    for n in range(3):
        deliver_due(state_on_sqlite, senders, NOON + seconds(10 * n))
    (letter,) = dead_letters(state_on_sqlite)
    assert letter.last_error is not None
    assert letter.last_error.startswith(error)


def test_a_test_message_tells_the_channels_answer(state: State) -> None:
    hook = Channel()
    trial = send_test(state, {"hook": hook}, "hook", NOON, actor="cli ann")
    assert (trial.delivered, trial.status, trial.detail) == (True, 200, "accepted")
    assert (hook.seen[0].message_id, hook.seen[0].kind) == (trial.message_id, "channel.test")


def test_a_test_message_that_fails_is_not_tried_again_and_is_no_dead_letter(state_on_sqlite: State) -> None:
    trial = send_test(state_on_sqlite, {"hook": Channel(busy(503))}, "hook", NOON, actor="cli ann")
    assert (trial.delivered, trial.status, trial.detail) == (False, 503, "answered 503")
    assert counts(deliver_due(state_on_sqlite, {"hook": Channel()}, NOON + timedelta(days=2))) == (0, 0, 0)
    assert dead_letters(state_on_sqlite) == ()


def test_a_test_message_to_nowhere_names_the_channels(state_on_sqlite: State) -> None:
    with pytest.raises(UsageError, match=r"no channel 'hok'. There are: hook, mail"):
        send_test(state_on_sqlite, {"mail": Channel(), "hook": Channel()}, "hok", NOON, actor="cli ann")


def test_a_test_message_that_arrives_makes_the_channel_healthy_again(state_on_sqlite: State) -> None:
    with state_on_sqlite.write() as session:
        row = channel_health.locked(session, "hook", NOON)
        row.state, row.retry_at, row.failures = "unhealthy", NOON + timedelta(days=1), 9
    post(state_on_sqlite, "hook")
    assert counts(deliver_due(state_on_sqlite, {"hook": Channel()}, NOON)) == (0, 0, 0)
    assert send_test(state_on_sqlite, {"hook": Channel()}, "hook", NOON, actor="cli ann").delivered
    assert counts(deliver_due(state_on_sqlite, {"hook": Channel()}, NOON)) == (1, 0, 0)


def _waiting(state: State) -> int:
    with state.read() as session:
        return session.query(OutboxRow).filter(OutboxRow.state != "delivered").count()
