"""The audit: every change by a person or program, in the transaction of the change itself.

Belongs here: writing. Does not belong here: reading it for people (`access/trail.py`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

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
    text = json.dumps(dict(details or {}), default=str, sort_keys=True)
    session.add(AuditRow(at=now, actor=actor, action=action, subject=subject, details=text))
