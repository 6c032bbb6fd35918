"""Counters into rates: pure arithmetic on two readings.

Belongs here: what a reading is, and when two of them give a rate. Does not belong here: taking one (`host.py`,
`processes.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SHORTEST = 0.05
"""Seconds between two readings below which a rate would be noise."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Counters at one instant. `at` and `boot` are seconds since 1970.

    `counters` only grow between boots. `cpu` holds the CPU seconds used by each process, by `name/role`, then by
    `pid/start`.
    """

    at: float
    boot: float
    counters: Mapping[str, float]
    cpu: Mapping[str, Mapping[str, float]]

    def as_cursor(self) -> dict[str, object]:
        """The reading as JSON."""
        return {
            "at": self.at,
            "boot": self.boot,
            "counters": dict(self.counters),
            "cpu": {group: dict(processes) for group, processes in self.cpu.items()},
        }


def reading_of(cursor: Mapping[str, Any] | None) -> Reading | None:
    """The reading in a batch's `read_from`; None when there is none."""
    if not cursor or "counters" not in cursor:
        return None
    return Reading(float(cursor["at"]), float(cursor["boot"]), cursor["counters"], cursor["cpu"])


def seconds_between(before: Reading | None, after: Reading) -> float | None:
    """Seconds from one reading to the next; None for the first reading, after a reboot, or too close together."""
    if before is None or abs(after.boot - before.boot) > 2:  # the boot time is computed, and wavers by a second
        return None
    elapsed = after.at - before.at
    return elapsed if elapsed >= SHORTEST else None


def growth(before: Reading, after: Reading, counter: str) -> float | None:
    """How much a counter grew; None when it is missing in either or went backwards."""
    first, second = before.counters.get(counter), after.counters.get(counter)
    if first is None or second is None or second < first:
        return None
    return second - first


def busy_percent(before: Reading, after: Reading) -> float | None:
    """Busy CPU time over all CPU time between two readings, in per cent.

    Kernels let single CPU counters step back a little, so a negative part counts as none (as in psutil).
    """
    parts = ("cpu_busy", "cpu_idle")
    if any(part not in reading.counters for part in parts for reading in (before, after)):
        return None
    busy, idle = (max(0.0, after.counters[part] - before.counters[part]) for part in parts)
    return 100.0 * (busy / (busy + idle)) if busy + idle else None


def process_percent(before: Reading, after: Reading, group: str, elapsed: float) -> float | None:
    """CPU seconds used by a group of processes per second, in per cent of one core.

    A process that started in between counts from its start; one that ended is not counted. None when the group
    was not there before.
    """
    earlier = before.cpu.get(group)
    if earlier is None:
        return None
    used = 0.0
    for process, seconds in after.cpu[group].items():
        started_since = float(process.rpartition("/")[2]) >= before.at
        used += max(0.0, seconds - earlier.get(process, 0.0 if started_since else seconds))
    return 100.0 * used / elapsed
