"""Random stories by a clock of the test's own: whatever people, rules, restarts and clocks do, deadlines come to an end.

Belongs here: what holds of every story. Does not belong here: a deadline by itself (`test_deadlines.py`).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from quality_platform.alerting import deadlines, unwinding
from quality_platform.alerting.episodes import actions, silences
from quality_platform.alerting.episodes.changes import Changes
from quality_platform.alerting.episodes.silences import NewSilence
from quality_platform.alerting.notices.suppression import Suppression
from quality_platform.alerting.notices.telling import Teller
from quality_platform.alerting.plan import Plan
from quality_platform.alerting.routing.matchers import parsed_all
from quality_platform.errors import ConflictError
from quality_platform.model.alerts import Level, Series
from quality_platform.model.configuration import QualityConfig
from quality_platform.state.database import State
from quality_platform.state.models import AlertRow, NoticeGroupRow, NoticeRow, OutboxAlertRow, OutboxRow
from quality_platform.state.models.base import Base
from quality_platform_tests.data.alerting import CPU, webhook
from quality_platform_tests.data.story import SOMEBODY, Story

POWER, TILL, DESK = HOSTS = tuple(Series(CPU, "shop", subject) for subject in ("power", "till", "desk"))
PLAN = Plan.of(
    QualityConfig.model_validate(
        {
            "rules": [],
            "channels": [webhook("all"), webhook("boss", severity_levels=["info"])],
            "escalations": [
                {"name": "usual", "steps": [{"after": "15m", "channels": ["boss"]}, {"after": "1h", "channels": ["boss"]}]}
            ],
            "inhibitions": [{"source_matchers": ['subject="power"'], "target_matchers": ['subject="till"']}],
            "mute_windows": [{"name": "tea", "time_intervals": [{"times": [{"start_time": "13:00", "end_time": "14:30"}]}]}],
            "routing": {
                "receiver": "all", "escalation": "usual", "group_interval": "2m",
                "routes": [{"matchers": ['subject="desk"'], "mute_time_intervals": ["tea"], "repeat_interval": "20m"}],
            },
        }
    )
)  # fmt: skip
MOST_PASSES = 8
"""Of one call at one instant: an alert may be told, held back and looked at again, but not for ever."""

LENGTHS = st.sampled_from([1, 5, 30, 61, 15 * 60, 20 * 60, 3600, 5 * 3600])
WHOM = st.sampled_from(HOSTS)
STEP = st.one_of(
    st.tuples(st.just("play"), st.sampled_from(["ok", "warning", "critical"]), WHOM),
    st.tuples(st.just("play"), st.sampled_from(["ok", "warning", "critical"]), WHOM),
    st.tuples(st.just("tick"), LENGTHS),
    st.tuples(st.just("tick"), LENGTHS),
    st.tuples(st.just("acknowledge"), WHOM, st.none() | LENGTHS),
    st.tuples(st.just("unacknowledge"), WHOM),
    st.tuples(st.just("snooze"), WHOM, st.none() | LENGTHS),
    st.tuples(st.just("resolve"), WHOM),
    st.tuples(st.just("silence"), WHOM, st.sampled_from([0, 60, 1200]), LENGTHS, st.booleans()),
    st.tuples(st.just("unsilence")),
    st.tuples(st.just("restart")),
    st.tuples(st.just("set"), st.sampled_from([-3600, -60, 60, 3600])),
)


class Life(Story):
    """A story that random steps are taken in."""

    def take(self, step: tuple[object, ...]) -> None:
        verb, *words = step
        getattr(self, f"_{verb}")(*words)

    def look(self) -> None:
        """Do what is due; then nothing is, and it did not take for ever."""
        with counted() as passes:
            deadlines.tick(self.state, self.plan, self.now)
        assert passes() <= MOST_PASSES
        due = deadlines.next_deadline(self.state)
        assert due is None or due > self.now, "something stays due"

    def _play(self, level: Level, series: Series) -> None:
        before = self.memory.get(series)
        if level != (before.level if before else "ok"):
            self.play(level, series=[series])

    def _tick(self, seconds: int) -> None:
        self.wait(seconds=seconds)
        self.look()

    def _set(self, seconds: int) -> None:
        self.wait(seconds=seconds)
        if seconds < 0:
            unwinding.unwind(self.state, self.plan, self.now)
        self.look()

    def _acknowledge(self, series: Series, seconds: int | None) -> None:
        self._act(actions.acknowledge, series, until=self._later(seconds))

    def _unacknowledge(self, series: Series) -> None:
        self._act(actions.unacknowledge, series)

    def _snooze(self, series: Series, seconds: int | None) -> None:
        self._act(actions.snooze, series, until=self._later(seconds))

    def _resolve(self, series: Series) -> None:
        self._act(actions.resolve, series)

    def _silence(self, series: Series, begins: int, seconds: int, ends_with_it: bool) -> None:
        start = self.now + timedelta(seconds=begins)
        made = NewSilence(
            parsed_all([f'subject="{series.subject}"']), start, start + timedelta(seconds=seconds), "why not",
            expire_on_resolve=ends_with_it,
        )  # fmt: skip
        silences.create(self.state, self.plan, made, "somebody", self.now)

    def _unsilence(self) -> None:
        for row in silences.listed(self.state, since=self.now)[:1]:
            silences.expire(self.state, self.plan, row.id, "somebody", self.now)

    def _restart(self) -> None:
        self.state.close()  # what comes next opens it as another process would

    def _act(self, action: Callable[..., AlertRow], series: Series, **words: object) -> None:
        with self.state.read() as session:
            found = session.scalars(sa.select(AlertRow.id).where(AlertRow.subject == series.subject)).all()
        for alert in found[-1:]:
            with suppress(ConflictError):  # it may be over already
                action(self.state, self.plan, alert, SOMEBODY, self.now, **words)

    def _later(self, seconds: int | None) -> datetime | None:
        return None if seconds is None else self.now + timedelta(seconds=seconds)


@contextmanager
def counted() -> Iterator[Callable[[], int]]:
    """How many transactions a call of `tick` takes."""
    calls, look = [], deadlines._look

    def noting(changes: Changes) -> int:
        calls.append(changes.now)
        assert len(calls) <= 10 * MOST_PASSES, "it does not come to an end"
        return look(changes)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deadlines, "_look", noting)
        yield lambda: len(calls)


@pytest.fixture
def life(state_on_sqlite: State) -> Callable[[], Life]:
    """Makes a life that begins with nothing: to empty a state takes a tenth of the time that to make one does."""

    def begin() -> Life:
        with state_on_sqlite.write() as session:
            for table in reversed(Base.metadata.sorted_tables):
                session.execute(sa.delete(table))
        return Life(state_on_sqlite, PLAN)

    return begin


def untold(life: Life) -> list[tuple[str, str]]:
    """Open alerts that nothing holds back, and channels that do not know how they stand."""
    with life.state.read() as session:
        teller = Teller(session, life.plan, life.now)
        alerts = session.scalars(sa.select(AlertRow).where(AlertRow.status != "resolved")).all()
        teller.know(alerts)
        told = {(row.alert_id, row.channel): row for row in session.scalars(sa.select(NoticeRow))}
        return [
            (alert.subject, channel)
            for alert in alerts
            for channel, route in teller.routed(alert)
            if not teller.suppression.of(alert) and not teller.suppression.muted(route)
            if (alert.id, channel) not in told or told[alert.id, channel].told != alert.severity
        ]


def flagged(life: Life) -> list[str]:
    """Open alerts that say that a silence holds them back which does not, or the reverse."""
    with life.state.read() as session:
        suppression = Suppression(session, life.plan, life.now)
        alerts = session.scalars(sa.select(AlertRow).where(AlertRow.status != "resolved")).all()
        return [
            alert.subject
            for alert in alerts
            if sorted(json.loads(alert.silenced_by)) != sorted(suppression.of(alert).silenced)
        ]


def said(life: Life) -> dict[tuple[str, str], list[str]]:
    """By alert and channel, the kinds of the messages about it, in order."""
    found = defaultdict(list)
    row, about = OutboxRow, OutboxAlertRow
    query = sa.select(row.channel, row.kind, about.alert_id).join(about, about.position == row.position)
    with life.state.read() as session:
        for each in session.execute(query.order_by(row.position)):
            found[each.alert_id, each.channel].append(each.kind)
    return found


def end(life: Life) -> None:
    """A day and a half goes by, longer than anything is held back; then all is well."""
    for _ in range(12):
        life.wait(hours=3)
        life.look()
    assert untold(life) == []
    for series in HOSTS:
        life._play("ok", series)
    for _ in range(3):
        life.wait(hours=2)
        life.look()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, min_size=1, max_size=30))
@example(steps=[("play", "critical", POWER), ("snooze", POWER, 18000), ("tick", 3600), ("tick", 3600)])
@example(steps=[("play", "warning", TILL), ("snooze", TILL, 18000), ("play", "critical", TILL), ("play", "ok", TILL)])
@example(
    steps=[("play", "critical", DESK), *[("play", level, DESK) for level in ("ok", "critical") * 4], ("tick", 3600)]
)
def test_whatever_happens_deadlines_come_to_an_end_and_every_start_is_told_its_end(
    life: Callable[[], Life], steps: list[tuple[object, ...]]
) -> None:
    played = life()
    for step in steps:
        played.take(step)
    played.look()
    assert flagged(played) == []
    end(played)
    with played.state.read() as session:
        assert set(session.scalars(sa.select(AlertRow.status))) <= {"resolved"}
        assert session.scalars(sa.select(NoticeRow).where(NoticeRow.waiting.is_not(None))).all() == []
        assert session.scalars(sa.select(NoticeGroupRow).where(NoticeGroupRow.flush_at.is_not(None))).all() == []
    assert deadlines.next_deadline(played.state) is None
    for kinds in said(played).values():
        assert kinds[-1] == "resolved"
        assert ("resolved", "resolved") not in pairwise(kinds)
