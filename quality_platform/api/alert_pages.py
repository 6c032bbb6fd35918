"""Pages of alerts: from what was asked for to the rows, and the cursor behind them.

Belongs here: filters to query, rows to page. Does not belong here: the query (`state/alert_lists.py`), HTTP.
"""

from __future__ import annotations

from datetime import datetime

import orjson
import sqlalchemy as sa
from fastapi import Response

from quality_platform.alerting import listing
from quality_platform.alerting.plan import Plan
from quality_platform.api import paging
from quality_platform.api.alert_words import Alert, AlertPage, Filters, plain
from quality_platform.errors import UsageError
from quality_platform.model.matchers import parsed_all
from quality_platform.state import alert_lists
from quality_platform.state.alert_lists import Wanted
from quality_platform.state.database import State
from quality_platform.state.models import AlertRow, RuleStateRow


def answer(state: State, plan: Plan, filters: Filters) -> AlertPage | Response:
    """The page that `filters` ask for (AlertPage), as JSON at once: checking a thousand alerts again takes 50 ms."""
    if "pending" in filters.status:
        return _pending(state, plan, filters)
    wanted = _wanted(filters, plan)
    with state.read() as session:
        rows = alert_lists.page(
            session, wanted, filters.sort, filters.limit + 1, listing.labels_of, _after(filters)
        )  # fmt: skip
    shown = rows[: filters.limit]
    more = len(rows) > filters.limit
    page = {"alerts": [listing.shown(row) for row in shown], "next": _cursor(filters, shown[-1]) if more else None}
    return Response(orjson.dumps(page, option=orjson.OPT_UTC_Z), media_type="application/json")


def _wanted(filters: Filters, plan: Plan) -> Wanted:
    statuses: tuple[str, ...] = ()
    if "all" not in filters.status:
        asked = [listing.OPEN if each == "open" else (each,) for each in filters.status]
        statuses = tuple(sorted({status for group in asked for status in group}))
    found = plain(filters)
    found["metrics"] = tuple(plan.metric(name).name for name in found["metrics"])
    return Wanted(statuses=statuses, matchers=parsed_all(filters.matcher), **found)


def _after(filters: Filters) -> tuple[str, tuple[datetime, str]] | None:
    key = paging.read(filters.cursor, filters.sort, 3)
    if key is None:
        return None
    try:
        severity, instant, alert_id = key
        return str(severity), (datetime.fromisoformat(instant), str(alert_id))
    except (TypeError, ValueError):
        raise UsageError("cursor: it is none of this list.", hint="Begin again without one.") from None


def _cursor(filters: Filters, row: AlertRow) -> str:
    instant = row.updated_at if filters.sort == "-updated_at" else row.opened_at
    return paging.written(filters.sort, (row.severity, instant.isoformat(), row.id))


def _pending(state: State, plan: Plan, filters: Filters) -> AlertPage:
    """What waits: few, and without a place to go on from, so there is one page."""
    if set(filters.status) != {"pending"}:
        raise UsageError("status: pending is asked for alone.", hint="What is pending is no alert yet.")
    row = RuleStateRow
    query = sa.select(row).where(row.pending_since.is_not(None), row.level == "ok").order_by(row.pending_since.desc())
    with state.read() as session:
        found = listing.pending_shown(session.scalars(query), plan)
    names = {"severity": "severities", "project_id": "projects", "alert_type": "types", "metric_name": "metrics",
             "rule": "rules"}  # fmt: skip
    asked, matchers = plain(filters), parsed_all(filters.matcher)
    kept = [
        each for each in found
        if all(not asked[many] or each[one] in asked[many] for one, many in names.items())
        and all(matcher.matches(each["labels"]) for matcher in matchers)
    ]  # fmt: skip
    return AlertPage(alerts=[Alert(**each) for each in kept[: filters.limit]], next=None)
