"""From changes of level to the alerts that people would have seen: opened, reopened, flapping, over. Pure.

What `alerting/episodes/` does in transactions, over a past that is known; flapping is counted by the same functions.
Belongs here: episodes and what would be told of them. Does not belong here: whom, and in which messages
(`messages.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from quality_platform.alerting.episodes.flapping import Damping, flaps, is_stable
from quality_platform.alerting.episodes.lifecycle import REOPEN_WINDOW, rises
from quality_platform.model.alerts import Series, Transition

Kind = Literal["firing", "resolved", "flapping", "settled"]
Change = tuple[datetime, Transition]


@dataclass(slots=True)
class Episode:
    """One alert: when it was opened and over (None: it fires to the end), its highest severity, how restless it was."""

    series: Series
    opened: datetime
    severity: str
    closed: datetime | None = None
    highest: str = ""
    reopened: int = 0
    flapped: bool = False
    spans: list[tuple[datetime, datetime | None]] = field(default_factory=list)
    """Stretches in which the rule fired."""

    def lasted(self, until: datetime) -> timedelta:
        """From its opening to its end, or `until`."""
        return (self.closed or until) - self.opened

    def fired(self, since: datetime, until: datetime) -> timedelta:
        """How long the rule fired between these."""
        found = [min(end or until, until) - max(start, since) for start, end in self.spans]
        return sum((each for each in found if each > timedelta(0)), timedelta(0))


@dataclass(frozen=True, slots=True)
class News:
    """Something to tell about an alert; `severity` is that of then. `bypass`: also while it flaps."""

    at: datetime
    alert: Episode
    kind: Kind
    severity: str


@dataclass
class Story:
    """The episodes of one rule on one series, in the order of its changes."""

    series: Series
    damping: Damping
    alerts: list[Episode] = field(default_factory=list)
    news: list[News] = field(default_factory=list)
    _open: Episode | None = None
    _recovering: bool = False
    _flapping: bool = False
    _untold: bool = False
    _changes: list[datetime] = field(default_factory=list)

    def follow(self, changes: Iterable[Change], until: datetime) -> Story:
        """Take the changes, oldest first, and then let time pass up to `until`."""
        for at, change in changes:
            self._settle(at)
            if change.to == "ok":
                self._recover(at)
            elif self._open is None:
                self._start(at, change.to)
            else:
                self._go_on(self._open, at, change.to)
        self._settle(until)
        return self

    def _start(self, at: datetime, severity: str) -> None:
        last = self.alerts[-1] if self.alerts else None
        again = last is not None and last.closed is not None and at - last.closed <= REOPEN_WINDOW
        if last is not None and again:
            self._open, last.closed, last.severity = last, None, severity
            last.reopened += 1
        else:
            self._open = Episode(self.series, at, severity)
            self.alerts.append(self._open)
        alert = self._open
        alert.spans.append((at, None))
        alert.highest = severity if rises(alert.highest or "ok", severity) else alert.highest
        self._untold = self._count(at)
        if not self._untold:
            self._tell(at, "firing")

    def _go_on(self, alert: Episode, at: datetime, severity: str) -> None:
        higher, other = rises(alert.severity, severity), severity != alert.severity
        came_back, self._recovering = self._recovering, False
        alert.severity = severity
        alert.highest = severity if rises(alert.highest, severity) else alert.highest
        if came_back:
            alert.spans.append((at, None))
            if self._count(at) and not higher:
                return
        if other and (higher or not self._flapping):
            self._untold = False
            self._tell(at, "firing")

    def _recover(self, at: datetime) -> None:
        alert = self._open
        if alert is None:
            return
        self._recovering = True
        alert.spans[-1] = (alert.spans[-1][0], at)
        if not self._count(at):
            self._close(at)

    def _close(self, at: datetime) -> None:
        assert self._open is not None
        self._open.closed = at
        self._tell(at, "resolved")
        self._open, self._recovering, self._flapping = None, False, False

    def _count(self, at: datetime) -> bool:
        """Count a coming or going; whether it flaps."""
        self._changes = [each for each in (*self._changes, at) if at - each < self.damping.window]
        if not self._flapping and flaps(self._changes, at, self.damping):
            self._flapping = True
            assert self._open is not None
            self._open.flapped = True
            self._tell(at, "flapping")
        return self._flapping

    def _settle(self, now: datetime) -> None:
        """End flapping where it has held still before `now`."""
        if not self._flapping or not is_stable(self._changes, now, self.damping):
            return
        at = self._changes[-1] + self.damping.stable_for
        self._flapping, self._changes = False, []
        if self._recovering:
            self._close(at)
        else:
            self._tell(at, "firing" if self._untold else "settled")
            self._untold = False

    def _tell(self, at: datetime, kind: Kind) -> None:
        assert self._open is not None
        self.news.append(News(at, self._open, kind, self._open.severity))
