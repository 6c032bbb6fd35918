"""Matchers as SQL: which alerts can fulfil them, found by the database.

A regular expression is RE2's, which no database has: it is held against the distinct values that a label has among the
alerts, and the database looks for those. A hundred thousand alerts have a few values of most labels, so their JSON is
read once, by the database, instead of every alert by us.

Belongs here: the narrowing. Does not belong here: what a matcher means (`model/matchers.py`), pages (`alert_lists.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quality_platform.model.matchers import Matcher
from quality_platform.state.models import AlertRow

MOST_VALUES = 500
"""Values that one condition names: beyond, the database would be slower than looking at each alert."""

# of an alert from before there were any: they follow from its columns, and are looked at one by one
_UNSAID = AlertRow.routing_labels == sa.literal_column("'{}'")


def conditions(
    session: Session, query: sa.Select[Any], matchers: Iterable[Matcher], *, as_sent: bool
) -> list[sa.ColumnElement[bool]]:
    """Conditions that every alert of `query` fulfils whose labels fulfil `matchers`; a few others may, too.

    `as_sent`: what an alert was pushed with goes before the labels that routes match.
    """
    found = (_condition(session, query, matcher, as_sent=as_sent) for matcher in matchers)
    return [each for each in found if each is not None]


def _condition(
    session: Session, query: sa.Select[Any], matcher: Matcher, *, as_sent: bool
) -> sa.ColumnElement[bool] | None:
    value = _value(session, matcher.name, as_sent=as_sent)
    if matcher.operator == "=" and matcher.value:
        return sa.or_(value == matcher.value, _UNSAID)
    seen = session.scalars(_distinct(query, value)).all()
    fitting = [each for each in seen if matcher.matches({} if each is None else {matcher.name: each})]
    others = [each for each in seen if each not in set(fitting)]
    if len(seen) > 2 * MOST_VALUES:
        return None
    if len(fitting) <= len(others):
        return sa.or_(_one_of(value, fitting), _UNSAID)
    return sa.or_(sa.not_(_one_of(value, others)), _UNSAID)


def _distinct(query: sa.Select[Any], value: sa.ColumnElement[str | None]) -> sa.Select[Any]:
    """The distinct values, read in the order that alerts were stored in: by another index it takes four times as long.

    The limit, which is never reached, keeps SQLite from taking the order away again.
    """
    ordered = query.with_only_columns(value.label("value")).order_by(AlertRow.opened_at, AlertRow.id).limit(2**62)
    return sa.select(ordered.subquery().c.value).distinct().limit(2 * MOST_VALUES + 1)


def _one_of(value: sa.ColumnElement[str | None], wanted: list[str | None]) -> sa.ColumnElement[bool]:
    """Never null, so that it can be turned round."""
    given = [each for each in wanted if each is not None]
    among = sa.and_(value.is_not(None), value.in_(given)) if given else sa.false()
    return sa.or_(among, value.is_(None)) if None in wanted else among


def _value(session: Session, name: str, *, as_sent: bool) -> sa.ColumnElement[str | None]:
    """The value of the label `name`; null where there is none."""
    stored = _extracted(session, AlertRow.routing_labels, name)
    if not as_sent:
        return stored
    sent = _extracted(session, AlertRow.labels, name)
    return sa.case((AlertRow.origin == "rule", stored), else_=sa.func.coalesce(sent, stored))


def _extracted(session: Session, column: Any, name: str) -> sa.ColumnElement[str | None]:
    if session.get_bind().dialect.name == "sqlite":
        return sa.func.json_extract(column, f'$."{name}"', type_=sa.Text())
    return sa.type_coerce(sa.cast(column, sa.JSON).op("->>")(name), sa.Text())
