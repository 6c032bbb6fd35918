"""What a detector says of a series, in one form for all of them: `detect`'s rows, the marts', the rules'.

Does not belong here: how it is found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Detection:
    """One finding about one row.

    `index` is the row, from 0, that it is about: the first of a new level, where a drift began, the unusual one.
    `reported_at` is the row that had just arrived when it could be told, `index` or later; a detector that looks at
    a whole history says its last row. `effect` is in the series' unit, `direction` that of the values whatever the
    metric thinks of it; `score` is the size of the detector's statistic.
    """

    index: int
    reported_at: int
    kind: str
    direction: Literal["up", "down"]
    effect: float
    p_value: float
    score: float
