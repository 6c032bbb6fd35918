"""What the rules remember between evaluations, advanced by compare-and-set.

Belongs here: reading and moving rule states. Does not belong here: judging (`rules/`) or what follows (`alerting/`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quality_platform.model.alerts import RuleState, Series
from quality_platform.state.identity import fingerprint
from quality_platform.state.models import RuleStateRow
from quality_platform.state.upsert import upsert

NEW = RuleState()
_IDENTITY = ("metric", "project", "subject", "labels")
_FIELDS = (
    "level", "pending_since", "pending_level", "evaluated_to", "recovering_since", "breached_at", "no_data",
)  # fmt: skip
_COLUMNS = tuple(getattr(RuleStateRow, name) for name in _FIELDS)


@dataclass(frozen=True, slots=True)
class Advance:
    """A rule's memory of one series, before an evaluation and after it."""

    rule: str
    series: Series
    before: RuleState
    after: RuleState

    @property
    def fingerprint(self) -> str:
        """Identity of the rule on the series."""
        return fingerprint(self.rule, self.series.key)


def load(session: Session, rules: Collection[str]) -> dict[tuple[str, Series], RuleState]:
    """States of the rules with these keys, by rule key and series. A pair that is absent is `NEW`."""
    row = RuleStateRow
    identity = (row.rule, row.metric, row.project, row.subject, row.labels)
    found = session.execute(sa.select(*identity, *_COLUMNS).where(row.rule.in_(rules)))
    return {(each.rule, Series(*each[1:5])): _state(each) for each in found}


def advance(session: Session, advances: Sequence[Advance]) -> frozenset[str]:
    """Store every `after` whose `before` still holds; returns the fingerprints of those.

    The caller holds the writers of alerts off (`State.write(serial="alerts")`), so that nothing moves between
    the comparison and the write. An advance whose `before` no longer holds was overtaken by another process.
    """
    current = _current(session, [each.fingerprint for each in advances])
    valid = [each for each in advances if current.get(each.fingerprint, NEW) == each.before]
    if valid:
        upsert(session, RuleStateRow, [_values(each) for each in valid], key="fingerprint")
    return frozenset(each.fingerprint for each in valid)


def forget(session: Session, fingerprints: Collection[str]) -> None:
    """Remove the memory of these; their next evaluation is a first one."""
    session.execute(sa.delete(RuleStateRow).where(RuleStateRow.fingerprint.in_(fingerprints)))


def _current(session: Session, fingerprints: Collection[str]) -> dict[str, RuleState]:
    row = RuleStateRow
    found = session.execute(sa.select(row.fingerprint, *_COLUMNS).where(row.fingerprint.in_(fingerprints)))
    return {each.fingerprint: _state(each) for each in found}


def _state(row: sa.Row[Any]) -> RuleState:
    return RuleState(**{name: getattr(row, name) for name in _FIELDS})


def _values(each: Advance) -> Mapping[str, object]:
    identity = {name: getattr(each.series, name) for name in _IDENTITY}
    after = {name: getattr(each.after, name) for name in _FIELDS}
    return {"fingerprint": each.fingerprint, "rule": each.rule, **identity, **after}
