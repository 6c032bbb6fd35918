"""How `scan` shows what it found, to somebody who may want to look closer. Does not belong here: finding it."""

from __future__ import annotations

from typing import Any

from quality_platform.cli import output

RATING_STYLES = {"A": "green", "B": "green", "C": "yellow", "D": "red", "E": "bold red"}


def show(found: dict[str, Any]) -> None:
    """Print the summary of `scan`, as `--json` gives it."""
    out, summary = output.console(), found["summary"]
    if summary["commit_sha"] is None:
        out.print(f"{found['project']}: no commits with files.")
        return
    out.print(
        f"[bold]{found['project']}[/bold] at {summary['commit_sha'][:10]} ({summary['committed_at']:%Y-%m-%d}): "
        f"{_numbers(summary)}"
    )
    out.print(_ratings(summary), _packages(found["dependencies"]))
    out.print(f"[dim]stored: {', '.join(f'{n:,} {t}' for t, n in found['stored'].items() if n) or 'nothing new'}[/dim]")
    _show_since(found["since_last_scan"])
    _show_vulnerable(found["dependencies"]["vulnerable"])
    output.table(
        "Findings", ("Severity", "Findings", "Files", "By"),
        [
            [(row["severity"], _tone(row["severity"])), row["findings"], row["files"], row["tools"]]
            for row in found["findings"]
        ],
        empty="None.",
    )  # fmt: skip
    output.table(
        "Look at first: changed often in a year, and complex", ("File", "Commits", "Complexity"),
        [[row["path"], row["commits"], row["complexity"]] for row in found["hotspots"]],
        empty="No changes were read.",
    )  # fmt: skip
    output.table(
        "Most complex", ("Complexity", "Rank", "Cognitive", "Function", "Place"),
        [
            [
                row["cyclomatic_complexity"], row["rank"], row["cognitive_complexity"], row["qualified_name"],
                f"{row['path']}:{row['start_line']}",
            ]
            for row in found["most_complex"]
        ],
    )  # fmt: skip
    where = f"quality-platform lineage code.debt_minutes --project {found['project']}"
    out.print(f"[dim]Where a number comes from: {where}; of one file: with --path FILE[/dim]")


def _ratings(summary: dict[str, Any]) -> str:
    """Letters as SonarQube gives them, each in the colour of what it means."""
    if summary["debt_rating"] is None:
        return "Not rated: there is no code."
    letters = {
        f"maintainability ({summary['debt_minutes'] / 60:,.0f} h of debt, {summary['debt_ratio']:.1f}%)": "debt_rating",
        "reliability": "reliability_rating",
        "security": "security_rating",
    }
    return "Ratings: " + ", ".join(
        f"[{RATING_STYLES[summary[key]]}]{summary[key]}[/] {what}" for what, key in letters.items()
    )


def _packages(found: dict[str, Any]) -> str:
    """Of the packages, one sentence."""
    if not found["packages"]:
        return ""
    known = found["vulnerable"]
    if known is None:
        return f"\n{found['packages']:,} packages; give --advisories to know which are vulnerable"
    affected = len({(row["ecosystem"], row["name"]) for row in known if row["status"] == "affected"})
    return f"\n{found['packages']:,} packages, {affected:,} of them in a vulnerable version"


def _show_vulnerable(rows: list[dict[str, Any]] | None) -> None:
    if rows:
        output.table(
            "Vulnerable", ("Package", "Version", "Vulnerability", "What", "Mended in"),
            [
                [row["name"], row["version"] or row["specifier"], (row["vulnerability"], _tone(row["severity"])),
                 row["summary"][:80], row["fixed_in"] or ""]
                for row in rows[:10]
            ],
        )  # fmt: skip


def _numbers(summary: dict[str, Any]) -> str:
    other = f" and {summary['other_lines']:,} of other languages" if summary["other_lines"] else ""
    groups = summary["clone_groups"]
    copies = f", {groups:,} blocks in several places ({summary['duplication_percent']:.1f}%)" if groups else ""
    lines = f"{summary['lines_of_code'] or 0:,} lines{other}"
    complexity = f"complexity {summary['cyclomatic_complexity'] or 0:,}"
    index = f"maintainability {summary['maintainability_index'] or 0:.1f}"
    analysed = f"{summary['analysed_percent'] or 0:.1f}% analysed"
    files = f"{summary['files']:,} files, {summary['python_files']:,} of Python"
    return f"{files}, {lines}, {complexity}, {index}, {analysed}{copies}"


def _show_since(since: dict[str, Any] | None) -> None:
    if since is None:
        return
    output.console().print(
        f"Since the last scan ({since['commit_sha'][:10]}): {len(since['new']):,} new findings above low, "
        f"{since['gone']:,} gone"
    )
    if since["new"]:
        output.table(
            "New", ("Place", "Rule", "What"),
            [[f"{row['path']}:{row['line']}", (row["rule"], _tone(row["severity"])), row["message"]]
             for row in since["new"][:10]],
        )  # fmt: skip


def _tone(severity: str) -> str:
    return {"critical": "critical", "high": "error", "medium": "warning"}.get(severity, "")
