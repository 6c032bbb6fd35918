"""The thread that delivers beside everything else: at once, and by itself when something is due again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from quality_platform.alerting.delivery import courier as module
from quality_platform.alerting.delivery import senders as building
from quality_platform.alerting.delivery.courier import Courier
from quality_platform.alerting.plan import Plan
from quality_platform.errors import DeliveryError
from quality_platform.notifications.delivery import Delivery, Receipt, Sender
from quality_platform.settings import Settings
from quality_platform.state.database import State
from quality_platform_tests.data.alerting import plan
from quality_platform_tests.data.outbox_rows import message, put


@contextmanager
def courier(state: State, senders: dict[str, Sender], patch: pytest.MonkeyPatch) -> Iterator[Courier]:
    empty = plan([])
    patch.setattr(building, "build_senders", lambda *_: senders)
    with closing(Courier(Settings(), state, lambda: empty)) as running:
        yield running


def wait_until(met: Callable[[], bool], limit: float = 30.0) -> None:
    end = time.monotonic() + limit
    while not met():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


class Noting:
    """A channel that notes when what arrived; fails the first so many times."""

    def __init__(self, failures: int = 0) -> None:
        self.failures, self.seen, self.tried = failures, list[str](), list[float]()

    def __call__(self, delivery: Delivery) -> Receipt:
        self.tried.append(time.monotonic())
        if len(self.tried) <= self.failures:
            raise DeliveryError("no answer", retry=True)
        self.seen.append(delivery.message_id)
        return Receipt(200, "ok")


def test_it_delivers_when_it_is_rung_for(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    hook = Noting()
    with courier(state, {"hook": hook}, monkeypatch) as running:
        for name in "abc":
            put(state, name, now=datetime.now(UTC))
            running.ring()
        wait_until(lambda: sorted(hook.seen) == ["a", "b", "c"])
        wait_until(lambda: not running.has_waiting)


def test_it_comes_back_by_itself_when_a_message_is_due_again(
    state_on_sqlite: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not only at the next look at what other processes wrote, which is far away here."""
    monkeypatch.setattr(module, "LONGEST_SECONDS", 600.0)
    hook = Noting(failures=5)
    with courier(state_on_sqlite, {"hook": hook}, monkeypatch) as running:
        put(state_on_sqlite, "a", now=datetime.now(UTC))
        running.ring()
        wait_until(lambda: hook.seen == ["a"], 60)
    assert len(hook.tried) == 6


def test_a_channel_that_hangs_holds_up_no_other(state_on_sqlite: State, monkeypatch: pytest.MonkeyPatch) -> None:
    release, quick = threading.Event(), Noting()

    def hung(_delivery: Delivery) -> Receipt:
        release.wait(30)
        return Receipt(200, "at last")

    with courier(state_on_sqlite, {"hung": hung, "quick": quick}, monkeypatch) as running:
        put(state_on_sqlite, "slow", "hung", now=datetime.now(UTC))
        running.ring()
        wait_until(lambda: message(state_on_sqlite, "slow").state == "leased")
        for name in "abc":
            put(state_on_sqlite, name, "quick", now=datetime.now(UTC))
            running.ring()
            wait_until(lambda name=name: name in quick.seen)  # type: ignore[misc]
        assert running.has_waiting
        release.set()
        wait_until(lambda: not running.has_waiting)


def test_what_is_new_goes_out_beside_what_hangs_on_the_same_channel(
    state_on_sqlite: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    release, seen = threading.Event(), list[str]()

    def hook(delivery: Delivery) -> Receipt:
        if delivery.message_id == "slow":
            release.wait(30)
        seen.append(delivery.message_id)
        return Receipt(200, "ok")

    with courier(state_on_sqlite, {"hook": building.Channel(hook, 2)}, monkeypatch) as running:
        put(state_on_sqlite, "slow", now=datetime.now(UTC))
        running.ring()
        wait_until(lambda: message(state_on_sqlite, "slow").state == "leased")
        put(state_on_sqlite, "new", now=datetime.now(UTC))
        running.ring()
        wait_until(lambda: seen == ["new"])
        release.set()
        wait_until(lambda: seen == ["new", "slow"])


def test_two_beside_each_other_send_everything_once(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    hook = Noting()
    channel = {"hook": building.Channel(hook, 4)}
    names = [f"m{n:03}" for n in range(120)]
    with courier(state, channel, monkeypatch) as one, courier(state, channel, monkeypatch) as two:
        for name in names:
            put(state, name, now=datetime.now(UTC))
            one.ring()
            two.ring()
        wait_until(lambda: len(hook.seen) >= len(names), 60)
        wait_until(lambda: not one.has_waiting and not two.has_waiting)
    assert sorted(hook.seen) == names


def test_what_has_not_begun_at_the_end_stays(state_on_sqlite: State, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, release = threading.Event(), threading.Event()

    def hook(_delivery: Delivery) -> Receipt:
        begun.set()
        release.wait(30)
        return Receipt(200, "ok")

    with courier(state_on_sqlite, {"hook": hook}, monkeypatch) as running:
        for name in "abc":
            put(state_on_sqlite, name, now=datetime.now(UTC))
        running.ring()
        begun.wait(30)
        threading.Timer(0.2, release.set).start()
    assert [message(state_on_sqlite, name).state for name in "abc"] == ["delivered", "pending", "pending"]
    assert [message(state_on_sqlite, name).attempts for name in "abc"] == [1, 0, 0]


def test_a_state_that_is_locked_for_a_while_delays_and_loses_nothing(
    state_on_sqlite: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook, locked, release = Noting(), threading.Event(), threading.Event()

    def hold() -> None:
        with state_on_sqlite.write() as session:
            session.execute(sa.text("SELECT 1"))
            locked.set()
            release.wait(30)

    for name in "abc":
        put(state_on_sqlite, name, now=datetime.now(UTC))
    holder = threading.Thread(target=hold)
    holder.start()
    locked.wait(30)
    with courier(state_on_sqlite, {"hook": hook}, monkeypatch) as running:
        running.ring()
        time.sleep(0.3)
        assert hook.seen == []
        release.set()
        wait_until(lambda: hook.seen == ["a", "b", "c"])
        wait_until(lambda: not running.has_waiting)
    holder.join()


def test_a_clock_that_is_set_back_is_noticed(state_on_sqlite: State, monkeypatch: pytest.MonkeyPatch) -> None:
    class Back(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return datetime.now(UTC) - timedelta(hours=1)

    hook = Noting()
    with courier(state_on_sqlite, {"hook": hook}, monkeypatch) as running:
        put(state_on_sqlite, "before", now=datetime.now(UTC))
        running.ring()
        wait_until(lambda: hook.seen == ["before"])
        put(state_on_sqlite, "after", now=datetime.now(UTC))
        monkeypatch.setattr(module, "datetime", Back)
        running.ring()
        wait_until(lambda: hook.seen == ["before", "after"])


def test_a_state_that_fails_is_tried_again(state_on_sqlite: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST_SECONDS", 0.1)
    failures = iter([RuntimeError("one"), RuntimeError("two")])

    def plan_of() -> Plan:
        error = next(failures, None)
        if error is not None:
            raise error
        return plan([])

    hook = Noting()
    monkeypatch.setattr(building, "build_senders", lambda *_: {"hook": hook})
    put(state_on_sqlite, "a", now=datetime.now(UTC))
    with closing(Courier(Settings(), state_on_sqlite, plan_of)) as running:
        running.ring()
        wait_until(lambda: hook.seen == ["a"])
