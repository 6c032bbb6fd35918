"""What a dimension is: metrics that it divides, and SQL for the parts of their observations.

Does not belong here: the dimensions themselves (`registry.py` lists them).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import duckdb

Measures = Mapping[str, tuple[str, str | None]]
"""Numerator and, for a ratio, weight of a row, by metric: SQL that is summed over the rows of a part."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """One way of dividing metrics into parts.

    `sides` is a query on `moments` (every observation that is looked at: see `windows.py`) with a row for each change
    and part: `change_id`, `part`; `before`, `after` (numerators per observation, before and after the step),
    `weight_before`, `weight_after` (null for sums), `own_before`, `own_after` (the part's own value of the metric),
    `trace_before`, `trace_after` (what leads to the raw rows), `batch_id`. The variables `looked_from` and `looked_to`
    are the first and the last observation of its metrics. `evidence` is SQL for the way to the raw rows, on the change,
    the part and the traces. A dimension `stands_for` its metrics where its ratio moves with the metric but is not the
    metric itself: only its shares count then. `prepare` makes what `sides` reads besides the lake.
    """

    name: str
    metrics: tuple[str, ...]
    sides: str
    evidence: str
    stands_for: bool = False
    prepare: Callable[[duckdb.DuckDBPyConnection], None] | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """Where the rows of parts come from: `source` with an alias `r`, joined to `moments m` by `on`."""

    source: str
    on: str
    batch: str = "r.batch_id"


def summed(
    name: str, measures: Measures, rows: Rows, *, part: str, evidence: str, trace: str = "NULL::VARCHAR",
    own: str = "NULL::DOUBLE", stands_for: bool = False,
    prepare: Callable[[duckdb.DuckDBPyConnection], None] | None = None,
) -> Dimension:  # fmt: skip
    """A dimension whose parts are sums over rows: `part` names a row's part, `own` says its value where that is not
    numerator over weight."""
    cells = f"""
        SELECT m.change_id, m.observed_at, m.is_after, m.points, {part} AS part,
               sum({_by_metric({metric: numerator for metric, (numerator, _) in measures.items()})})::DOUBLE
                   AS numerator,
               sum({_by_metric({metric: weight or "NULL" for metric, (_, weight) in measures.items()})})::DOUBLE
                   AS weight,
               {own} AS own, any_value({trace}) AS trace, any_value({rows.batch}) AS batch_id
        FROM moments m JOIN {rows.source} ON {rows.on}
        WHERE m.metric IN ({", ".join(text(metric) for metric in measures)})
        GROUP BY ALL
    """
    return Dimension(name, tuple(measures), _SIDES.format(cells=cells), evidence, stands_for, prepare)


# An observation of a ratio is one whatever its weight: its parts are divided by its weight, so that their means over
# the window are parts of the mean. A side without rows of a part is zero of it.
_SIDES = """
WITH cells AS ({cells}),
scaled AS (
    SELECT *, coalesce(sum(weight) OVER (PARTITION BY change_id, observed_at), 1) AS total,
           coalesce(own, numerator / nullif(weight, 0)) AS "value"
    FROM cells
),
shares AS (
    SELECT change_id, part, is_after, sum(numerator / total / points) AS n, sum(weight / total / points) AS w,
           sum("value" * weight) / nullif(sum(weight), 0) AS own,
           if(is_after, arg_min(trace, observed_at), arg_max(trace, observed_at)) AS trace,
           arg_max(batch_id, observed_at) AS batch_id
    FROM scaled WHERE total > 0 GROUP BY change_id, part, is_after
)
SELECT change_id, part,
       coalesce(any_value(n) FILTER (NOT is_after), 0) AS before, coalesce(any_value(n) FILTER (is_after), 0) AS after,
       coalesce(any_value(w) FILTER (NOT is_after), if(max(w) IS NULL, NULL, 0)) AS weight_before,
       coalesce(any_value(w) FILTER (is_after), if(max(w) IS NULL, NULL, 0)) AS weight_after,
       coalesce(any_value(own) FILTER (NOT is_after), if(max(w) IS NULL, before, NULL)) AS own_before,
       coalesce(any_value(own) FILTER (is_after), if(max(w) IS NULL, after, NULL)) AS own_after,
       any_value(trace) FILTER (NOT is_after) AS trace_before, any_value(trace) FILTER (is_after) AS trace_after,
       arg_max(batch_id, is_after) AS batch_id
FROM shares GROUP BY change_id, part
"""


def _by_metric(expressions: Mapping[str, str]) -> str:
    """One expression for all metrics, and no CASE where they share it."""
    distinct = set(expressions.values())
    if len(distinct) == 1:
        return distinct.pop()
    cases = " ".join(f"WHEN {text(metric)} THEN {expression}" for metric, expression in expressions.items())
    return f"CASE m.metric {cases} END"


def text(value: str) -> str:
    """A literal of SQL."""
    return "'" + value.replace("'", "''") + "'"


def quoted(expression: str) -> str:
    """SQL that writes the value of `expression` as a literal of SQL, whatever is in it."""
    return f"('''' || replace({expression}, '''', '''''') || '''')"


def frozen(measures: Measures) -> Measures:
    """Measures that nobody changes."""
    return MappingProxyType(dict(measures))
