"""`marts.metric_changes`: the steps of every series, with the commit where there is one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import pyarrow as pa

from quality_platform.assessment.series import Observed
from quality_platform.detection.steps import Change, find_changes
from quality_platform.model.change import worsening
from quality_platform.model.metrics import CATALOGUE
from quality_platform.model.tables_marts import METRIC_CHANGES
from quality_platform.warehouse.lake import Lake

Commits = Mapping[tuple[str, datetime], str]


def write_changes(lake: Lake, series: Iterable[Observed], now: datetime) -> int:
    """Judge `series` and replace the mart; returns its number of rows."""
    commits = _commits(lake)
    rows = [_row(one, change, commits, now) for one in series for change in _changes(one)]
    lake.replace(METRIC_CHANGES.name, pa.Table.from_pylist(rows, schema=METRIC_CHANGES.schema))
    return len(rows)


def _changes(one: Observed) -> tuple[Change, ...]:
    entry = CATALOGUE.find(one.series.metric)
    return find_changes(one.values, minimum_effect_percent=entry.minimum_effect_percent if entry else 5.0)


def _row(one: Observed, change: Change, commits: Commits, now: datetime) -> dict[str, object]:
    key, at = one.series, one.instant(change.index)
    entry = CATALOGUE.find(key.metric)
    worse = worsening(entry.direction if entry else "neutral", change.effect_percent)
    return {
        "metric": key.metric, "project": key.project, "subject": key.subject, "labels": key.labels,
        "changed_at": at, "commit_sha": commits.get((key.project, at)) if _by_commit(key.metric) else None,
        "before": change.before, "after": change.after, "effect": change.effect,
        "effect_percent": change.effect_percent, "p_value": change.p_value,
        "direction": "neutral" if worse == 0 else "regression" if worse > 0 else "improvement",
        "batch_id": one.last_batch, "detected_at": now,
    }  # fmt: skip


def _by_commit(metric: str) -> bool:
    entry = CATALOGUE.find(metric)
    return entry is not None and entry.grain == "commit"


def _commits(lake: Lake) -> Commits:
    """Commits of the main line by project and instant."""
    rows = lake.read(
        "SELECT project, unnest([q.committed_at, greatest(q.committed_at, c.known_at)]) AS observed_at, q.commit_sha "
        "FROM marts.code_quality_by_commit q LEFT JOIN marts.intermediate.int_coverage c USING (project, commit_sha) "
        "WHERE q.on_main ORDER BY q.position"
    )
    return {
        (project, at): sha
        for project, at, sha in zip(*(rows.column(name).to_pylist() for name in rows.column_names), strict=True)
    }
