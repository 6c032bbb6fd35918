"""When a channel is left alone, and when it is believed to be back. Time is data."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.alerting.delivery.circuit import arrived, failed
from quality_platform.errors import DeliveryError
from quality_platform.state.models import ChannelHealthRow
from quality_platform_tests.data.outbox_rows import NOON, seconds


def health(state: str = "healthy", failures: int = 0, retry_at: datetime | None = None) -> ChannelHealthRow:
    return ChannelHealthRow(channel="hook", state=state, since=NOON, failures=failures, retry_at=retry_at)


def down(retry_after: float | None = None, status: int | None = None) -> DeliveryError:
    return DeliveryError("no answer", retry=True, retry_after=retry_after, status=status)


def refused(status: int = 404) -> DeliveryError:
    return DeliveryError(f"answered {status}", retry=False, status=status)


def test_three_failures_in_a_row_open_the_circuit() -> None:
    row = health()
    seen = []
    for number in range(4):
        failed(row, down(status=503), NOON + seconds(number), dead=False)
        seen.append((row.state, row.retry_at))
    assert seen == [
        ("healthy", None),
        ("healthy", None),
        ("unhealthy", NOON + seconds(3)),
        ("unhealthy", NOON + seconds(4)),
    ]
    assert (row.since, row.last_status, row.last_error) == (NOON + seconds(2), 503, "no answer")


def test_a_message_that_arrives_starts_the_count_anew() -> None:
    row = health()
    for _ in range(5):
        failed(row, down(), NOON, dead=False)
        failed(row, down(), NOON, dead=False)
        assert arrived(row, NOON) is False
    assert (row.state, row.failures, row.retry_at, row.last_ok_at) == ("healthy", 0, None, NOON)


def test_a_probe_that_arrives_closes_the_circuit() -> None:
    row = health("unhealthy", 9, NOON)
    assert arrived(row, NOON + seconds(5)) is True
    assert (row.state, row.since, row.failures, row.retry_at) == ("healthy", NOON + seconds(5), 0, None)


@pytest.mark.parametrize(("down_for", "wait"), [(0, 1), (20, 1), (60, 1), (120, 2), (300, 5), (600, 10), (9e4, 10)])
def test_a_channel_that_is_down_is_asked_seldomer_with_time(down_for: float, wait: float) -> None:
    row = health("unhealthy", 9, NOON)
    failed(row, down(), NOON + seconds(down_for), dead=False)
    assert row.retry_at == NOON + seconds(down_for + wait)


@pytest.mark.parametrize(("asked", "pause"), [(30, 30), (0.2, 1), (1e9, 3600)])
def test_a_receiver_that_asks_for_patience_gets_it_for_all_messages(asked: float, pause: float) -> None:
    row = health()
    failed(row, down(retry_after=asked, status=429), NOON, dead=False)
    assert (row.state, row.retry_at) == ("healthy", NOON + seconds(pause))
    assert arrived(row, NOON + seconds(pause)) is True


def test_a_refusal_says_nothing_of_the_channel_until_it_costs_the_message() -> None:
    row = health()
    failed(row, refused(), NOON, dead=False)
    assert (row.state, row.retry_at, row.failures) == ("healthy", None, 0)
    failed(row, refused(), NOON, dead=True)
    assert (row.state, row.retry_at) == ("unhealthy", None)
    assert arrived(row, NOON) is False
    assert row.state == "healthy"


def test_a_probe_that_is_refused_leaves_the_circuit_open() -> None:
    row = health("unhealthy", 9, NOON)
    failed(row, refused(), NOON, dead=False)
    assert (row.state, row.retry_at) == ("unhealthy", NOON + seconds(1))


def test_a_channel_that_is_gone_stays_disabled() -> None:
    row = health("unhealthy", 5, NOON)
    failed(row, refused(410), NOON, dead=True)
    assert (row.state, row.retry_at) == ("disabled", None)
    failed(row, down(), NOON, dead=False)
    assert arrived(row, NOON) is False
    assert (row.state, row.retry_at) == ("disabled", None)


@given(st.lists(st.sampled_from(["ok", "down", "refused", "dead", "gone"]), max_size=30))
def test_the_circuit_is_open_only_after_failures_and_never_for_long(answers: list[str]) -> None:
    row, now = health(), NOON
    for answer in answers:
        now += seconds(1)
        if answer == "ok":
            arrived(row, now)
        elif answer == "down":
            failed(row, down(), now, dead=False)
        else:
            failed(row, refused(410 if answer == "gone" else 404), now, dead=answer != "refused")
        assert row.state in {"healthy", "unhealthy", "disabled"}
        if row.retry_at is not None:
            assert row.state == "unhealthy"
            assert row.failures >= 3
            assert row.retry_at - now <= timedelta(seconds=10)
    assert ("gone" in answers) == (row.state == "disabled")
