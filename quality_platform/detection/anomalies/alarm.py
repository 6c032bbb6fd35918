"""When to speak: once for a stretch of unusual errors, and the less readily the more was said lately.

Belongs here: the budget of reports and what counts as one stretch. Does not belong here: how unusual an error is
(`tail.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from quality_platform.detection.scaling import LARGEST

# Expected of ordinary rows alone: one report in ten days. In rows it is bounded, for series of seconds and of months.
REPORTS_PER_DAY = 0.1
RAREST, MOST_OFTEN = 1e-5, 5e-3
# A stretch ends when nothing was unusual for half a day, counted in rows within these bounds.
QUIET_DAYS, QUIET_LEAST, QUIET_MOST = 0.5, 12, 300
# Something so many times as far beyond its limit as all of the stretch is news in itself.
FURTHER = 3.0
# Every report of late makes the limit so much higher; a month later it counts half.
RELUCTANCE = 0.1
HALF_LIFE_DAYS = 30.0


def share_reported(rows_per_day: float) -> float:
    """The p-value below which a row is unusual."""
    return min(max(REPORTS_PER_DAY / rows_per_day, RAREST), MOST_OFTEN)


@dataclass(slots=True)
class Alarm:
    """What was said of late. Rows are counted from 0."""

    rows_per_day: float
    load: float = 0.0
    load_row: int = 0
    unusual_row: int | None = None
    largest: float = 0.0

    def strictness(self, row: int) -> float:
        """The factor of the limit at `row`."""
        return 1.0 + RELUCTANCE * self._load(row)

    def unusual(self, row: int, excess: float) -> bool:
        """An unusual row, `excess` times its limit; whether it is news: it begins a stretch, or surpasses it by far."""
        excess = min(excess, LARGEST)
        quiet = min(max(int(QUIET_DAYS * self.rows_per_day), QUIET_LEAST), QUIET_MOST)
        begins = self.unusual_row is None or row - self.unusual_row > quiet
        reported = begins or excess > FURTHER * self.largest
        self.unusual_row = row
        if reported:
            self.load, self.load_row, self.largest = self._load(row) + 1.0, row, excess
        return reported

    def _load(self, row: int) -> float:
        """Reports of late, each counted by its age."""
        return float(self.load * 0.5 ** ((row - self.load_row) / (HALF_LIFE_DAYS * self.rows_per_day)))

    def state(self) -> dict[str, Any]:
        """All of it, as JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """The one with that `state()`."""
        return cls(**state)
