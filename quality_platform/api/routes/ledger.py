"""The ingest ledger: what became of every item that was sent, and that it adds up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from quality_platform.access.tokens import Principal
from quality_platform.api.reading import LakeReader
from quality_platform.api.security.bearer import REFUSALS, require
from quality_platform.model.tables_live import CATEGORIES

router = APIRouter(prefix="/api/v1/ingest", tags=["ingest"], responses=REFUSALS)
MOST_HOURS = 24 * 400
MOST_ROWS = 1_000

_COUNTED = """
WITH counted AS (
    SELECT project, hour, door, category, outcome, reason, sum(quantity)::BIGINT AS quantity
    FROM raw.ingest_counts
    WHERE hour >= ? AND (? IS NULL OR project = ?) AND (? IS NULL OR category = ?)
    GROUP BY ALL
)
"""
_SUMS = """
    coalesce(sum(quantity) FILTER (outcome = 'received'), 0)::BIGINT AS received,
    coalesce(sum(quantity) FILTER (outcome = 'stored'), 0)::BIGINT AS stored,
    coalesce(sum(quantity) FILTER (outcome = 'duplicate'), 0)::BIGINT AS duplicate,
    coalesce(sum(quantity) FILTER (outcome = 'rejected'), 0)::BIGINT AS rejected,
    coalesce(sum(quantity) FILTER (outcome = 'lost'), 0)::BIGINT AS lost
"""
_ROWS = f"""{_COUNTED}
SELECT project, hour, door, category, {_SUMS},
    list({{'reason': reason, 'quantity': quantity}} ORDER BY reason) FILTER (outcome = 'rejected') AS rejected_because,
    list({{'reason': reason, 'quantity': quantity}} ORDER BY reason) FILTER (outcome = 'lost') AS lost_because
FROM counted GROUP BY project, hour, door, category
ORDER BY hour DESC, project, door, category LIMIT ? OFFSET ?
"""
_TOTALS = f"""{_COUNTED}
SELECT {_SUMS}, count(DISTINCT (project, hour, door, category))::BIGINT AS rows FROM counted
"""


class Sums(BaseModel):
    """Items, by what became of them."""

    sent: int = Field(description="received + lost: what applications had to send.")
    received: int
    stored: int
    duplicate: int = Field(description="Repeats of an item that is stored: retries.")
    rejected: int
    lost: int = Field(description="What clients say they threw away before sending.")
    balance: int = Field(description="sent - stored - duplicate - rejected - lost; anything but 0 is a fault of ours.")


class Row(Sums):
    """One row per project, hour, door and category."""

    project: str
    hour: datetime
    door: str
    category: str
    rejected_because: dict[str, int] = Field(description="Rejected items by reason.")
    lost_because: dict[str, int] = Field(description="Lost items by the client's reason.")


class Ledger(BaseModel):
    """A page of the ledger, newest hour first, and the sums of all pages."""

    since: datetime
    totals: Sums
    rows: list[Row]
    more: bool = Field(description="Whether there are rows beyond `offset` + `limit`.")


@router.get("/ledger")
def ledger(
    request: Request,
    _viewer: Annotated[Principal, Depends(require("viewer"))],
    project: Annotated[str | None, Query(max_length=200)] = None,
    category: Annotated[str | None, Query(description=f"One of {', '.join(CATEGORIES)}.", max_length=40)] = None,
    hours: Annotated[int, Query(ge=1, le=MOST_HOURS, description="How far back.")] = 24,
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 200,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> Ledger:
    """What became of every item that was sent in the last `hours`."""
    since = datetime.now(UTC) - timedelta(hours=hours)
    wanted = [since, project, project, category, category]
    reader: LakeReader = request.app.state.service.reader
    totals = reader.rows(_TOTALS, wanted)[0]
    rows = [_row(found) for found in reader.rows(_ROWS, [*wanted, limit, offset])]
    return Ledger(since=since, totals=Sums(**_sums(totals)), rows=rows, more=offset + len(rows) < totals["rows"])


def _row(found: dict[str, Any]) -> Row:
    names = ("project", "hour", "door", "category")
    reasons = {name: _by_reason(found[name]) for name in ("rejected_because", "lost_because")}
    return Row(**{name: found[name] for name in names}, **_sums(found), **reasons)


def _by_reason(counts: list[dict[str, Any]] | None) -> dict[str, int]:
    return {each["reason"]: each["quantity"] for each in counts or ()}


def _sums(found: dict[str, Any]) -> dict[str, int]:
    ended = {name: found[name] for name in ("stored", "duplicate", "rejected", "lost")}
    sent = found["received"] + found["lost"]
    return {"sent": sent, "received": found["received"], **ended, "balance": sent - sum(ended.values())}
