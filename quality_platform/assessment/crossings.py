"""`marts.metric_crossings`: when series will be beyond the thresholds of rules, by forecasts and by slow trends.

Written anew each time, from the forecasts and trends there are: a rule that changed counts at once. Does not belong
here: how a crossing is found (`detection/forecasts/crossing.py`), which rules there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from quality_platform.assessment.series import KEY
from quality_platform.detection.forecasts.crossing import first_beyond, line_beyond
from quality_platform.model.alerts import Series
from quality_platform.model.limit import Limit
from quality_platform.model.tables_verdicts import METRIC_CROSSINGS
from quality_platform.model.time import from_epoch
from quality_platform.warehouse.lake import Lake

Floats = NDArray[np.float64]
Row = dict[str, Any]
Limits = Callable[[Series], Sequence[Limit]]
"""The thresholds that a series is held against."""
Held = list[tuple[Row, Limit]]


def write_crossings(lake: Lake, limits: Limits) -> int:
    """Look ahead for all series with a threshold; returns the number of rows."""
    rows = [*_by_forecast(_held(lake.rows(_FORECASTS), limits)), *_by_trend(_held(lake.rows(_TRENDS), limits))]
    lake.replace(METRIC_CROSSINGS.name, pa.Table.from_pylist(rows, schema=METRIC_CROSSINGS.schema))
    return len(rows)


def _held(rows: Iterable[Row], limits: Limits) -> Held:
    """Each series beside each of its thresholds that it is not beyond."""
    pairs = ((row, limit) for row in rows for limit in limits(Series(*(row[name] for name in KEY))))
    return [(row, limit) for row, limit in pairs if _sign(limit) * (limit.threshold - row["last_value"]) > 0]


def _by_forecast(held: Held) -> Iterator[Row]:
    """Of series with forecasts of equal length at once: most have one of twelve instants."""
    for length in sorted({len(row["times"]) for row, _ in held}):
        alike = [(row, limit) for row, limit in held if len(row["times"]) == length]
        times, middle, lower, upper = (
            np.array([row[name] for row, _ in alike]) for name in ("times", "middle", "lower", "upper")
        )
        threshold, sign = _thresholds(alike)
        above = sign[:, None] > 0
        yield from _rows(
            alike, "forecast",
            expected=first_beyond(times, middle, threshold, sign),
            earliest=first_beyond(times, np.where(above, upper, lower), threshold, sign),
            latest=first_beyond(times, np.where(above, lower, upper), threshold, sign),
        )  # fmt: skip


def _by_trend(held: Held) -> Iterator[Row]:
    """No further ahead than the trend has been seen: beyond that it need not be there."""
    if not held:
        return
    known, seen, level, slope, lower, upper = (
        np.array([row[name] for row, _ in held], dtype=np.float64)
        for name in ("known", "seen", "level", "slope", "lower", "upper")
    )
    threshold, sign = _thresholds(held)
    fastest, slowest = np.where(sign > 0, upper, lower), np.where(sign > 0, lower, upper)
    expected, earliest, latest = (
        line_beyond(known, level, each, threshold, sign) for each in (slope, fastest, slowest)
    )
    expected, latest = (np.where(each > known + seen, np.nan, each) for each in (expected, latest))
    yield from _rows(held, "trend", expected=expected, earliest=earliest, latest=latest)


def _rows(held: Held, method: str, *, expected: Floats, earliest: Floats, latest: Floats) -> Iterator[Row]:
    for index in np.flatnonzero(~np.isnan(expected)).tolist():
        row, limit = held[index]
        yield {
            **{name: row[name] for name in (*KEY, "batch_id")},
            "rule": limit.rule, "severity": limit.severity, "threshold": limit.threshold, "method": method,
            "expected_at": from_epoch(float(expected[index])), "earliest_at": from_epoch(float(earliest[index])),
            "latest_at": None if np.isnan(latest[index]) else from_epoch(float(latest[index])),
            "known_at": from_epoch(row["known"]),
        }  # fmt: skip


def _thresholds(held: Held) -> tuple[Floats, Floats]:
    return np.array([limit.threshold for _, limit in held]), np.array([_sign(limit) for _, limit in held])


def _sign(limit: Limit) -> float:
    return 1.0 if limit.side == "above" else -1.0


# what is known now is where the curves begin
_FORECASTS = f"""
SELECT {", ".join(KEY)}, any_value(last_value) AS last_value, any_value(batch_id) AS batch_id,
       epoch(any_value(made_from)) AS known,
       list_prepend(epoch(any_value(made_from)), list(epoch(forecast_at) ORDER BY forecast_at)) AS times,
       list_prepend(any_value(last_value), list(expected ORDER BY forecast_at)) AS middle,
       list_prepend(any_value(last_value), list(lower ORDER BY forecast_at)) AS lower,
       list_prepend(any_value(last_value), list(upper ORDER BY forecast_at)) AS upper
FROM marts.metric_forecasts GROUP BY ALL ORDER BY ALL
"""
_TRENDS = f"""
SELECT {", ".join(KEY)}, last_value, batch_id, epoch(window_end) AS known,
       epoch(window_end) - epoch(window_start) AS seen, coalesce(line_value, last_value) AS level,
       slope_per_day / 86400 AS slope, lower / 86400 AS lower, upper / 86400 AS upper
FROM marts.metric_trends WHERE direction != 'flat' ORDER BY ALL
"""
