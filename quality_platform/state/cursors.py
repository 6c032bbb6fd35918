"""Named cursors: small texts that outlive a process."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from quality_platform.state.models import CursorRow


def read(session: Session, name: str) -> str | None:
    """The value of `name`; None when it has none."""
    row = session.get(CursorRow, name)
    return row.value if row else None


def write(session: Session, name: str, value: str, now: datetime) -> None:
    """Set `name` to `value`. Two writers of one name: the later commit wins."""
    session.merge(CursorRow(name=name, value=value, updated_at=now))
