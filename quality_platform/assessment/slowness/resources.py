"""Use of resources in a period, as a share of what there is, by five minutes.

What is a resource is told by a metric's name: a utilisation by itself, or something used beside its limit. Does not
belong here: calls (`calls.py`), which resource explains something.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

import duckdb
import pyarrow as pa

from quality_platform.assessment.slowness.calls import BIN_SECONDS, CANDIDATES

POOLED = re.compile(r"pool|connection|thread|worker|queue|executor|semaphore", re.IGNORECASE)
SHARE = re.compile(r"[._](utili[sz]ation|saturation|ratio)$|^system\.load_per_core$", re.IGNORECASE)
PERCENT = re.compile(r"^system\.\w+_percent$|^process\.cpu_percent$|[._](utili[sz]ation|saturation|used)_percent$")
USED = re.compile(r"[._](count|usage|active|busy|used|in_use|current)$", re.IGNORECASE)
LIMITS = ("max", "limit", "config_max", "size")


def shares(metrics: Collection[str]) -> Iterator[tuple[str, float]]:
    """Those metrics that are a use by themselves, each with the factor that makes a share of it."""
    for metric in sorted(metrics):
        if PERCENT.search(metric):
            yield metric, 0.01
        elif SHARE.search(metric) and (metric.startswith(("system.", "process.")) or POOLED.search(metric)):
            yield metric, 1.0


def pairs(metrics: Collection[str]) -> Iterator[tuple[str, str]]:
    """Those that count what is used of a pool, each with the metric of its limit, however its words are joined."""
    plain = {re.sub("[._]", ".", metric): metric for metric in metrics}
    for metric in sorted(metrics):
        if USED.search(metric) and POOLED.search(metric):
            stem = re.sub("[._]", ".", USED.sub("", metric))
            found = [plain[name] for word in LIMITS if (name := f"{stem}.{word.replace('_', '.')}") in plain]
            yield from ((metric, limit) for limit in found[:1])


def uses(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """Candidates of the projects in `totals`: project, service (what was measured), name, use_p95, use_max, batch_id,
    and lists of bins and of the mean use in them."""
    known = connection.execute("SELECT DISTINCT metric FROM raw.metric_samples").to_arrow_table()[0].to_pylist()
    connection.register("scales", _table(_SCALES, shares(known)))
    connection.register("limits", _table(_LIMITS, pairs(known)))
    return connection.execute(_USES).to_arrow_table()


def _table(schema: pa.Schema, rows: Iterable[tuple[object, ...]]) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema=schema)


_SCALES = pa.schema([("metric", pa.string()), ("scale", pa.float64())])
_LIMITS = pa.schema([("metric", pa.string()), ("limit_metric", pa.string())])
# what is idle or free is no use
_USES = f"""
WITH samples AS (
    SELECT s.project, s.metric, s.subject, s.labels, s."value", s.batch_id,
           epoch_us(s.observed_at) // ({BIN_SECONDS} * 1000000) AS bin
    FROM raw.metric_samples s JOIN totals t ON s.project = t.project
        AND s.observed_at > t.window_start AND s.observed_at <= t.window_end
    WHERE s.kind <> 'counter' AND NOT regexp_matches(s.labels, '"(idle|free|available)"')
),
own AS (
    SELECT project, subject, metric || if(labels = '{{}}', '', ' ' || labels) AS name, bin,
           avg("value" * scale) AS measured, max("value" * scale) AS highest, max(batch_id) AS batch_id
    FROM samples JOIN scales USING (metric) GROUP BY ALL
),
counted AS (
    SELECT project, metric, subject, bin, sum(mean) AS amount, max(batch_id) AS batch_id
    FROM (SELECT project, metric, subject, labels, bin, avg("value") AS mean, max(batch_id) AS batch_id
          FROM samples
          WHERE metric IN (SELECT metric FROM limits) OR metric IN (SELECT limit_metric FROM limits) GROUP BY ALL)
    GROUP BY ALL
),
pooled AS (
    SELECT used.project, used.subject, used.metric || ' of ' || l.limit_metric AS name, used.bin,
           used.amount / most.amount AS measured, measured AS highest, used.batch_id
    FROM counted used JOIN limits l USING (metric)
    JOIN counted most ON most.metric = l.limit_metric AND most.project = used.project
        AND most.subject = used.subject AND most.bin = used.bin AND most.amount > 0
)
SELECT project, 'resource' AS kind, subject AS service, name, quantile_cont(measured, 0.95) AS use_p95,
       max(highest) AS use_max, arg_max(batch_id, bin) AS batch_id, list(bin ORDER BY bin) AS bins,
       list(measured ORDER BY bin) AS measured
FROM (SELECT * FROM own UNION ALL BY NAME SELECT * FROM pooled)
GROUP BY project, subject, name
QUALIFY row_number() OVER (
    PARTITION BY project ORDER BY quantile_cont(measured, 0.95) DESC, subject, name
) <= {CANDIDATES}
ORDER BY project, service, name
"""
