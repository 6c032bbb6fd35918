"""Silences: which of them hold back news of an alert, and when that changes.

The end of an alert is never held back, whatever a silence says: who was told that it began is told that it is over.
Belongs here: whether a silence applies. Does not belong here: making and ending them (`episodes/silences.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from quality_platform.alerting.routing.matchers import Matcher, all_match

KINDS = ("firing", "repeat")
"""News that a silence holds back where it does not say."""

ALWAYS_TOLD = "resolved"


@dataclass(frozen=True, slots=True)
class Silence:
    """From `starts_at` up to and without `ends_at`. One without a matcher silences nothing."""

    id: str
    matchers: tuple[Matcher, ...]
    starts_at: datetime
    ends_at: datetime
    kinds: tuple[str, ...] = KINDS
    expire_on_resolve: bool = False

    def is_active(self, now: datetime) -> bool:
        """Whether it is in force at `now`."""
        return self.starts_at <= now < self.ends_at


def silenced_by(
    silences: Iterable[Silence], labels: Mapping[str, str], now: datetime, kind: str = "firing"
) -> tuple[str, ...]:
    """Ids of the silences that hold back news of `kind` about an alert with `labels`."""
    if kind == ALWAYS_TOLD:
        return ()
    return tuple(
        silence.id
        for silence in silences
        if silence.is_active(now) and kind in silence.kinds and _covers(silence, labels)
    )


def next_change(silences: Iterable[Silence], now: datetime) -> datetime | None:
    """The next instant after `now` at which one of them begins or ends; None where none does."""
    instants = (instant for silence in silences for instant in (silence.starts_at, silence.ends_at))
    return min((instant for instant in instants if instant > now), default=None)


def _covers(silence: Silence, labels: Mapping[str, str]) -> bool:
    return bool(silence.matchers) and all_match(silence.matchers, labels)
