"""What one try of a probe found.

Belongs here: the record. Does not belong here: trying (`attempts.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Outcome:
    """`reason` says why it is down, None where it is up. `target` is the host, never a path or query, which may hold a
    secret. Figures that there are none of are None: what did not answer has no duration."""

    kind: Literal["http", "tcp", "process"]
    target: str
    reason: str | None
    duration_ms: float | None = None
    status: int | None = None
    certificate_days: float | None = None
    processes: int | None = None
