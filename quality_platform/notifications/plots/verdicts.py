"""What detection says of a series, drawn over its curve: the levels between steps, and what is expected next.

Does not belong here: the curve and the axes (`figure.py`).
"""

from __future__ import annotations

import math
from typing import Any

from quality_platform.model.message import Outlook, Plot
from quality_platform.model.time import as_utc
from quality_platform.notifications.plots.points import LARGEST, SECONDS_PER_DAY
from quality_platform.notifications.tones import LIGHT


def draw(axes: Any, plot: Plot, code: str) -> None:
    """Levels as bars over the curve, the outlook as a dashed line in its band; `code` is the curve's colour."""
    for span in plot.levels:
        axes.hlines(span.level, _day(span.start), _day(span.end), color=LIGHT.ink, linewidth=2.2, alpha=0.55, zorder=3)
    if plot.outlook is not None and plot.outlook.times:
        _outlook(axes, plot.outlook, code)


def _outlook(axes: Any, outlook: Outlook, code: str) -> None:
    days = [_day(moment) for moment in outlook.times]
    axes.fill_between(days, outlook.lower, outlook.upper, color=code, alpha=0.14, linewidth=0)
    axes.plot(days, outlook.middle, color=code, linewidth=1.3, linestyle=(0, (3, 2)))


def extremes(plot: Plot) -> list[float]:
    """Lowest and highest of what is drawn here, so that the axes hold it; empty where nothing is."""
    drawn = [span.level for span in plot.levels]
    if plot.outlook is not None:
        drawn += [*plot.outlook.lower, *plot.outlook.upper]
    return [value for value in drawn if math.isfinite(value) and abs(value) < LARGEST]


def last_day(plot: Plot) -> float:
    """The last day of the outlook, in days since 1970; -inf where there is none."""
    return max((_day(moment) for moment in plot.outlook.times), default=-math.inf) if plot.outlook else -math.inf


def _day(moment: Any) -> float:
    return as_utc(moment).timestamp() / SECONDS_PER_DAY
