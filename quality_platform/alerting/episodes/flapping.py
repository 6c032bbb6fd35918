"""Flap damping: an alert that comes and goes is said to flap, once, until it holds still.

Transitions are counted over a window of time, which suits observations that come irregularly better than counting the
last 21 checks, as Nagios does.

Belongs here: counting, and when flapping begins and ends. Does not belong here: what is told meanwhile
(`notices/telling.py`).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quality_platform.model.rules import RuleBase
from quality_platform.state.models import FlapRow


@dataclass(frozen=True, slots=True)
class Damping:
    """So many `transitions` within `window` are flapping; it ends after `stable_for` without one."""

    transitions: int = 6
    window: timedelta = timedelta(minutes=30)
    stable_for: timedelta = timedelta(minutes=10)


def damping_of(rule: RuleBase | None) -> Damping:
    """What `rule` says, else the usual."""
    given = getattr(rule, "flap", None)
    return Damping() if given is None else Damping(given.transitions, given.window, given.stable_for)


def flaps(changes: Sequence[datetime], now: datetime, damping: Damping) -> bool:
    """Whether so many changes lie in the window that ends at `now`. Pure."""
    return sum(now - change < damping.window for change in changes) >= damping.transitions


def is_stable(changes: Sequence[datetime], now: datetime, damping: Damping) -> bool:
    """Whether the newest change is old enough. Pure."""
    return not changes or now - changes[-1] >= damping.stable_for


@dataclass
class Counts:
    """The changes of many fingerprints in one transaction, read in one go: one by one takes half of a storm's time."""

    session: Session
    now: datetime
    _rows: dict[str, FlapRow] = field(default_factory=dict)

    def know(self, fingerprints: Collection[str]) -> None:
        """Read what is known of these; those that are counted must be among them."""
        query = sa.select(FlapRow).where(FlapRow.fingerprint.in_(fingerprints))
        self._rows |= {row.fingerprint: row for row in self.session.scalars(query)}

    def count(self, fingerprint: str, damping: Damping) -> bool:
        """Note a change now; returns whether flapping begins with it."""
        row = self._rows.get(fingerprint)
        if row is None:
            row = self._rows[fingerprint] = FlapRow(fingerprint=fingerprint, changes="[]", since=None, cycles=0)
            self.session.add(row)
        changes = [*_read(row), self.now]
        row.changes = json.dumps([each.isoformat() for each in changes if self.now - each < damping.window])
        row.cycles += 1 if row.since is not None else 0
        if row.since is not None or not flaps(changes, self.now, damping):
            return False
        row.since, row.cycles = self.now, 0
        return True


def has_settled(session: Session, fingerprint: str, now: datetime, damping: Damping) -> bool:
    """Whether it has held still for long enough."""
    row = session.get(FlapRow, fingerprint)
    return row is None or is_stable(_read(row), now, damping)


def settle(session: Session, fingerprint: str) -> int:
    """Flapping is over; returns how many times it came or went meanwhile."""
    row = session.get(FlapRow, fingerprint)
    if row is None:
        return 0
    cycles = row.cycles
    row.changes, row.since, row.cycles = "[]", None, 0
    return cycles


def _read(row: FlapRow) -> list[datetime]:
    return [datetime.fromisoformat(each) for each in json.loads(row.changes)]
