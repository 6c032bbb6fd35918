"""A plot for those who cannot see it: one sentence, and a line of block characters for plain text."""

from __future__ import annotations

from quality_platform.model.message import Plot
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
    sentence = "; ".join(parts)
    return single_line(f"{sentence[0].upper()}{sentence[1:]}.")


def sparkline(plot: Plot, width: int = 40) -> str:
    """The plot as a line of block characters, a space for a gap; empty where there is no value.

    Each character stands for the value farthest from the mean, so that a spike shows.
    """
    import numpy as np

    _, values = points(plot)
    if np.isnan(values).all():
        return ""
    low, high, mean = np.nanmin(values), np.nanmax(values), np.nanmean(values)
    step = (high - low) / (len(_TICKS) - 1)
    parts = [part[~np.isnan(part)] for part in np.array_split(values, min(width, len(values)))]
    shown = [part[np.abs(part - mean).argmax()] if len(part) else None for part in parts]
    return "".join(
        " " if value is None else _TICKS[round((value - low) / step) if step else len(_TICKS) // 2] for value in shown
    )


def mark_lines(plot: Plot) -> list[str]:
    """The marks in words, numbered as in the picture."""
    return [
        f"{place}: {as_utc(moment):%Y-%m-%d %H:%M} {single_line(text, 200)}"
        for place, (moment, text) in enumerate(plot.marks, start=1)
    ]
