"""Rows of `marts.metric_changes`: the steps of a series, with the commit where there is one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from quality_platform.assessment.series import Observed
from quality_platform.detection.steps.history import Change, find_changes
from quality_platform.model.change import worsening
from quality_platform.model.metrics import CATALOGUE
from quality_platform.warehouse.lake import Lake

Commits = Mapping[tuple[str, datetime], str]


def steps_of(one: Observed) -> Sequence[Change]:
    """The steps of `one` that are large enough to matter for its metric."""
    entry = CATALOGUE.find(one.series.metric)
    return find_changes(one.values, minimum_effect_percent=entry.minimum_effect_percent if entry else 5.0)


def change_rows(one: Observed, steps: Sequence[Change], commits: Commits, now: datetime) -> Iterator[dict[str, object]]:
    """The rows of its steps."""
    return (_row(one, change, commits, now) for change in steps)


def _row(one: Observed, change: Change, commits: Commits, now: datetime) -> dict[str, object]:
    key, at = one.series, one.instant(change.index)
    entry = CATALOGUE.find(key.metric)
    return {
        "metric": key.metric, "project": key.project, "subject": key.subject, "labels": key.labels,
        "changed_at": at, "changed_after": one.instant(change.index - 1),
        "commit_sha": commits.get((key.project, at)) if _by_commit(key.metric) else None,
        "before": change.before, "after": change.after, "effect": change.effect,
        "effect_percent": change.effect_percent, "p_value": change.p_value,
        "direction": verdict(worsening(entry.direction if entry else "neutral", change.effect_percent)),
        "batch_id": one.last_batch, "detected_at": now,
    }  # fmt: skip


def verdict(worse: float) -> str:
    """What a movement is for the metric, from how much worse it makes it."""
    return "neutral" if worse == 0 else "regression" if worse > 0 else "improvement"


def _by_commit(metric: str) -> bool:
    entry = CATALOGUE.find(metric)
    return entry is not None and entry.grain == "commit"


def commits_of(lake: Lake) -> Commits:
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
