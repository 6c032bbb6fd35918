"""A rule on a series that comes and goes by a clock of the test's own, and what follows from it in the state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from quality_platform.alerting import deadlines
from quality_platform.alerting.conditions.judgement import Judgement
from quality_platform.alerting.delivery.frozen import thaw
from quality_platform.alerting.episodes import lifecycle
from quality_platform.alerting.episodes.actions import Actor
from quality_platform.alerting.episodes.changes import Changes
from quality_platform.alerting.plan import Plan
from quality_platform.model.alerts import AlertType, Evidence, Level, RuleState, Series, Transition
from quality_platform.state import alerts
from quality_platform.state.database import State
from quality_platform.state.models import AlertRow, OutboxRow
from quality_platform.state.rule_states import NEW
from quality_platform_tests.data.alerting import CPU, NOON, events

SERIES = Series(CPU, "shop", "host")
SOMEBODY = Actor("test somebody")


def step(before: Level, to: Level, value: float = 91.0, *, reason: str = "") -> Transition:
    return Transition(before, to, Evidence(value, 90.0, NOON, "batch-1", f"{value:g}% is above 90%."), reason)


@dataclass
class Story:
    """Plays transitions of one rule, by default on one series, one evaluation after the other."""

    state: State
    plan: Plan
    rule: str = "busy"
    kind: AlertType = "threshold_violation"
    now: datetime = NOON
    memory: dict[Series, RuleState] = field(default_factory=dict)

    def play(self, *levels: Level, series: Sequence[Series] = (SERIES,)) -> Changes:
        """Each of `series` goes through `levels` in one transaction, a second after what was before."""
        self.wait(seconds=1)
        judgements = [self._judged(each, levels) for each in series]
        with self.state.write(serial="alerts") as session:
            changes = Changes(session, self.plan, self.now)
            assert lifecycle.record(changes, judgements) == 0
        return changes

    def wait(self, **length: float) -> None:
        """Let time pass; nothing is looked at."""
        self.now += timedelta(**length)

    def tick(self, **length: float) -> None:
        """Let time pass, and do what is due then."""
        self.wait(**length)
        deadlines.tick(self.state, self.plan, self.now)

    def events(self) -> list[str]:
        return [row.kind for row in events(self.state)]

    def sent(self) -> list[tuple[str, str]]:
        """Channel and kind of every message, in order."""
        return [(row.channel, row.kind) for row in self.outbox()]

    def outbox(self) -> list[OutboxRow]:
        with self.state.read() as session:
            return session.query(OutboxRow).order_by(OutboxRow.position).all()

    def titles(self) -> list[str]:
        return [thaw(row.payload, row.message_id, row.created_at).message.title for row in self.outbox()]

    def alert(self) -> AlertRow:
        """The newest episode."""
        with self.state.read() as session:
            return alerts.newest(session)[0]

    def _judged(self, series: Series, levels: Sequence[Level]) -> Judgement:
        before = self.memory.get(series, NEW)
        transitions, at = [], before.level
        for level in levels:
            transitions.append(step(at, level))
            at = level
        self.memory[series] = RuleState(at, evaluated_to=self.now)
        return Judgement(self.rule, self.kind, series, before, self.memory[series], tuple(transitions))
