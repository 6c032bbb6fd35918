"""What needs attention: open alerts, the findings that cost most, the files to look at first, frequent errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from quality_platform.model.message import Block, Cell, Grid, Heading, Item, Items, Tone
from quality_platform.warehouse.lake import Lake

MOST_ALERTS = 20
DEDUCTIONS = """
    SELECT project, rule, severity, sum(points) AS points, count(*) AS places,
           arg_max(path || ':' || line, points) AS place
    FROM marts.security_score_deductions GROUP BY ALL ORDER BY points DESC, project, rule LIMIT 8
"""
HOTSPOTS = """
    SELECT project, path, commits, cyclomatic_complexity, lines_changed, hotspot_score
    FROM marts.code_hotspots WHERE hotspot_score > 0
    QUALIFY row_number() OVER (PARTITION BY project ORDER BY place, path) <= 8
    ORDER BY project, place, path
"""
ERRORS = """
    SELECT project, type, title, culprit, events, users, last_seen, status
    FROM marts.error_groups WHERE last_seen >= ? ORDER BY events DESC, last_seen DESC LIMIT 8
"""


def sections(lake: Lake, alerts: Sequence[Mapping[str, Any]], since: datetime) -> tuple[Block, ...]:
    """The blocks, each under a heading. `alerts` are the open ones, newest first."""
    return (
        Heading("Needs attention"),
        _alerts(alerts),
        Heading("What lowers the security score", 3),
        _deductions(lake),
        Heading("Files to look at first", 3),
        _hotspots(lake),
        Heading("Errors", 3),
        _errors(lake, since),
    )


def _alerts(alerts: Sequence[Mapping[str, Any]]) -> Items:
    return Items(
        tuple(
            Item(
                f"{row['project']}: {row['message']} Open since {row['opened_at']:%Y-%m-%d %H:%M} UTC.",
                _tone(row["severity"]),
                evidence=f"quality-platform lineage {row['metric']} --project {row['project']}",
            )
            for row in sorted(alerts, key=lambda row: row["severity"])[:MOST_ALERTS]
        ),
        empty="No alert is open.",
    )


def _deductions(lake: Lake) -> Grid:
    rows = lake.rows(DEDUCTIONS)
    return Grid(
        ("Project", "Rule", "Severity", "Points", "Places", "Costliest place"),
        tuple(
            (
                Cell(row["project"]), Cell(row["rule"]), Cell(row["severity"], _tone(row["severity"])),
                Cell(f"{row['points']:.2f}"), Cell(str(row["places"])), Cell(row["place"]),
            )
            for row in rows
        ),
        numeric=(3, 4),
        empty="No finding lowers it.",
    )  # fmt: skip


def _hotspots(lake: Lake) -> Grid:
    rows = lake.rows(HOTSPOTS)
    return Grid(
        ("Project", "File", "Commits", "Lines changed", "Complexity"),
        tuple(
            (
                Cell(row["project"]), Cell(row["path"]), Cell(str(row["commits"])), Cell(f"{row['lines_changed']:,}"),
                Cell(str(row["cyclomatic_complexity"])),
            )
            for row in rows
        ),
        numeric=(2, 3, 4),
        empty="No file is both complex and often changed.",
    )  # fmt: skip


def _errors(lake: Lake, since: datetime) -> Grid:
    rows = lake.rows(ERRORS, [since])
    return Grid(
        ("Project", "Error", "Where", "Events", "Users", "Last seen", "Status"),
        tuple(_error(row) for row in rows),
        numeric=(3, 4),
        empty="No errors in this time.",
    )


def _error(row: dict[str, Any]) -> tuple[Cell, ...]:
    title = f"{row['type']}: {row['title']}" if row["type"] else row["title"]
    return (
        Cell(row["project"]), Cell(title[:160]), Cell(row["culprit"] or "–"), Cell(f"{row['events']:,}"),
        Cell(str(row["users"])), Cell(f"{row['last_seen']:%Y-%m-%d %H:%M}"),
        Cell(row["status"], "warning" if row["status"] == "new" else "neutral"),
    )  # fmt: skip


def _tone(severity: str) -> Tone:
    tones: dict[str, Tone] = {"critical": "critical", "high": "critical", "warning": "warning", "medium": "warning"}
    return tones.get(severity, "neutral")
