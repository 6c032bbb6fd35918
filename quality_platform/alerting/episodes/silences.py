"""Silences: made, changed, ended, listed; written before the answer, so that a kill right after it forgets none.

Belongs here: the life of a silence and what it does to the alerts that are open. Does not belong here: matching
(`routing/silencing.py`), what a silence holds back (`notices/telling.py`), saying that
it ends (`silence_alerts.py`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quality_platform.alerting.episodes import silence_alerts
from quality_platform.alerting.episodes.changes import Changes
from quality_platform.alerting.notices import labels
from quality_platform.alerting.notices.suppression import silence_of
from quality_platform.alerting.notices.telling import Teller
from quality_platform.alerting.plan import Plan
from quality_platform.alerting.routing.matchers import Matcher, to_json
from quality_platform.errors import ConflictError, NotFoundError, UsageError, VersionError
from quality_platform.state import alert_lists, audit
from quality_platform.state.database import State
from quality_platform.state.identity import new_id
from quality_platform.state.models import AlertRow, SilenceRow

LONGEST = timedelta(days=366)
WARN_BEFORE = timedelta(minutes=15)
"""So long before its end it is said that a silence ends; not of one that is shorter than four times that."""
KINDS = ("firing", "repeat")


@dataclass(frozen=True, slots=True)
class NewSilence:
    """What somebody wants not to be told of. `kinds`: firing, repeat; the end of an alert is always told."""

    matchers: tuple[Matcher, ...]
    starts_at: datetime
    ends_at: datetime
    comment: str
    kinds: tuple[str, ...] = KINDS
    expire_on_resolve: bool = False


def create(
    state: State,
    plan: Plan,
    silence: NewSilence,
    actor: str,
    now: datetime,
    *,
    replaces: str | None = None,
    version: int | None = None,
) -> SilenceRow:
    """A new silence, or another form of the one called `replaces`. Raises UsageError naming the field, NotFoundError,
    ConflictError for one that is over, VersionError."""
    _check(silence, now)
    with state.write(serial="alerts") as session:
        row = _row(session, silence, actor, now) if replaces is None else _get(session, replaces, version)
        if row.ends_at <= now:
            raise ConflictError(f"The silence {row.id} is over.", current="expired", hint="Make a new one.")
        _fill(row, silence, now)
        session.flush()
        _touch(session, plan, now, row)
        action = "silence.create" if replaces is None else "silence.change"
        details = {"matchers": row.matchers, "ends_at": row.ends_at, "comment": row.comment}
        audit.record(session, now, actor=actor, action=action, subject=row.id, details=details)
    return row


def expire(
    state: State, plan: Plan, silence_id: str, actor: str, now: datetime, *, version: int | None = None
) -> SilenceRow:
    """End a silence now; one that is over stays as it is. Raises NotFoundError, VersionError."""
    with state.write(serial="alerts") as session:
        row = _get(session, silence_id, version)
        if row.ends_at > now:
            row.starts_at, row.ends_at, row.warn_at = min(row.starts_at, now), now, None
            row.updated_at, row.version = now, row.version + 1
            session.flush()
            _touch(session, plan, now, row)
            audit.record(session, now, actor=actor, action="silence.expire", subject=row.id)
    return row


def listed(state: State, *, since: datetime | None = None) -> Sequence[SilenceRow]:
    """Silences that end after `since` (None for all), the one that ends last first."""
    query = sa.select(SilenceRow).order_by(SilenceRow.ends_at.desc(), SilenceRow.id.desc())
    if since is not None:
        query = query.where(SilenceRow.ends_at > since)
    with state.read() as session:
        return session.scalars(query).all()


def get(state: State, silence_id: str) -> SilenceRow:
    """One silence. Raises NotFoundError."""
    with state.read() as session:
        return _get(session, silence_id, None)


def preview(state: State, matchers: Sequence[Matcher]) -> int:
    """How many open alerts these would match."""
    with state.read() as session:
        return len(alert_lists.routed(session, matchers, labels.read))


def _check(silence: NewSilence, now: datetime) -> None:
    if not silence.matchers or all(each.matches({}) for each in silence.matchers):
        raise UsageError("matchers: one at least must not match everything.", hint="Write rule=NAME, for instance.")
    if silence.ends_at <= max(now, silence.starts_at):
        raise UsageError("ends_at: it must be still to come, and after starts_at.")
    if silence.ends_at - silence.starts_at > LONGEST:
        raise UsageError(f"ends_at: a silence lasts {LONGEST.days} days at most.")
    if not silence.comment.strip():
        raise UsageError("comment: say why, for those who come after you.")
    unknown = [kind for kind in silence.kinds if kind not in KINDS]
    if unknown or not silence.kinds:
        raise UsageError(f"kinds: {unknown or 'none'} cannot be silenced.", hint=f"Some of {', '.join(KINDS)}.")


def _row(session: Session, silence: NewSilence, actor: str, now: datetime) -> SilenceRow:
    row = SilenceRow(id=new_id(now), created_by=actor, created_at=now, version=0, ends_at=silence.ends_at)
    session.add(row)
    return row


def _fill(row: SilenceRow, silence: NewSilence, now: datetime) -> None:
    row.matchers = json.dumps([to_json(each) for each in silence.matchers])
    row.starts_at, row.ends_at, row.comment = silence.starts_at, silence.ends_at, silence.comment
    row.kinds, row.expire_on_resolve = json.dumps(list(silence.kinds)), silence.expire_on_resolve
    row.warn_at = (
        max(now, silence.ends_at - WARN_BEFORE) if silence.ends_at - silence.starts_at >= 4 * WARN_BEFORE else None
    )
    row.updated_at, row.version = now, row.version + 1


def _get(session: Session, silence_id: str, version: int | None) -> SilenceRow:
    row = session.get(SilenceRow, silence_id)
    if row is None:
        raise NotFoundError(f"There is no silence {silence_id}.")
    if version is not None and row.version != version:
        raise VersionError(f"The silence is at version {row.version}, not {version}.", current=str(row.version))
    return row


def _touch(session: Session, plan: Plan, now: datetime, row: SilenceRow) -> None:
    """Have the open alerts that it matches, or matched, say so; what it held back is told if it does no more."""
    silence_alerts.withdraw(Changes(session, plan, now), row)
    matched = alert_lists.routed(session, silence_of(row).matchers, labels.read)
    marked = sa.select(AlertRow.id).where(AlertRow.status != "resolved", AlertRow.silenced_by.contains(row.id))
    ids = list(dict.fromkeys((*matched, *session.scalars(marked))))
    found = {alert.id: alert for alert in alert_lists.of_ids(session, ids)}
    if not found:
        return
    teller = Teller(session, plan, now)
    teller.know(found.values())
    for alert in found.values():
        teller.held(alert)
        teller.release(alert)
    teller.finish()
