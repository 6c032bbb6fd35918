"""`marts.metric_crossings`: when series will be beyond the thresholds of rules, by forecasts and by slow trends.

Written anew each time, from the forecasts and trends there are: a rule that changed counts at once. Does not belong
here: how a crossing is found (`detection/forecasts/crossing.py`), which rules there are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from quality_platform.assessment.series import KEY
from quality_platform.detection.forecasts.crossing import first_beyond, line_beyond
from quality_platform.model.alerts import Series
from quality_platform.model.limit import Limit
from quality_platform.model.tables_verdicts import METRIC_CROSSINGS
from quality_platform.warehouse.lake import Lake

Floats = NDArray[np.float64]
Limits = Callable[[Series], Sequence[Limit]]
"""The thresholds that a series is held against."""
Instants = tuple[Floats, Floats, Floats]
"""When the threshold is expected to be reached, at the earliest and at the latest; NaN where it is not."""

_KEYS = ", ".join(KEY)
_HELD = pa.schema(
    [*((name, pa.string()) for name in (*KEY, "rule", "severity")), ("threshold", pa.float64()), ("sign", pa.float64())]
)


def write_crossings(lake: Lake, limits: Limits) -> int:
    """Look ahead for all series with a threshold; returns the number of rows."""
    held = _held(lake.read(_SERIES), limits)
    found = [METRIC_CROSSINGS.schema.empty_table()]
    if held.num_rows:
        with lake.connect() as connection:
            connection.register("held", held)
            ahead = connection.execute(_FORECASTS).to_arrow_table()
            lines = connection.execute(_TRENDS).to_arrow_table()
        # forecasts of equal length at once: most have twelve instants
        for steps in ahead.column("steps").unique().to_pylist():
            alike = ahead.filter(pa.compute.equal(ahead.column("steps"), steps)).combine_chunks()
            found.append(_rows(alike, "forecast", _by_forecast(alike, steps)))
        found.append(_rows(lines, "trend", _by_trend(lines)))
    rows = pa.concat_tables(found)
    lake.replace(METRIC_CROSSINGS.name, rows)
    return int(rows.num_rows)


def _held(series: pa.Table, limits: Limits) -> pa.Table:
    """Each series beside each of its thresholds; `sign` is 1 where above is beyond, -1 where below is."""
    keys = zip(*(series.column(name).to_pylist() for name in KEY), strict=True)
    pairs = [
        (*key, limit.rule, limit.severity, limit.threshold, 1.0 if limit.side == "above" else -1.0)
        for key in keys
        for limit in limits(Series(*key))
    ]
    columns = zip(*pairs, strict=True) if pairs else [[] for _ in _HELD]
    return pa.table([pa.array(column, field.type) for column, field in zip(columns, _HELD, strict=True)], schema=_HELD)


def _by_forecast(alike: pa.Table, steps: int) -> Instants:
    times, middle, lower, upper = (
        alike.column(name).combine_chunks().flatten().to_numpy().reshape(-1, steps)
        for name in ("times", "middle", "lower", "upper")
    )
    threshold, sign = _floats(alike, "threshold"), _floats(alike, "sign")
    above = sign[:, None] > 0
    soon, late = np.where(above, upper, lower), np.where(above, lower, upper)
    expected, earliest, latest = (first_beyond(times, each, threshold, sign) for each in (middle, soon, late))
    return expected, earliest, latest


def _by_trend(lines: pa.Table) -> Instants:
    """No further ahead than the trend has been seen: beyond that it need not be there."""
    known, seen, level, slope, lower, upper, threshold, sign = (
        _floats(lines, name) for name in ("known", "seen", "level", "slope", "lower", "upper", "threshold", "sign")
    )
    fastest, slowest = np.where(sign > 0, upper, lower), np.where(sign > 0, lower, upper)
    expected, earliest, latest = (
        line_beyond(known, level, each, threshold, sign) for each in (slope, fastest, slowest)
    )
    return _within(expected, known + seen), earliest, _within(latest, known + seen)


def _within(instants: Floats, end: Floats) -> Floats:
    return np.where(instants > end, np.nan, instants)


def _floats(table: pa.Table, name: str) -> Floats:
    found: Floats = table.column(name).to_numpy().astype(np.float64)
    return found


def _rows(held: pa.Table, method: str, instants: Instants) -> pa.Table:
    """The rows of those that are expected to be reached."""
    reached = ~np.isnan(instants[0])
    rows = held.filter(pa.array(reached)).append_column("method", pa.array([method] * int(reached.sum()), pa.string()))
    for name, each in zip(("expected_at", "earliest_at", "latest_at"), instants, strict=True):
        rows = rows.append_column(name, _moments(each[reached]))
    rows = rows.append_column("known_at", _moments(_floats(held, "known")[reached]))
    return rows.select(METRIC_CROSSINGS.schema.names).cast(METRIC_CROSSINGS.schema)


def _moments(seconds: Floats) -> pa.Array:
    """Instants, to the microsecond; null where there is none."""
    unknown = np.isnan(seconds)
    microseconds = np.where(unknown, 0.0, np.round(seconds * 1e6)).astype(np.int64)
    return pa.array(microseconds, mask=unknown).cast(pa.timestamp("us", "UTC"))


_SERIES = f"""
SELECT DISTINCT {_KEYS} FROM marts.metric_forecasts UNION
SELECT {_KEYS} FROM marts.metric_trends WHERE direction != 'flat' ORDER BY ALL
"""
# what is known now is where the curves begin; what is beyond already crosses nothing
_FORECASTS = f"""
WITH ahead AS (
    SELECT {_KEYS}, any_value(last_value) AS last_value, any_value(batch_id) AS batch_id,
           epoch(any_value(made_from)) AS known, count(*) + 1 AS steps,
           list_prepend(epoch(any_value(made_from)), list(epoch(forecast_at) ORDER BY forecast_at)) AS times,
           list_prepend(any_value(last_value), list(expected ORDER BY forecast_at)) AS middle,
           list_prepend(any_value(last_value), list(lower ORDER BY forecast_at)) AS lower,
           list_prepend(any_value(last_value), list(upper ORDER BY forecast_at)) AS upper
    FROM marts.metric_forecasts SEMI JOIN held USING ({_KEYS}) GROUP BY ALL
)
SELECT * FROM ahead JOIN held USING ({_KEYS}) WHERE sign * (threshold - last_value) > 0 ORDER BY {_KEYS}, rule, severity
"""
_TRENDS = f"""
SELECT {_KEYS}, batch_id, epoch(window_end) AS known, epoch(window_end) - epoch(window_start) AS seen,
       coalesce(line_value, last_value) AS level, slope_per_day / 86400 AS slope, lower / 86400 AS lower,
       upper / 86400 AS upper, rule, severity, threshold, sign
FROM marts.metric_trends JOIN held USING ({_KEYS})
WHERE direction != 'flat' AND sign * (threshold - last_value) > 0 ORDER BY {_KEYS}, rule, severity
"""
