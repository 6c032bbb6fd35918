"""The sentences of an alert: what its title becomes as things happen to it, and when they happened.

Pure. Belongs here: single sentences. Does not belong here: the message they stand in (`alert_message.py`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from quality_platform.model.message import Plot
from quality_platform.model.time import as_utc
from quality_platform.notifications.numbers import amount, span

News = Literal["firing", "repeat", "resolved", "acknowledged", "escalated", "flapping", "settled", "digest"]
"""What a message about an alert says. `repeat`: it still fires; `settled`: it no longer flaps."""


def entitled(
    news: News,
    title: str,
    *,
    open_for: float | None = None,
    actor: str = "",
    over: bool = False,
    missed: bool = False,
) -> str:
    """The title with what happened in front. `open_for` is in seconds; `over` says whether a settled alert ended."""
    if news == "resolved":
        return f"{'Fired and cleared' if missed else 'Resolved'}: {title}"
    if news == "repeat":
        return f"Still firing{f' for {span(open_for)}' if open_for else ''}: {title}"
    if news == "acknowledged":
        return f"Acknowledged{f' by {actor}' if actor else ''}: {title}"
    before = {
        "escalated": "Escalated: ",
        "flapping": "Flapping: ",
        "settled": "Settled, cleared: " if over else "Settled, still firing: ",
    }
    return before.get(news, "") + title


def when(opened_at: datetime | None, resolved_at: datetime | None) -> str:
    """`Fired 12:00, cleared 12:25 UTC, after 25 min.`, with the date where a day lies between; empty without both."""
    if opened_at is None or resolved_at is None:
        return ""
    start, end = as_utc(opened_at), as_utc(resolved_at)
    shape = "%H:%M" if start.date() == end.date() else "%Y-%m-%d %H:%M"
    return f"Fired {start:{shape}}, cleared {end:{shape}} UTC, after {span((end - start).total_seconds())}."


def instant(moment: datetime | None) -> str:
    """An instant to the second, in UTC; empty for none."""
    return "" if moment is None else f"{as_utc(moment):%Y-%m-%d %H:%M:%S} UTC"


def trend(plot: Plot | None) -> str:
    """Where the values of a plot came from and went to: `from 80% to 45.25% in 22 days`. Empty for fewer than two."""
    if plot is None:
        return ""
    seen = [(moment, value) for moment, value in zip(plot.times, plot.values, strict=True) if value is not None]
    if len(seen) < 2:
        return ""
    (first, low), (last, high) = min(seen), max(seen)
    length = span(abs((as_utc(last) - as_utc(first)).total_seconds()))
    return f"from {amount(low, plot.unit)} to {amount(high, plot.unit)} in {length}"
