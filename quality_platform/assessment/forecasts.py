"""Rows of `marts.metric_forecasts`: what is expected of a series.

A forecast is good for a while: it is made again when the second of its instants has come, so that a series that grows
by the minute is not foretold by the minute. Does not belong here: thresholds (`crossings.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

import numpy as np

from quality_platform.assessment.series import KEY, Observed
from quality_platform.detection.forecasts.forecast import forecast
from quality_platform.model.alerts import Series
from quality_platform.model.time import from_epoch
from quality_platform.warehouse.lake import Lake

_DUE = f"""
SELECT {", ".join(KEY)}, epoch(list(forecast_at ORDER BY forecast_at)[2]) AS due
FROM marts.metric_forecasts GROUP BY ALL
"""


def due_of(lake: Lake) -> Mapping[Series, float]:
    """The instant, in seconds, from which on the forecast of each series is to be made again."""
    rows = lake.read(_DUE)
    keys = zip(*(rows.column(name).to_pylist() for name in KEY), strict=True)
    return dict(zip((Series(*key) for key in keys), rows.column("due").to_pylist(), strict=True))


def forecast_rows(one: Observed, due: Mapping[Series, float], now: datetime) -> Iterator[dict[str, object]]:
    """The forecast of `one`; nothing where it is too short, or the last one is good still."""
    if np.isfinite(one.judged_to) and one.times[-1] < due.get(one.series, -np.inf):
        return
    found = forecast(one.times, one.values)
    if found is None:
        return
    key = one.series
    shared = {
        "metric": key.metric, "project": key.project, "subject": key.subject, "labels": key.labels,
        "made_from": one.instant(-1), "last_value": float(one.values[-1]), "method": found.method,
        "error": found.error, "batch_id": one.last_batch, "detected_at": now,
    }  # fmt: skip
    ahead = (each.tolist() for each in (found.times, found.middle, found.lower, found.upper))
    for at, middle, lower, upper in zip(*ahead, strict=True):
        yield {**shared, "forecast_at": from_epoch(at), "expected": middle, "lower": lower, "upper": upper}
