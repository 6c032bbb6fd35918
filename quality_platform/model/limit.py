"""A threshold that a series is held against, as plots and forecasts need to know it.

Does not belong here: the rule that it is part of (`rules.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Limit:
    """A threshold of a rule; `side` is the bad one."""

    rule: str
    severity: Literal["warning", "critical"]
    threshold: float
    side: Literal["above", "below"]
