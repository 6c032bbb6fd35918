"""The audit: every change by a person or program, in the transaction of the change itself.

Each entry carries a digest of itself and of the entry before it, so that one that is changed, taken out or put in
between breaks the chain, and whoever checks it sees where.

Belongs here: writing, and the chain. Does not belong here: reading it for people (`access/trail.py`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quality_platform.state.database import serialise
from quality_platform.state.models import AuditRow


def record(
    session: Session,
    now: datetime,
    *,
    actor: str,
    action: str,
    subject: str,
    details: Mapping[str, object] | None = None,
) -> None:
    """Write down that `actor` did `action` to `subject`. `details` must hold no secret."""
    serialise(session, "audit")
    text = json.dumps(dict(details or {}), default=str, sort_keys=True)
    row = AuditRow(at=now, actor=actor, action=action, subject=subject, details=text)
    newest = sa.select(AuditRow.chain).order_by(AuditRow.position.desc()).limit(1)
    row.chain = link(session.scalar(newest) or "", row)
    session.add(row)
    session.flush()  # the next entry of this transaction goes on from it


def link(before: str, row: AuditRow) -> str:
    """The digest of an entry after one whose digest is `before`: 64 hexadecimal digits of SHA-256."""
    # NUL becomes another character on its way into the database
    said = [row.at.astimezone(UTC).isoformat(), row.actor, row.action, row.subject, row.details]
    text = json.dumps([before, *said], ensure_ascii=False).replace("\\u0000", "\ufffd")
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def broken_at(rows: Iterable[AuditRow]) -> int | None:
    """Position of the first of `rows`, which are all there are in their order, that does not follow from the one
    before; None where the chain is whole. Entries from before there was a chain have none, and begin it."""
    before = ""
    for row in rows:
        if (row.chain or before) and row.chain != link(before, row):
            return row.position
        before = row.chain
    return None
