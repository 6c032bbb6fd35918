"""`marts.metric_change_causes`: what moved with each step of `marts.metric_changes`.

All steps at once: SQL gives the parts of both sides, arithmetic on arrays what each has in the effect. Does not belong
here: what parts there are (`parts/`), the arithmetic (`detection/causes.py`).
"""

from __future__ import annotations

from datetime import datetime

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quality_platform.assessment.parts.dimension import Dimension
from quality_platform.assessment.parts.registry import DIMENSIONS, points
from quality_platform.assessment.parts.windows import look
from quality_platform.assessment.series import KEY
from quality_platform.detection.causes import MOST, Floats, ranks, ratio_contributions, sum_contributions
from quality_platform.model.tables_explanations import METRIC_CHANGE_CAUSES
from quality_platform.warehouse.lake import Lake

# Of the effect: less is what rounding leaves.
NEGLIGIBLE = 1e-9
_KEYS = ", ".join(KEY)


def write_causes(lake: Lake, now: datetime) -> int:
    """Explain the steps that are not explained as they are now; returns the number of new rows."""
    with lake.connect() as connection:
        look(connection, points())
        rows = _explain(connection, now)
        explained = connection.execute("FROM explained").to_arrow_table()
        (over,) = connection.execute(_OVER).fetchall()[0]
    if rows.num_rows or over:
        _store(lake, rows, explained)
    return int(rows.num_rows)


def _store(lake: Lake, rows: pa.Table, explained: pa.Table) -> None:
    """Put `rows` beside those of the steps in `explained`; emptied and filled again, as verdicts are."""
    with lake.writing("marts", "causes") as connection:
        connection.register("incoming", rows)
        connection.register("explained_still", explained)
        connection.execute(_STAYS)
        connection.execute(f"DELETE FROM marts.{METRIC_CHANGE_CAUSES.name}")
        for kept in ("stays", "incoming"):
            connection.execute(f"INSERT INTO marts.{METRIC_CHANGE_CAUSES.name} BY NAME SELECT * FROM {kept}")
        connection.execute("DROP TABLE stays")
        connection.unregister("incoming")
        connection.unregister("explained_still")


def _explain(connection: duckdb.DuckDBPyConnection, now: datetime) -> pa.Table:
    present = set(connection.execute("SELECT DISTINCT metric FROM changes").to_arrow_table()[0].to_pylist())
    wanted = [dimension for dimension in DIMENSIONS if present & set(dimension.metrics)]
    for prepare in {dimension.prepare for dimension in wanted if dimension.prepare}:
        prepare(connection)
    told = [_told(connection, dimension, now) for dimension in wanted]
    return pa.concat_tables([METRIC_CHANGE_CAUSES.schema.empty_table(), *told])


def _told(connection: duckdb.DuckDBPyConnection, dimension: Dimension, now: datetime) -> pa.Table:
    """The rows of one dimension."""
    for name, bound in (("looked_from", "min"), ("looked_to", "max")):
        connection.execute(_BOUND.format(name=name, bound=bound), [list(dimension.metrics)])
    sides = connection.execute(_PARTS.format(sides=dimension.sides)).to_arrow_table()
    connection.register("parts", _moved(sides, dimension))
    found = connection.execute(
        _ROWS.format(evidence=dimension.evidence), {"dimension": dimension.name, "most": MOST, "now": now}
    ).to_arrow_table()
    connection.unregister("parts")
    return found.select(METRIC_CHANGE_CAUSES.schema.names).cast(METRIC_CHANGE_CAUSES.schema)


def _moved(sides: pa.Table, dimension: Dimension) -> pa.Table:
    """Those parts that have something in the effect, with it and their places."""
    contributions = _contributions(sides, dimension)
    effect = sides.column("effect").to_numpy()
    moved = np.isfinite(contributions) & (np.abs(contributions) > NEGLIGIBLE * np.abs(effect))
    kept = sides.filter(pa.array(moved))
    owner = kept.column("owner").to_numpy()
    return kept.append_column("contribution", pa.array(contributions[moved])).append_column(
        "rank", pa.array(ranks(owner, contributions[moved]))
    )


def _contributions(sides: pa.Table, dimension: Dimension) -> Floats:
    before, after, owner, effect = (sides.column(name).to_numpy() for name in ("before", "after", "owner", "effect"))
    found = np.empty(sides.num_rows)
    is_sum = sides.column("is_sum").to_numpy()
    found[is_sum] = sum_contributions(before[is_sum], after[is_sum])
    weights = [pc.fill_null(sides.column(name), 0.0).to_numpy()[~is_sum] for name in ("weight_before", "weight_after")]
    found[~is_sum] = ratio_contributions(owner[~is_sum], before[~is_sum], after[~is_sum], (weights[0], weights[1]))
    if not dimension.stands_for:
        return found
    total = np.bincount(owner, weights=np.nan_to_num(found))[owner] if len(owner) else effect
    # where what stands for the metric moved the other way, it does not
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(total * effect > 0, found * effect / total, np.nan)


# rows of steps that are gone, or are explained anew
_OVER = f"SELECT count(*) FROM marts.{METRIC_CHANGE_CAUSES.name} ANTI JOIN explained USING ({_KEYS}, changed_at)"
_STAYS = f"""
CREATE TEMP TABLE stays AS
SELECT stored.* FROM marts.{METRIC_CHANGE_CAUSES.name} stored SEMI JOIN explained_still USING ({_KEYS}, changed_at)
"""
_BOUND = """
SET VARIABLE {name} = (SELECT {bound}(observed_at) FROM moments WHERE list_contains($1::VARCHAR[], metric))
"""
_PARTS = """
SELECT p.*, c.effect, c.change_id AS owner, max(p.weight_before IS NOT NULL OR p.weight_after IS NOT NULL)
       OVER (PARTITION BY c.change_id) IS NOT TRUE AS is_sum
FROM ({sides}) p JOIN changes c USING (change_id) ORDER BY change_id, part
"""
# what is not listed is the rest, and so is what no row tells of
_ROWS = f"""
WITH listed AS (
    SELECT {_KEYS}, changed_at, change_id, rank, part, 1 AS parts, own_before AS before, own_after AS after,
           weight_before, weight_after, contribution, contribution / p.effect AS share, p.effect, window_start,
           window_end, {{evidence}} AS evidence, batch_id
    FROM parts p JOIN changes c USING (change_id) WHERE rank <= $most
),
others AS (
    SELECT change_id, count(*) FILTER (rank > $most) AS parts,
           coalesce(arg_min(batch_id, rank) FILTER (rank > $most), arg_max(batch_id, rank)) AS batch_id
    FROM parts GROUP BY change_id
),
left_over AS (
    SELECT change_id, max(rank) + 1 AS rank, 1 - sum(weight_before) AS weight_before,
           1 - sum(weight_after) AS weight_after, any_value(effect) - sum(contribution) AS contribution,
           1 - sum(share) AS share
    FROM listed GROUP BY change_id
),
rest AS (
    SELECT {_KEYS}, changed_at, change_id, rank, parts, weight_before, weight_after, contribution, share, effect,
           window_start, window_end, batch_id
    FROM left_over JOIN others USING (change_id) JOIN changes USING (change_id)
    WHERE parts > 0 OR abs(share) > {NEGLIGIBLE}
)
SELECT * EXCLUDE (change_id), $dimension AS dimension, $now::TIMESTAMPTZ AS detected_at
FROM (SELECT * FROM listed UNION ALL BY NAME SELECT * FROM rest)
"""
