"""How channels answer, as it is stored."""

from __future__ import annotations

import threading

from quality_platform.state import channel_health
from quality_platform.state.database import State
from quality_platform.state.models import ChannelHealthRow
from quality_platform_tests.data.outbox_rows import NOON, seconds


def test_an_unknown_channel_is_healthy(state: State) -> None:
    with state.write() as session:
        row = channel_health.locked(session, "hook", NOON)
        assert (row.state, row.failures, row.retry_at, row.since) == ("healthy", 0, None, NOON)
        assert channel_health.locked(session, "hook", NOON + seconds(9)) is row
    with state.read() as session:
        assert [row.channel for row in channel_health.listed(session)] == ["hook"]


def test_many_who_meet_a_channel_first_make_one_row(state: State) -> None:
    def count() -> None:
        for _ in range(5):
            with state.write() as session:
                channel_health.locked(session, "hook", NOON).failures += 1

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with state.read() as session:
        assert session.get_one(ChannelHealthRow, "hook").failures == 20


def test_a_channel_is_enabled_again(state: State) -> None:
    with state.write() as session:
        row = channel_health.locked(session, "hook", NOON)
        row.state, row.failures, row.retry_at = "disabled", 7, NOON
    with state.read() as session:
        assert list(channel_health.disabled(session)) == ["hook"]
    with state.write() as session:
        channel_health.enable(session, "hook", NOON + seconds(60))
    with state.read() as session:
        row = session.get_one(ChannelHealthRow, "hook")
        assert (row.state, row.failures, row.retry_at, row.since) == ("healthy", 0, None, NOON + seconds(60))
        assert not channel_health.disabled(session)


def test_how_far_a_limit_is_used_up_is_kept(state: State) -> None:
    with state.write() as session:
        assert channel_health.limit_reached(session, "hook") is None
        channel_health.reach_limit(session, "hook", NOON + seconds(2.5), NOON)
    with state.read() as session:
        assert channel_health.limit_reached(session, "hook") == NOON + seconds(2.5)
        assert channel_health.limit_reached(session, "other") is None
