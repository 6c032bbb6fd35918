"""`status`: how each project is doing now, in one table; the open alerts; how fresh it all is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from quality_platform.cli import output
from quality_platform.cli.session import Json, begin

if TYPE_CHECKING:
    from quality_platform.settings import Settings

EXAMPLE = "quality-platform status --json"

PROJECTS = """
    SELECT p.project, q.commit_sha, q.committed_at, q.files, q.lines_of_code, q.cyclomatic_complexity,
           q.maintainability_index, q.coverage_percent, q.findings_high, q.findings_medium, q.findings_low,
           q.debt_minutes, q.debt_rating, s.score AS security_score, s.grade AS security_grade,
           (SELECT count(*) FROM raw.code_commits c WHERE c.project = p.project) AS commits
    FROM marts.dim_project p
    LEFT JOIN (
        SELECT * FROM marts.code_quality_by_commit WHERE on_main
        QUALIFY row_number() OVER (PARTITION BY project ORDER BY "position" DESC) = 1
    ) q USING (project)
    LEFT JOIN marts.security_scores s ON s.project = q.project AND s.commit_sha = q.commit_sha
    ORDER BY q.commit_sha IS NULL, p.project
"""

HOST = """
    SELECT subject, metric, value, observed_at FROM marts.fct_observations
    WHERE metric IN ('system.cpu_percent', 'system.memory_percent', 'system.disk_percent')
    QUALIFY row_number() OVER (PARTITION BY metric, subject ORDER BY observed_at DESC, value DESC) = 1
    ORDER BY subject, metric
"""

COUNTS = """
    SELECT (SELECT count(*) FROM marts.error_groups) AS error_groups,
           (SELECT count(*) FROM raw.usage_events) AS usage_events,
           (SELECT count(*) FROM marts.metric_changes WHERE direction = 'regression') AS regressions,
           (SELECT count(*) FROM marts.metric_changes WHERE direction = 'improvement') AS improvements,
           (SELECT count(*) FROM marts.metric_trends WHERE direction = 'degrading') AS degrading,
           (SELECT count(*) FROM marts.fct_observations) AS observations,
           (SELECT count(*) FROM raw.quarantine) AS quarantined,
           (SELECT max(ingested_at) FROM raw.batches) AS collected_at
"""


def command(json_output: Json = False) -> None:
    """Show how every project is doing."""
    found = overview(begin("status"))
    if json_output:
        output.as_json(found)
    else:
        show(found)


def overview(settings: Settings) -> dict[str, Any]:
    """Projects, host, counts and open alerts, as plain values."""
    from concurrent.futures import ThreadPoolExecutor

    from quality_platform.warehouse.lake import Lake

    # loading SQLAlchemy takes as long as opening the lake, so the two are done at once
    with ThreadPoolExecutor(max_workers=1) as pool:
        alerts = pool.submit(_open_alerts, settings)
        lake = Lake(settings)
        return {
            "projects": lake.rows(PROJECTS),
            "host": lake.rows(HOST),
            "counts": lake.rows(COUNTS)[0],
            "open_alerts": alerts.result(),
        }


def _open_alerts(settings: Settings) -> list[dict[str, Any]]:
    from quality_platform.alerting.listing import open_alerts
    from quality_platform.state.database import State

    return open_alerts(State(settings))


def show(found: dict[str, Any]) -> None:
    """Print an overview for people."""
    _projects([row for row in found["projects"] if row["commit_sha"]])
    for row in found["host"]:
        output.console().print(f"{row['subject']}  {row['metric']}  {row['value']:.1f}")
    _alerts(found["open_alerts"])
    counts = found["counts"]
    age = (datetime.now(UTC) - counts["collected_at"]).total_seconds() if counts["collected_at"] else 0.0
    output.console().print(
        f"\n{counts['observations']:,} observations, {counts['error_groups']} error groups, "
        f"{counts['usage_events']:,} usage events, {counts['regressions']} regressions, "
        f"{counts['improvements']} improvements, {counts['degrading']} metrics drifting the wrong way, "
        f"{counts['quarantined']} refused rows; collected {age:,.0f} s ago"
    )


def _projects(rows: list[dict[str, Any]]) -> None:
    output.table(
        "Projects",
        ("Project", "Lines", "Compl.", "Maint.", "Cov.", "Findings", "Debt", "Security"),
        [
            [
                f"{row['project']} @{row['commit_sha'][:7]}", row["lines_of_code"],
                row["cyclomatic_complexity"], round(row["maintainability_index"] or 0.0, 1),
                "–" if row["coverage_percent"] is None else f"{row['coverage_percent']:.1f}%",
                f"{row['findings_high']}/{row['findings_medium']}/{row['findings_low']}",
                (f"{(row['debt_minutes'] or 0) / 60:,.0f} h, {row['debt_rating']}", _tone(row["debt_rating"])),
                (f"{row['security_score'] or 0:.0f}, {row['security_grade']}", _tone(row["security_grade"])),
            ]
            for row in rows
        ],
        empty="No repository yet.",
    )  # fmt: skip


def _alerts(rows: list[dict[str, Any]]) -> None:
    output.table(
        "\nOpen alerts",
        ("Severity", "Project", "Since", "What"),
        [
            [(row["severity"], row["severity"]), row["project"], f"{row['opened_at']:%Y-%m-%d %H:%M}", row["message"]]
            for row in rows
        ],
        empty="None.",
    )


def _tone(rating: str | None) -> str:
    return {"A": "good", "B": "good", "C": "warning", "D": "error", "E": "critical"}.get(rating or "", "")
