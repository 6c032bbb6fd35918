"""Figures about alerts of late: how soon they are found, taken care of and over, and which rules make noise.

Counted from the state database, so they are right this second; what is older than it keeps is in the marts
(`marts.alert_history`, `marts.alert_daily`). MTTD is from the first bad value to the alert, MTTA from the alert to its
acknowledgement, MTTR from the alert to its end; an alert that was reopened goes on from its first start.

Belongs here: the sums. Does not belong here: their words in HTTP (`api/routes/analytics.py`).
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from quality_platform.state.database import State
from quality_platform.state.models import AlertRow, OutboxAlertRow, OutboxRow

MOST_EPISODES = 200_000
SHORT = timedelta(minutes=5)

_COLUMNS = (
    AlertRow.id, AlertRow.rule, AlertRow.type, AlertRow.severity, AlertRow.project, AlertRow.opened_at,
    AlertRow.resolved_at, AlertRow.breached_at, AlertRow.acknowledged_at, AlertRow.manual, AlertRow.reopened,
    AlertRow.flapping, AlertRow.silenced_by, AlertRow.actionable, AlertRow.assignee,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of some episodes: how many there were, mean, median and 90th percentile; None where there was none."""

    episodes: int
    mean: float | None
    median: float | None
    p90: float | None


@dataclass(frozen=True, slots=True)
class Noise:
    """What a rule cost its readers. Shares are of its episodes; `precision` of those that people marked."""

    rule: str
    type: str
    episodes: int
    open: int
    messages: int
    messages_per_episode: float
    short_share: float
    flapping_share: float
    silenced_share: float
    untouched: bool
    marked: int
    precision: float | None
    dead_letters: int


@dataclass(frozen=True, slots=True)
class Analytics:
    """Figures of the episodes that began in a span of time."""

    since: datetime
    until: datetime
    episodes: int
    open: int
    by_severity: Mapping[str, int]
    time_to_detect: Times
    time_to_acknowledge: Times
    time_to_resolve: Times
    time_to_resolve_by_hand: Times
    never_acknowledged_share: float | None
    precision: float | None
    truncated: bool
    rules: Sequence[Noise] = field(default_factory=tuple)


def analytics(
    state: State, since: datetime, until: datetime, *, project: str | None = None, rule: str | None = None
) -> Analytics:
    """Figures of the episodes that began between `since` and `until`. Raises StateError."""
    wanted = [AlertRow.opened_at >= since, AlertRow.opened_at < until]
    wanted += [column == value for column, value in ((AlertRow.project, project), (AlertRow.rule, rule)) if value]
    with state.read() as session:
        newest = sa.select(*_COLUMNS).where(*wanted).order_by(AlertRow.opened_at.desc()).limit(MOST_EPISODES)
        rows = session.execute(newest).all()
        messages = _by_rule(session.execute(_messages(wanted)).all())
        dead = _by_rule(session.execute(_messages(wanted, "dead")).all())
    return _summed(rows, messages, dead, since, until)


def _messages(wanted: Sequence[sa.ColumnElement[bool]], state: str | None = None) -> Any:
    query = (
        sa.select(AlertRow.rule, sa.func.count())
        .join(OutboxAlertRow, OutboxAlertRow.alert_id == AlertRow.id)
        .join(OutboxRow, OutboxRow.position == OutboxAlertRow.position)
        .where(*wanted)
    )
    if state is not None:
        query = query.where(OutboxRow.state == state)
    return query.group_by(AlertRow.rule)


def _by_rule(rows: Iterable[Any]) -> dict[str, int]:
    return {row[0]: row[1] for row in rows}


def _summed(
    rows: Sequence[Any], messages: Mapping[str, int], dead: Mapping[str, int], since: datetime, until: datetime
) -> Analytics:
    over = [row for row in rows if row.resolved_at is not None]
    seen = [row for row in rows if row.acknowledged_at is not None]
    severities = [row.severity for row in rows]
    return Analytics(
        since=since,
        until=until,
        episodes=len(rows),
        open=len(rows) - len(over),
        by_severity={name: severities.count(name) for name in ("critical", "warning", "info")},
        time_to_detect=_times((row.opened_at - row.breached_at) for row in rows if row.breached_at is not None),
        time_to_acknowledge=_times(row.acknowledged_at - row.opened_at for row in seen),
        time_to_resolve=_times(row.resolved_at - row.opened_at for row in over if not row.manual),
        time_to_resolve_by_hand=_times(row.resolved_at - row.opened_at for row in over if row.manual),
        never_acknowledged_share=_share(sum(row.acknowledged_at is None for row in over), len(over)),
        precision=_precision(rows),
        truncated=len(rows) == MOST_EPISODES,
        rules=_noisiest(rows, messages, dead),
    )


def _times(spans: Iterable[timedelta]) -> Times:
    seconds = sorted(max(0.0, span.total_seconds()) for span in spans)
    if not seconds:
        return Times(0, None, None, None)
    ninth = seconds[math.ceil(0.9 * len(seconds)) - 1]
    return Times(len(seconds), statistics.fmean(seconds), statistics.median(seconds), ninth)


def _noisiest(rows: Sequence[Any], messages: Mapping[str, int], dead: Mapping[str, int]) -> list[Noise]:
    by_rule: dict[str, list[Any]] = {}
    for row in rows:
        by_rule.setdefault(row.rule, []).append(row)
    found = [_noise(rule, mine, messages.get(rule, 0), dead.get(rule, 0)) for rule, mine in by_rule.items()]
    return sorted(found, key=lambda each: (-each.messages, -each.episodes, each.rule))


def _noise(rule: str, rows: Sequence[Any], messages: int, dead: int) -> Noise:
    short = [row for row in rows if row.resolved_at is not None and row.resolved_at - row.opened_at < SHORT]
    return Noise(
        rule=rule,
        type=rows[0].type,
        episodes=len(rows),
        open=sum(row.resolved_at is None for row in rows),
        messages=messages,
        messages_per_episode=messages / len(rows),
        short_share=sum(not _touched(row) for row in short) / len(rows),
        flapping_share=sum(bool(row.flapping or row.reopened) for row in rows) / len(rows),
        silenced_share=sum(row.silenced_by != "[]" for row in rows) / len(rows),
        untouched=not any(_touched(row) for row in rows),
        marked=sum(row.actionable is not None for row in rows),
        precision=_precision(rows),
        dead_letters=dead,
    )


def _touched(row: Any) -> bool:
    """Whether a person did something with it."""
    return bool(row.acknowledged_at or row.manual or row.assignee or row.actionable is not None)


def _precision(rows: Sequence[Any]) -> float | None:
    return _share(sum(row.actionable is True for row in rows), sum(row.actionable is not None for row in rows))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
