"""A series in one line of text, with the stretches in which its rule fired."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import numpy as np

from quality_platform.alerting.replaying.columns import Columns, microseconds
from quality_platform.alerting.replaying.episodes import Episode

BLOCKS = "▁▂▃▄▅▆▇█"
WIDTH = 48


@dataclass(frozen=True, slots=True)
class Sparkline:
    """`text` has one character for each stretch of time, a blank where nothing came; `firing`: where the rule fired."""

    text: str
    firing: tuple[bool, ...]
    lowest: float
    highest: float


def sparkline(
    columns: Columns, alerts: Sequence[Episode], since: datetime, until: datetime, *, worst: str = "above"
) -> Sparkline:
    """The series from `since` to `until`; each character shows the worst value of its stretch."""
    first, last = microseconds(since), microseconds(until)
    edges = np.linspace(first, last, WIDTH + 1)
    shown = np.full(WIDTH, np.nan)
    inside = (columns.instants >= first) & np.isfinite(columns.values)
    places = np.clip(np.searchsorted(edges, columns.instants[inside], "right") - 1, 0, WIDTH - 1)
    take = np.fmax if worst == "above" else np.fmin
    take.at(shown, places, columns.values[inside])
    finite = shown[np.isfinite(shown)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 0.0)
    scale = (len(BLOCKS) - 1) / (high - low) if high > low else 0.0
    text = "".join(" " if np.isnan(each) else BLOCKS[round((each - low) * scale)] for each in shown.tolist())
    return Sparkline(text, _firing(alerts, edges.tolist(), last), low, high)


def _firing(alerts: Sequence[Episode], edges: Sequence[float], last: int) -> tuple[bool, ...]:
    spans = [
        (microseconds(start), last if end is None else microseconds(end))
        for each in alerts
        for start, end in each.spans
    ]
    return tuple(any(start < after and end >= before for start, end in spans) for before, after in pairwise(edges))
