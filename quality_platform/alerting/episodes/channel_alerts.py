"""An alert about a channel that does not answer, told by the others: silence must not look like peace.

Belongs here: that alert. Does not belong here: judging a channel's health (`delivery/circuit.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from quality_platform.alerting.episodes import external
from quality_platform.alerting.episodes.changes import Changes
from quality_platform.alerting.episodes.external import PushedAlert
from quality_platform.alerting.plan import Plan
from quality_platform.state.database import serialise
from quality_platform.state.published import PLATFORM

RULE = "Channel does not answer"
_WORDS = {
    "unhealthy": "does not answer; what it should have been told waits",
    "disabled": "is gone, as its receiver says; it is told nothing any more",
    "healthy": "answers again",
}


def watching(plan: Callable[[], Plan]) -> Callable[[Session, str, str, datetime], None]:
    """What delivery calls when a channel's health changes, in the transaction in which it does."""

    def changed(session: Session, channel: str, state: str, now: datetime) -> None:
        serialise(session, "alerts")
        about = PushedAlert(
            project=PLATFORM, severity="critical" if state == "disabled" else "warning", rule=RULE,
            message=f"The channel {channel} {_WORDS.get(state, state)}.", labels={"channel": channel},
            subject=channel, origin="platform", ends_at=now if state == "healthy" else None,
        )  # fmt: skip
        external.take(Changes(session, plan().without(channel), now), [about])

    return changed
