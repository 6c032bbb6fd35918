"""Lists of alerts: filtered, in an order, page by page, quick with a hundred thousand of them open.

Every order has an index (`models/alerts.py`) that gives the first rows of a page without sorting. By severity means one
query per severity, because a rank that is computed has no index.

Belongs here: the queries. Does not belong here: what is shown of an alert (`alerting/listing.py`), labels in SQL
(`label_search.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quality_platform.model.matchers import Matcher
from quality_platform.state import label_search
from quality_platform.state.models import AlertRow

Sort = Literal["-opened_at", "opened_at", "-updated_at", "severity"]
SEVERITIES = ("critical", "warning", "info")
_CHUNK = 2_000
# written out, because an index of open alerts is only used where the query says the very same
_IS_OPEN = AlertRow.status != sa.literal_column("'resolved'")
Position = tuple[datetime, str]
_LABELS = (AlertRow.origin, AlertRow.labels, AlertRow.routing_labels, AlertRow.rule, AlertRow.type, AlertRow.metric,
           AlertRow.project, AlertRow.subject, AlertRow.severity)  # fmt: skip
Labels = Callable[[Any], Mapping[str, str]]
"""The labels of an alert, or of a row that has `_LABELS` of it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list shows. Empty means all; `text` is looked for in what people read; `assignee` "" means nobody."""

    statuses: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    assignee: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""
    matchers: tuple[Matcher, ...] = ()


def page(
    session: Session, wanted: Wanted, sort: Sort, limit: int, labels: Labels, after: tuple[str, Position] | None = None
) -> list[AlertRow]:
    """At most `limit` alerts, those behind `after` (severity and position of the one before)."""
    if sort != "severity":
        return _rows(session, wanted, sort, limit, labels, after[1] if after else None)
    found: list[AlertRow] = []
    left = [each for each in SEVERITIES if not wanted.severities or each in wanted.severities]
    if after is not None:
        left = left[left.index(after[0]) :] if after[0] in left else []
    for severity in left:
        behind = after[1] if after is not None and severity == after[0] else None
        one = replace(wanted, severities=(severity,))
        found += _rows(session, one, "-opened_at", limit - len(found), labels, behind)
        if len(found) >= limit:
            break
    return found


def every(session: Session, wanted: Wanted, labels: Labels, columns: Sequence[Any]) -> Iterator[Any]:
    """All alerts that are wanted, oldest first, without holding them all: `columns` of each, and those of its labels.

    Whole alerts, which can be changed, would take three times as long.
    """
    query = _filtered(session, sa.select(AlertRow), wanted).order_by(AlertRow.opened_at, AlertRow.id)
    narrow = query.with_only_columns(*dict.fromkeys((AlertRow.id, *_LABELS, *columns)))
    with session.execute(narrow.execution_options(yield_per=_CHUNK)) as rows:
        for row in rows:
            if not wanted.matchers or all(matcher.matches(labels(row)) for matcher in wanted.matchers):
                yield row


def routed(session: Session, matchers: Sequence[Matcher], labels: Labels) -> list[str]:
    """Ids of the open alerts whose `labels`, those that routes match, fulfil all `matchers`."""
    query = sa.select(AlertRow).where(_IS_OPEN)
    query = query.where(*label_search.conditions(session, query, matchers, as_sent=False))
    with closing(_matching(session, query, Wanted(matchers=tuple(matchers)), labels)) as matching:
        return list(matching)


def of_ids(session: Session, ids: Sequence[str]) -> Iterator[AlertRow]:
    """The alerts of these ids, in no order."""
    for start in range(0, len(ids), _CHUNK):
        yield from session.scalars(sa.select(AlertRow).where(AlertRow.id.in_(ids[start : start + _CHUNK])))


def counts(session: Session) -> dict[tuple[str, str], int]:
    """How many alerts are open, by status and severity."""
    found = {}
    # one by one, because only then SQLite takes the index that has all of it
    for severity in SEVERITIES:
        query = sa.select(AlertRow.status, sa.func.count()).where(_IS_OPEN, AlertRow.severity == severity)
        for status, number in session.execute(query.group_by(AlertRow.status)):
            found[status, severity] = number
    return found


def _rows(
    session: Session, wanted: Wanted, sort: Sort, limit: int, labels: Labels, after: Position | None
) -> list[AlertRow]:
    column = AlertRow.updated_at if sort == "-updated_at" else AlertRow.opened_at
    query = _filtered(session, sa.select(AlertRow), wanted)
    place = sa.tuple_(column, AlertRow.id)
    descending = sort.startswith("-")
    if after is not None:
        behind = sa.tuple_(sa.literal(after[0], column.type), sa.literal(after[1]))
        query = query.where(place < behind if descending else place > behind)
    query = query.order_by(*((column.desc(), AlertRow.id.desc()) if descending else (column, AlertRow.id)))
    if not wanted.matchers:
        return list(session.scalars(query.limit(limit)))
    # closed at once: what is left of it is held by the database's server
    with closing(_matching(session, query, wanted, labels)) as matching:
        ids = list(islice(matching, limit))
    rows = {row.id: row for row in session.scalars(sa.select(AlertRow).where(AlertRow.id.in_(ids)))}
    return [rows[each] for each in ids]


def _matching(session: Session, query: sa.Select[Any], wanted: Wanted, labels: Labels) -> Generator[str, None, None]:
    """Ids of the alerts whose labels fulfil the matchers: only those are read whole, which takes 30 times as long."""
    narrow = query.with_only_columns(AlertRow.id, *_LABELS).execution_options(yield_per=_CHUNK)
    with session.execute(narrow) as rows:
        for row in rows:
            found = labels(row)
            if all(matcher.matches(found) for matcher in wanted.matchers):
                yield row.id


def _filtered(session: Session, query: sa.Select[Any], wanted: Wanted) -> sa.Select[Any]:
    row = AlertRow
    if wanted.statuses and "resolved" not in wanted.statuses:
        query = query.where(_IS_OPEN)
    for column, values in _columns(wanted):
        if values:
            query = query.where(column == values[0] if len(values) == 1 else column.in_(values))
    if wanted.assignee is not None:
        query = query.where(row.assignee == wanted.assignee if wanted.assignee else row.assignee.is_(None))
    if wanted.since is not None:
        query = query.where(row.opened_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(row.opened_at < wanted.until)
    query = query.where(*_texts(session, wanted))
    return query.where(*label_search.conditions(session, query, wanted.matchers, as_sent=True))


def _columns(wanted: Wanted) -> Sequence[tuple[Any, tuple[str, ...]]]:
    row = AlertRow
    # both open statuses are said by the condition above already
    statuses = () if set(wanted.statuses) == {"active", "acknowledged"} else wanted.statuses
    return (
        (row.status, statuses), (row.severity, wanted.severities), (row.project, wanted.projects),
        (row.type, wanted.types), (row.metric, wanted.metrics), (row.rule, wanted.rules), (row.origin, wanted.origins),
    )  # fmt: skip


def _texts(session: Session, wanted: Wanted) -> Iterator[sa.ColumnElement[bool]]:
    row = AlertRow
    if wanted.text:
        whole = row.message + " " + row.rule + " " + row.metric + " " + row.subject + " " + row.project
        # SQLite's own LIKE knows no case; making both small first takes twice as long
        sqlite = session.get_bind().dialect.name == "sqlite"
        yield (whole.contains if sqlite else whole.icontains)(wanted.text, autoescape=True)
