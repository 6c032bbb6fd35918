"""What happened to an alert, on its way to the channels.

Belongs here: the words between `episodes/`, which decides, and `telling.py`, which tells.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from quality_platform.model.alerts import EventKind, Evidence
from quality_platform.state.models import AlertRow

News = Literal["firing", "repeat", "resolved", "acknowledged", "escalated", "flapping", "settled"]
"""What a message says. `firing` also stands for a reopened alert, another severity, an acknowledgement that ended."""

STARTS: frozenset[str] = frozenset({"fired", "reopened", "severity_changed", "unacknowledged"})
"""Events after which everybody is told that it fires whom its labels lead to."""

UPDATES: frozenset[str] = frozenset({"acknowledged", "flapping", "settled"})
"""Events that those are told of who know of the alert."""


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of `alert`, as it stood then. `channels` is for an escalation: whom this step adds."""

    alert: AlertRow
    kind: EventKind
    evidence: Evidence
    previous: str | None = None
    note: str | None = None
    channels: tuple[str, ...] = ()
    bypass: bool = False
    """Whether it is told although the alert flaps: it got worse."""
