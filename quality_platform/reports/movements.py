"""What got better and what got worse, steps and drifts of the window, largest effect first; and what is coming."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from textwrap import shorten
from typing import Any

from quality_platform.model.message import Item, Items, Tone
from quality_platform.model.metrics import CATALOGUE
from quality_platform.warehouse.lake import Lake

MOST = 12

# Parts that have less in a step than this are not named in its line.
LEAST_SHARE = 0.1
# Of the dimensions that a step is explained by the one that says most to whoever puts it right.
DIMENSIONS = ("file", "error_group", "route", "statement", "key", "event", "door", "reason", "release")

CHANGES = f"""
    WITH named AS (
        SELECT metric, project, subject, labels, changed_at, part, share, rank
        FROM marts.metric_change_causes
        WHERE rank <= 2 AND part IS NOT NULL AND share >= {LEAST_SHARE} AND dimension IN {DIMENSIONS}
        QUALIFY dense_rank() OVER (
            PARTITION BY metric, project, subject, labels, changed_at
            ORDER BY list_position({list(DIMENSIONS)}, dimension)
        ) = 1
    )
    SELECT c.*, e.causes FROM marts.metric_changes c LEFT JOIN (
        SELECT metric, project, subject, labels, changed_at,
               list({{'part': part, 'share': share}} ORDER BY rank) AS causes
        FROM named GROUP BY ALL
    ) e USING (metric, project, subject, labels, changed_at)
    WHERE direction = ? AND changed_at >= ? AND NOT starts_with(metric, 'process.')
    ORDER BY abs(effect_percent) DESC, metric, project LIMIT ?
"""
# a drift of some minutes is no news of days, and its slope by the day says nothing
TRENDS = """
    SELECT * FROM marts.metric_trends
    WHERE direction = ? AND window_end >= ? AND window_end - window_start >= INTERVAL 1 DAY
      AND NOT starts_with(metric, 'process.')
    ORDER BY abs(change_percent) DESC, metric, project LIMIT ?
"""
# of two ways of looking ahead the one that sees it first
CROSSINGS = """
    SELECT * FROM marts.metric_crossings
    WHERE expected_at >= ? AND NOT starts_with(metric, 'process.')
    QUALIFY row_number() OVER (PARTITION BY metric, project, subject, labels, severity ORDER BY expected_at, rule) = 1
    ORDER BY expected_at, metric, project, subject LIMIT ?
"""


def better(lake: Lake, since: datetime, *, most: int = MOST) -> Items:
    """Improvements since `since`, steps and drifts, `most` of each."""
    return _items(lake, since, change="improvement", trend="improving", tone="good", empty="Nothing yet.", most=most)


def worse(lake: Lake, since: datetime, *, most: int = MOST) -> Items:
    """Regressions since `since`, steps and drifts, `most` of each."""
    return _items(lake, since, change="regression", trend="degrading", tone="warning", empty="Nothing.", most=most)


def coming(lake: Lake, now: datetime) -> Items:
    """Thresholds that are expected to be crossed, the nearest first."""
    return Items(tuple(_crossing(row) for row in lake.rows(CROSSINGS, [now, MOST])), empty="No threshold is in sight.")


def _crossing(row: dict[str, Any]) -> Item:
    way = "by its slow trend" if row["method"] == "trend" else "by its forecast"
    latest = f", by {row['latest_at']:%Y-%m-%d} even so" if row["latest_at"] else ""
    return Item(
        f"{_title(row)} reaches {row['threshold']:,.4g} ({row['severity']}) about {row['expected_at']:%Y-%m-%d} {way}, "
        f"at the earliest {row['earliest_at']:%Y-%m-%d}{latest}.",
        "critical" if row["severity"] == "critical" else "warning",
        evidence=_lineage(row),
    )


def _items(lake: Lake, since: datetime, *, change: str, trend: str, tone: Tone, empty: str, most: int) -> Items:
    steps = [_step(row, tone) for row in lake.rows(CHANGES, [change, since, most])]
    drifts = [_drift(row, tone) for row in lake.rows(TRENDS, [trend, since, most])]
    return Items((*steps, *drifts), empty=empty)


def _step(row: dict[str, Any], tone: Tone) -> Item:
    commit = f" with commit {row['commit_sha'][:10]}" if row["commit_sha"] else ""
    text = (
        f"{_title(row)} stepped from {row['before']:,.4g} to {row['after']:,.4g} "
        f"({row['effect_percent']:+,.1f}%) on {row['changed_at']:%Y-%m-%d}{commit}{_causes(row['causes'] or ())}."
    )
    return Item(text, tone, evidence=f"{_lineage(row)} --at {row['changed_at']:%Y-%m-%dT%H:%M:%SZ}")


def _causes(causes: Sequence[dict[str, Any]]) -> str:
    """What moved most with a step."""
    named = [f"{shorten(cause['part'], 80, placeholder=' …')} ({cause['share']:.0%})" for cause in causes]
    return f"; most moved with it: {', '.join(named)}" if named else ""


def _drift(row: dict[str, Any], tone: Tone) -> Item:
    text = (
        f"{_title(row)} drifts by {row['slope_per_day']:+,.3g} a day, {row['change_percent']:+,.1f}% since "
        f"{row['window_start']:%Y-%m-%d}; it is at {row['last_value']:,.4g} (p = {row['p_value']:.2g})."
    )
    return Item(text, tone, evidence=_lineage(row))


def _title(row: dict[str, Any]) -> str:
    entry = CATALOGUE.find(row["metric"])
    name = f"{entry.title} ({entry.unit})" if entry else row["metric"]
    where = row["project"] if row["subject"] == row["project"] else f"{row['project']}, {row['subject']}"
    return f"{where}: {name}"


def _lineage(row: dict[str, Any]) -> str:
    return f"quality-platform lineage {row['metric']} --project {row['project']}"
