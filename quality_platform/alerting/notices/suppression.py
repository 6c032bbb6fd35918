"""What keeps the news of an alert from being told: silences, inhibition, a snooze, flapping, mute windows.

Belongs here: asking `routing/` with what the state holds, once a transaction. Does not belong here: the questions
themselves (`routing/`), or what is done with the answer (`telling.py`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quality_platform.alerting.notices import labels
from quality_platform.alerting.notices.outages import Outages, says_so
from quality_platform.alerting.plan import Plan
from quality_platform.alerting.routing import inhibition, silencing, windows
from quality_platform.alerting.routing.matchers import all_match, from_json
from quality_platform.alerting.routing.route import Route
from quality_platform.alerting.routing.silencing import Silence
from quality_platform.state.models import AlertRow, SilenceRow

SETTLE = timedelta(seconds=5)
"""After a cause ended its consequences have this long to end without being told."""

SILENCE = "silence"
"""Label of an alert about a silence, which does not silence it."""

AGAIN = timedelta(seconds=30)
"""Until a look at what is held back, where nobody can say when that ends."""


@dataclass(frozen=True, slots=True)
class Held:
    """Why an alert is not told about now; empty where it is."""

    silenced: tuple[str, ...] = ()
    inhibited: tuple[str, ...] = ()
    snoozed: bool = False
    flapping: bool = False

    def __bool__(self) -> bool:
        return bool(self.silenced or self.inhibited or self.snoozed or self.flapping)


@dataclass
class Suppression:
    """The silences and the firing alerts of one transaction, read when first asked for."""

    session: Session
    plan: Plan
    now: datetime
    _lifted: set[str] = field(default_factory=set)
    """Alerts that are over in this transaction and may have inhibited others."""

    @cached_property
    def silences(self) -> Sequence[Silence]:
        """Those that are not over."""
        query = sa.select(SilenceRow).where(SilenceRow.ends_at > self.now)
        return [silence_of(row) for row in self.session.scalars(query)]

    @cached_property
    def sources(self) -> inhibition.Sources:
        """Alerts that fire, and may inhibit others."""
        query = sa.select(AlertRow.id, AlertRow.routing_labels).where(
            AlertRow.status != "resolved", AlertRow.condition != "recovering"
        )
        firing = ((row.id, json.loads(row.routing_labels)) for row in self.session.execute(query))
        return inhibition.Sources.of(self.plan.inhibitions, firing)

    @cached_property
    def outages(self) -> Outages:
        """Alerts that say that a source is down."""
        return Outages.of(self.session, self.plan)

    def of(self, alert: AlertRow, kind: str = "firing") -> Held:
        """What holds back news of `kind` (`firing` or `repeat`) about `alert`."""
        known = labels.read(alert)
        about = known.get(SILENCE) if alert.origin == "platform" else None
        silences = [each for each in self.silences if each.id != about] if about else self.silences
        return Held(
            silenced=silencing.silenced_by(silences, known, self.now, kind),
            inhibited=self._inhibited(alert, known),
            snoozed=alert.snoozed_until is not None and alert.snoozed_until > self.now,
            flapping=alert.flapping,
        )

    def muted(self, route: Route) -> tuple[str, ...]:
        """Mute windows of `route` that are in force."""
        return windows.muted_by(route, self.plan.mute_windows, self.now)

    def marks_change(self, alert: AlertRow) -> Iterator[datetime]:
        """Instants at which `alert` may be silenced, or inhibited, by others than it says."""
        named, known = set(json.loads(alert.silenced_by)), labels.read(alert)
        for silence in self.silences:
            if silence.id in named:
                yield silence.ends_at
            elif silence.starts_at > self.now and all_match(silence.matchers, known):
                yield silence.starts_at
        if inhibiting := json.loads(alert.inhibited_by):
            yield self.now + (SETTLE if self._lifted.intersection(inhibiting) else AGAIN)

    def changes(self, alert: AlertRow, routes: Sequence[Route]) -> Iterator[datetime]:
        """Instants at which what else holds `alert` back may change by itself."""
        if alert.snoozed_until is not None:
            yield alert.snoozed_until
        for name in {name for route in routes for name in (*route.mute_windows, *route.active_windows)}:
            window = self.plan.mute_windows.get(name)
            change = windows.next_change(window, self.now) if window is not None else None
            if change is not None:
                yield change

    def lift(self, source: AlertRow) -> None:
        """`source` is over: those that it held back are looked at again when they have had time to end as well."""
        if not self.plan.inhibitions and not says_so(source):
            return
        self._lifted.add(source.id)  # for those that are looked at in this transaction, and set their own time
        held = sa.and_(AlertRow.status != "resolved", AlertRow.inhibited_by.contains(source.id))
        self.session.execute(sa.update(AlertRow).where(held).values(due_at=self.now + SETTLE))

    def expire(self, alert: AlertRow) -> None:
        """`alert` is over: silences that were to last as long as their alerts end with the last of them."""
        known = labels.read(alert)
        for silence in self.silences:
            if silence.expire_on_resolve and silencing.silenced_by([silence], known, self.now):
                others = sa.select(AlertRow.id).where(
                    AlertRow.status != "resolved", AlertRow.id != alert.id, AlertRow.silenced_by.contains(silence.id)
                )
                if self.session.scalar(others.limit(1)) is None:
                    ended = sa.update(SilenceRow).where(SilenceRow.id == silence.id)
                    self.session.execute(ended.values(ends_at=self.now, updated_at=self.now))

    def _inhibited(self, alert: AlertRow, known: Mapping[str, str]) -> tuple[str, ...]:
        by_outage = self.outages.holding(alert)
        if not self.plan.inhibitions or not inhibition.targets(self.plan.inhibitions, known):
            return by_outage
        found = dict.fromkeys((*by_outage, *self.sources.inhibiting(known)))
        return tuple(source for source in found if source != alert.id)


def silence_of(row: SilenceRow) -> Silence:
    """A stored silence as routing understands it."""
    return Silence(
        id=row.id, matchers=tuple(from_json(each) for each in json.loads(row.matchers)), starts_at=row.starts_at,
        ends_at=row.ends_at, kinds=tuple(json.loads(row.kinds)), expire_on_resolve=row.expire_on_resolve,
    )  # fmt: skip
