"""The report as a `Message`: what got better, what got worse, what needs attention, each with its evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from quality_platform.model.message import Block, Cell, Grid, Heading, Items, Message, Tone
from quality_platform.reports import attention, charts, movements
from quality_platform.warehouse.lake import Lake

PROJECTS = """
    SELECT q.project, q.commit_sha, q.committed_at, q.files, q.lines_of_code, q.maintainability_index,
           q.complexity_per_100_lines, q.coverage_percent, q.findings_high, q.findings_medium, q.findings_low,
           q.debt_minutes, q.debt_rating, s.score, s.grade
    FROM marts.code_quality_by_commit q
    LEFT JOIN marts.security_scores s USING (project, commit_sha)
    WHERE q.on_main
    QUALIFY row_number() OVER (PARTITION BY q.project ORDER BY q."position" DESC) = 1
    ORDER BY q.project
"""


def build_report(lake: Lake, alerts: Sequence[Mapping[str, Any]], now: datetime, days: int) -> Message:
    """The report over the last `days` days, as of `now`, with the `alerts` that are open."""
    since = now - timedelta(days=days)
    good, bad = movements.better(lake, since), movements.worse(lake, since)
    urgent = attention.sections(lake, alerts, since)
    blocks: tuple[Block, ...] = (
        Heading("Where things stand"),
        _projects(lake),
        Heading("What got worse"),
        bad,
        Heading("What got better"),
        good,
        Heading("What is coming"),
        movements.coming(lake, now),
        *urgent,
        Heading("Code"),
        *charts.plots(lake, charts.CODE),
        Heading("Operation"),
        *charts.plots(lake, charts.RUNTIME),
    )
    open_alerts = next(block for block in urgent if isinstance(block, Items))
    return Message(
        title=f"Quality report, {now:%Y-%m-%d}",
        summary=_summary(good, bad, open_alerts, days),
        tone=_overall(bad, open_alerts),
        blocks=blocks,
    )


def _summary(good: Items, bad: Items, alerts: Items, days: int) -> str:
    return (
        f"Last {days} days: {_count(len(bad.items), 'thing')} got worse, {len(good.items)} got better, "
        f"{_count(len(alerts.items), 'alert')} open."
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _overall(bad: Items, alerts: Items) -> Tone:
    if any(item.tone == "critical" for item in alerts.items):
        return "critical"
    return "warning" if bad.items or alerts.items else "good"


def _projects(lake: Lake) -> Grid:
    rows = lake.rows(PROJECTS)
    return Grid(
        ("Project", "HEAD", "Lines", "Maintainability", "Complexity per 100 lines", "Coverage",
         "Findings high / medium / low", "Debt", "Security"),
        tuple(_project(row) for row in rows),
        numeric=(2, 3, 4, 5),
        empty="No repository is being watched.",
    )  # fmt: skip


def _project(row: dict[str, Any]) -> tuple[Cell, ...]:
    return (
        Cell(row["project"]),
        Cell(f"{row['commit_sha'][:10]}, {row['committed_at']:%Y-%m-%d}"),
        Cell(_number(row["lines_of_code"], ",.0f")),
        Cell(_number(row["maintainability_index"], ".1f")),
        Cell(_number(row["complexity_per_100_lines"], ".1f")),
        Cell(_number(row["coverage_percent"], ".1f") + ("%" if row["coverage_percent"] is not None else "")),
        Cell(f"{row['findings_high']} / {row['findings_medium']} / {row['findings_low']}"),
        Cell(f"{(row['debt_minutes'] or 0) / 60:,.0f} h, {row['debt_rating'] or '–'}", _rating(row["debt_rating"])),
        Cell(f"{_number(row['score'], '.0f')}, {row['grade'] or '–'}", _rating(row["grade"])),
    )


def _number(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)


def _rating(grade: str | None) -> Tone:
    tones: dict[str, Tone] = {"A": "good", "B": "good", "C": "warning", "D": "warning", "E": "critical"}
    return tones.get(grade or "", "neutral")
