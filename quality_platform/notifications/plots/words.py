"""A plot for those who cannot see it: one sentence, and a line of block characters for plain text."""

from __future__ import annotations

import math
from collections.abc import Iterator

from quality_platform.model.message import Outlook, Plot
from quality_platform.model.time import as_utc
from quality_platform.notifications.numbers import amount, brief
from quality_platform.notifications.plain import single_line
from quality_platform.notifications.plots.points import SECONDS_PER_DAY, points

_TICKS = "▁▂▃▄▅▆▇█"


def captioned(plot: Plot) -> str:
    """Title and unit."""
    return single_line(f"{plot.title} ({plot.unit})" if plot.unit else plot.title)


def described(plot: Plot) -> str:
    """The plot in one sentence, for those who cannot see it: newest, lowest and highest value, span, threshold."""
    import numpy as np

    days, values = points(plot)
    seen = np.flatnonzero(~np.isnan(values))
    if not len(seen):
        return "No data."
    first, last = (np.datetime64(round(days[place] * SECONDS_PER_DAY), "s").item() for place in seen[[0, -1]])
    parts = [f"latest {amount(values[seen[-1]], plot.unit)} on {last:%Y-%m-%d %H:%M} UTC"]
    if len(seen) > 1:
        low, high = (brief(value, plot.unit) for value in (np.nanmin(values), np.nanmax(values)))
        parts.append(f"lowest {low}, highest {high} since {first:%Y-%m-%d}")
    if plot.threshold is not None:
        parts.append(f"threshold {brief(plot.threshold, plot.unit)}")
    if plot.levels:
        parts.append("levels " + ", ".join(brief(span.level, plot.unit) for span in plot.levels))
    if plot.outlook is not None and plot.outlook.times:
        parts.append(_expected(plot.outlook, plot.unit))
    sentence = "; ".join(parts)
    return single_line(f"{sentence[0].upper()}{sentence[1:]}.")


def _expected(outlook: Outlook, unit: str) -> str:
    middle, low, high = (brief(values[-1], unit) for values in (outlook.middle, outlook.lower, outlook.upper))
    return f"expected {middle} ({low} to {high}) on {as_utc(outlook.times[-1]):%Y-%m-%d}"


def sparkline(plot: Plot, width: int = 40) -> str:
    """The plot as a line of block characters, a space for a gap; empty where there is no value.

    Each character stands for the value farthest from the mean, so that a spike shows.
    """
    # plain numbers: forty small arrays would take ten times as long, in every message that is sent
    _, array = points(plot)
    values: list[float] = array.tolist()
    seen = [value for value in values if not math.isnan(value)]
    if not seen:
        return ""
    low, high, mean = min(seen), max(seen), math.fsum(seen) / len(seen)
    step = (high - low) / (len(_TICKS) - 1)
    shown = [_farthest(part, mean) for part in _parts(values, min(width, len(values)))]
    return "".join(
        " " if value is None else _TICKS[round((value - low) / step) if step else len(_TICKS) // 2] for value in shown
    )


def _parts(values: list[float], count: int) -> Iterator[list[float]]:
    """`values` in `count` parts whose lengths differ by one at most, the longer ones first."""
    size, longer = divmod(len(values), count)
    start = 0
    for place in range(count):
        end = start + size + (place < longer)
        yield values[start:end]
        start = end


def _farthest(part: list[float], mean: float) -> float | None:
    return max((value for value in part if not math.isnan(value)), key=lambda value: abs(value - mean), default=None)


def mark_lines(plot: Plot) -> list[str]:
    """The marks in words, numbered as in the picture."""
    return [
        f"{place}: {as_utc(moment):%Y-%m-%d %H:%M} {single_line(text, 200)}"
        for place, (moment, text) in enumerate(plot.marks, start=1)
    ]
