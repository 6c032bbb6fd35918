"""Named cursors: small texts that outlive a process."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quality_platform.state.models import CursorRow
from quality_platform.state.upsert import upsert


def read(session: Session, name: str) -> str | None:
    """The value of `name`; None when it has none."""
    return session.scalar(sa.select(CursorRow.value).where(CursorRow.name == name))


def write(session: Session, name: str, value: str, now: datetime) -> None:
    """Set `name` to `value`. Two writers of one name: the later commit wins."""
    upsert(session, CursorRow, [{"name": name, "value": value, "updated_at": now}], key="name")
