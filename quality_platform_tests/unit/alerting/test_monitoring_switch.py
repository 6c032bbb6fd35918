"""The switch of live monitoring: on until somebody turns it, the same for every process, audited."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from quality_platform.access import trail
from quality_platform.alerting import monitoring
from quality_platform.alerting.monitoring import Monitoring
from quality_platform.state.database import State

NOW = datetime(2026, 5, 4, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def test_a_new_platform_monitors(state: State) -> None:
    assert monitoring.read(state) == Monitoring(running=True, since=None, by=None)
    assert monitoring.is_running(state)


def test_turning_it_to_where_it_stands_changes_nothing(state: State) -> None:
    stopped = monitoring.set_running(state, False, "ann", NOW)
    again = monitoring.set_running(state, False, "bob", LATER)
    started = monitoring.set_running(state, True, "bob", LATER)

    assert stopped == again == Monitoring(running=False, since=NOW, by="ann")
    assert started == monitoring.read(state) == Monitoring(running=True, since=LATER, by="bob")
    assert [(each.actor, each.action) for each in trail.changes(state)] == [
        ("bob", "monitoring.start"), ("ann", "monitoring.stop"),
    ]  # fmt: skip
