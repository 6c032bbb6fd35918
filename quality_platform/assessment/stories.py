"""`marts.change_stories`: the steps of `marts.metric_changes`, told together where they happened together."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa

from quality_platform.detection.stories import stories
from quality_platform.model.metrics import CATALOGUE
from quality_platform.model.tables_verdicts import CHANGE_STORIES
from quality_platform.warehouse.lake import Lake

Row = dict[str, Any]

_CHANGES = """
SELECT metric, project, subject, labels, changed_at, coalesce(changed_after, changed_at) AS changed_after, commit_sha,
       effect_percent, p_value, direction
FROM marts.metric_changes ORDER BY project, changed_at, metric, subject, labels
"""


def write_stories(lake: Lake) -> int:
    """Tell all steps anew; returns how many stories there are."""
    told: list[Row] = []
    for _, steps in groupby(lake.rows(_CHANGES), key=lambda row: row["project"]):
        told.extend(row for story in _together(list(steps)) for row in _rows(story))
    lake.replace(CHANGE_STORIES.name, pa.Table.from_pylist(told, schema=CHANGE_STORIES.schema))
    return len({row["story_id"] for row in told})


def _together(steps: list[Row]) -> Iterator[list[Row]]:
    """The steps of one project by story: by instant, and those of one commit in any case."""
    seconds = [np.array([row[name].timestamp() for row in steps]) for name in ("changed_after", "changed_at")]
    groups = stories(*seconds).tolist()
    of_commit: dict[str, int] = {}
    found: dict[int, list[Row]] = {}
    for row, group in zip(steps, groups, strict=True):
        sha = row["commit_sha"]
        found.setdefault(group if sha is None else of_commit.setdefault(sha, group), []).append(row)
    yield from found.values()


def _rows(story: Sequence[Row]) -> Iterator[Row]:
    headline = min(story, key=lambda row: (row["p_value"], -abs(row["effect_percent"] or 0.0), row["metric"]))
    commits = {row["commit_sha"] for row in story} - {None}
    shared = {
        "story_id": _identity(story),
        "title": _title(headline, len(story)),
        "started_at": min(row["changed_after"] for row in story),
        "ended_at": max(row["changed_at"] for row in story),
        "commit_sha": commits.pop() if len(commits) == 1 else None,
        "steps": len(story),
        "regressions": sum(row["direction"] == "regression" for row in story),
        "improvements": sum(row["direction"] == "improvement" for row in story),
    }
    for row in story:
        key = {name: row[name] for name in ("metric", "project", "subject", "labels", "changed_at")}
        yield {**key, "is_headline": row is headline, **shared}


def _identity(story: Sequence[Row]) -> str:
    """The same as long as the story's first step is."""
    first = min(story, key=lambda row: (row["changed_at"], row["metric"], row["subject"], row["labels"]))
    words = (first[name] for name in ("project", "metric", "subject", "labels", "changed_at"))
    return hashlib.sha256("\0".join(map(str, words)).encode()).hexdigest()[:16]


def _title(headline: Row, steps: int) -> str:
    entry = CATALOGUE.find(headline["metric"])
    name = entry.title if entry else headline["metric"]
    beside = "" if steps == 1 else f", and {steps - 1} more with it"
    return f"{name} moved by {headline['effect_percent'] or 0.0:+,.1f}%{beside}"
