"""What an explanation rests on, and the steps that it consists of.

Belongs here: the two shapes. Does not belong here: reading the facts (`explain.py`), the sentences (`reasons.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from quality_platform.alerting.notices.suppression import Held
from quality_platform.alerting.routing.route import Route
from quality_platform.model.channels import ChannelConfig
from quality_platform.model.rules import RuleBase
from quality_platform.state.models import AlertRow, ChannelHealthRow, NoticeGroupRow, NoticeRow, OutboxRow

Verdict = Literal["passes", "holds", "stops", "waits", "told"]
"""`passes`: not in the way; `holds`: held back for now; `stops`: not told; `waits`: told later; `told`: it was told."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was looked at for `channel`, what came of it, and why."""

    channel: str
    what: str
    verdict: Verdict
    because: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that has a say in whether `channel` hears of `alert`, as it stands at `now`.

    `channel_config` None: there is no such channel, or it is disabled. `route`: the first that leads there. `limited`:
    until when the rate limit is used up. `message`: the newest one about the alert.
    """

    alert: AlertRow
    labels: Mapping[str, str]
    rule: RuleBase | None
    channel: str
    channel_config: ChannelConfig | None
    routes: Sequence[Route]
    route: Route | None
    now: datetime
    held: Held = field(default_factory=Held)
    silences: Mapping[str, str] = field(default_factory=dict)
    inhibitors: Mapping[str, str] = field(default_factory=dict)
    muted: tuple[str, ...] = ()
    settles_at: datetime | None = None
    notice: NoticeRow | None = None
    group: NoticeGroupRow | None = None
    message: OutboxRow | None = None
    health: ChannelHealthRow | None = None
    limited: datetime | None = None


Found = tuple[str, Verdict, str]
"""A step before it has its channel."""


def at(instant: datetime | None) -> str:
    """An instant in a sentence."""
    return f"{instant:%Y-%m-%d %H:%M:%S} UTC" if instant is not None else "an unknown time"
