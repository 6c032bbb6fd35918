"""A plot as a matplotlib figure: axes, curve, threshold, numbered marks.

Does not belong here: levels and outlook (`verdicts.py`), pictures as bytes (`pictures.py`).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from quality_platform.model.message import Plot
from quality_platform.model.time import as_utc
from quality_platform.notifications.numbers import brief
from quality_platform.notifications.plots import verdicts
from quality_platform.notifications.plots.points import SECONDS_PER_DAY, points
from quality_platform.notifications.tones import LIGHT

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# Small, so that its 9-point letters stay readable when a phone of 360 pixels shows the whole width.
SIZE_INCHES = (5.0, 2.1)
DPI = 200
# The days since 1970 that matplotlib's dates can hold (years 1 to 9999), less a margin.
FIRST_DAY, LAST_DAY = -719_000.0, 2_932_000.0
# Marks closer than this share of the width get one label: their numbers would cover each other.
CLOSE = 0.035


def figure(plot: Plot, ground: str = "none") -> Figure:
    """The figure of `plot`, without title: five by two inches."""
    from matplotlib.figure import Figure
    from numpy import isnan

    sheet = Figure(figsize=SIZE_INCHES, dpi=DPI, layout="constrained", facecolor=ground)
    axes = sheet.add_subplot(facecolor="none")
    days, values = points(plot)
    if isnan(values).all():
        return _empty(sheet, axes)
    _limits(axes, plot, days, values)
    _scales(axes, plot)
    _curve(axes, days, values, colour(plot))
    verdicts.draw(axes, plot, colour(plot))
    if plot.threshold is not None:
        _threshold(axes, plot.threshold, plot.unit)
    for day, label in _labels(plot, axes.get_xlim()):
        _mark(axes, day, label)
    return sheet


def _empty(sheet: Figure, axes: Any) -> Figure:
    axes.set_axis_off()
    axes.text(0.5, 0.5, "no data", color=LIGHT.muted, ha="center", va="center", transform=axes.transAxes)
    return sheet


def colour(plot: Plot) -> str:
    """Colour of the curve."""
    return LIGHT.tones["info" if plot.tone == "neutral" else plot.tone].text


def _limits(axes: Any, plot: Plot, days: Floats, values: Floats) -> None:
    import numpy as np

    expected = verdicts.extremes(plot)
    shown = [*(() if plot.threshold is None else (plot.threshold,)), np.nanmin(values), np.nanmax(values), *expected]
    low, high = min(shown), max(shown)
    room = 0.1 * (high - low) or 0.1 * abs(high) or 1.0
    axes.set_ylim(low - room, high + room)
    last = max(days[-1], verdicts.last_day(plot))
    room = 0.02 * (last - days[0]) or 0.5
    axes.set_xlim(max(days[0] - room, FIRST_DAY), min(last + room, LAST_DAY))


def _scales(axes: Any, plot: Plot) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
    from matplotlib.ticker import FuncFormatter

    dates = AutoDateLocator(minticks=3, maxticks=6)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(dates)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(dates))  # type: ignore[no-untyped-call]
    axes.set_yticks(_rounds(axes.get_ylim(), plot.unit))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: brief(value, plot.unit)))
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(LIGHT.muted)
    axes.set_axisbelow(True)
    axes.grid(axis="y", color=LIGHT.hairline, linewidth=0.8)
    axes.tick_params(colors=LIGHT.muted)
    axes.tick_params(axis="y", length=0)
    axes.xaxis.get_offset_text().set_color(LIGHT.muted)


def _rounds(limits: tuple[float, float], unit: str) -> list[float]:
    """Round values between `limits`: round in KiB, MiB and so on where the unit is bytes."""
    from matplotlib.ticker import MaxNLocator

    largest = max(abs(limits[0]), abs(limits[1]))
    scale = 1024.0 ** int(math.log(largest, 1024)) if unit in {"bytes", "bytes/s"} and largest >= 1024 else 1.0
    ticks = MaxNLocator(nbins=4, steps=[1, 2, 2.5, 5, 10]).tick_values(limits[0] / scale, limits[1] / scale)
    return [tick * scale for tick in ticks if limits[0] <= tick * scale <= limits[1]]


def _curve(axes: Any, days: Floats, values: Floats, code: str) -> None:
    import numpy as np

    seen = ~np.isnan(values)
    beside_gap = np.append(True, ~seen[:-1]) & np.append(~seen[1:], True)
    alone = seen & beside_gap
    axes.plot(days, values, color=code, linewidth=1.6, solid_joinstyle="round", solid_capstyle="round")
    axes.fill_between(days, values, axes.get_ylim()[0], color=code, alpha=0.08, linewidth=0)
    dots = seen if seen.sum() <= 40 else alone
    axes.plot(days[dots], values[dots], color=code, linestyle="none", marker="o", markersize=2.6)
    newest = np.flatnonzero(seen)[-1:]
    axes.plot(days[newest], values[newest], color=code, linestyle="none", marker="o", markersize=5, clip_on=False)


def _threshold(axes: Any, level: float, unit: str) -> None:
    axes.axhline(level, color=LIGHT.ink, linewidth=1.1, linestyle=(0, (4, 3)))
    box = {"facecolor": LIGHT.panel, "edgecolor": "none", "alpha": 0.75, "pad": 0.5}
    axes.annotate(
        f"threshold {brief(level, unit)}", (0, level), (2, 3), xycoords=("axes fraction", "data"),
        textcoords="offset points", color=LIGHT.ink, fontsize=8, bbox=box,
    )  # fmt: skip


def _labels(plot: Plot, limits: tuple[float, float]) -> list[tuple[float, str]]:
    """Day and label of the marks within the axes; neighbours too close for two labels share one, as in `2-4`."""
    days = [as_utc(moment).timestamp() / SECONDS_PER_DAY for moment, _ in plot.marks]
    places = sorted((day, place) for place, day in enumerate(days, start=1) if limits[0] <= day <= limits[1])
    groups: list[list[tuple[float, int]]] = []
    for mark in places:
        if groups and mark[0] - groups[-1][0][0] < CLOSE * (limits[1] - limits[0]):
            groups[-1].append(mark)
        else:
            groups.append([mark])
    return [
        (day, "" if group[0][0] != day else "-".join(dict.fromkeys((str(group[0][1]), str(group[-1][1])))))
        for group in groups
        for day, _ in group
    ]


def _mark(axes: Any, day: float, label: str) -> None:
    axes.axvline(day, color=LIGHT.muted, linewidth=0.9, linestyle=(0, (1, 2)))
    axes.annotate(
        label, (day, 1), (0, 1), xycoords=("data", "axes fraction"), textcoords="offset points",
        color=LIGHT.ink, fontsize=8, fontweight="bold", ha="center", va="bottom",
    )  # fmt: skip
