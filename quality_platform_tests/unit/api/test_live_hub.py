"""Publishing: nobody is waited for, everybody gets the same in order, who is slow is cut off and told so."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.api.live.hub import CutOffError, Hub


def nothing() -> None:
    """No need to be woken."""


@given(st.lists(st.one_of(st.integers(0, 100), st.just("take")), max_size=60), st.integers(1, 5))
def test_a_subscriber_gets_everything_in_order_or_is_cut_off(steps: list[int | str], most: int) -> None:
    hub: Hub[int] = Hub()
    subscription = hub.subscribe(nothing, most=most)
    published: list[int] = []
    taken: list[int] = []
    waiting = 0
    for step in steps:
        if isinstance(step, int):
            slow = hub.publish(step)
            published.append(step)
            waiting += 1
            assert slow == (1 if waiting == most + 1 else 0)
            if waiting > most:
                break
        else:
            taken += subscription.take()
            waiting = 0
            assert taken == published
    if waiting > most:
        for _ in range(2):
            with pytest.raises(CutOffError):
                subscription.take()
        assert hub.publish(1) == 0
        assert len(hub) == 0
    else:
        assert taken + subscription.take() == published


def test_weight_bounds_what_waits_but_a_single_item_may_weigh_more() -> None:
    hub: Hub[str] = Hub()
    subscription = hub.subscribe(nothing, most_weight=10)

    assert hub.publish("heavy", 50) == 0
    assert hub.publish("light", 1) == 1
    with pytest.raises(CutOffError):
        subscription.take()


def test_the_slow_do_not_cost_the_quick() -> None:
    hub: Hub[int] = Hub()
    slow, quick = hub.subscribe(nothing, most=1), hub.subscribe(nothing, most=10)
    for number in range(3):
        hub.publish(number)

    assert quick.take() == [0, 1, 2]
    with pytest.raises(CutOffError):
        slow.take()


def test_a_subscriber_in_another_thread_is_woken_also_to_be_told_the_end() -> None:
    hub: Hub[int] = Hub()
    rung = threading.Event()
    subscription = hub.subscribe(rung.set, most=1_000)
    got: list[int] = []

    def listen() -> None:
        while True:
            rung.wait(5)
            rung.clear()
            try:
                got.extend(subscription.take())
            except CutOffError:
                return

    listener = threading.Thread(target=listen)
    listener.start()
    for number in range(500):
        hub.publish(number)
    while len(got) < 500 and listener.is_alive():
        pass
    subscription.cut_off()
    listener.join(5)

    assert got == list(range(500))
    assert not listener.is_alive()


def test_who_has_left_gets_nothing_more() -> None:
    hub: Hub[int] = Hub()
    subscription = hub.subscribe(nothing)
    subscription.close()

    assert hub.publish(1) == 0
    assert subscription.take() == []
