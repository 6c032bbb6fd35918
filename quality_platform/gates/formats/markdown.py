"""A verdict as Markdown, for the description of or a comment on a pull request."""

from __future__ import annotations

import re

from quality_platform.gates.judging import Outcome, Verdict
from quality_platform.gates.new_code import Place

TITLES = {
    "new_findings_high": "New findings, high", "new_findings_medium": "New findings, medium",
    "new_findings_low": "New findings, low", "new_secrets": "New secrets",
    "complexity": "Complexity of touched functions",
    "duplicated_lines_percent": "Duplicated new lines, %", "new_suppressions": "New suppressions",
    "uncovered_lines_percent": "New lines that no test runs, %",
}  # fmt: skip
SHOWN = 20


def document(verdict: Verdict) -> str:
    """Headline, conditions, and the places to look at. Names and messages are escaped: somebody else wrote them."""
    code = verdict.code
    word = "passed" if verdict.passes else "failed"
    findings = f"{len(code.findings):,} new findings, {code.gone:,} gone"
    counts = f"{code.files:,} files, {code.lines:,} new lines, {findings}"
    lines = [
        f"## Quality gate {word}",
        "",
        f"{counts} (`{code.base[:10]}` → `{code.head[:10]}`)",
        "",
        "| | Condition | Value | At most |",
        "| --- | --- | ---: | ---: |",
        *(_row(outcome) for outcome in verdict.outcomes),
    ]
    for outcome in verdict.outcomes:
        if not outcome.holds and outcome.places:
            lines += [
                "",
                f"### {TITLES[outcome.condition.measure]}",
                "",
                *(_item(place) for place in outcome.places[:SHOWN]),
            ]
            if len(outcome.places) > SHOWN:
                lines.append(f"- … and {len(outcome.places) - SHOWN} more")
    return "\n".join(lines) + "\n"


def _row(outcome: Outcome) -> str:
    sign = "✅" if outcome.holds else "❌" if outcome.fails else "⚠️"
    return f"| {sign} | {TITLES[outcome.condition.measure]} | {outcome.shown} | {outcome.condition.maximum:,.4g} |"


def _item(place: Place) -> str:
    return f"- `{_code(place.path)}:{place.line}` {_escaped(place.rule)}: {_escaped(place.title)}"


def _code(text: str) -> str:
    return text.replace("`", "'").replace("\n", " ")


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>()#+!|~@])", r"\\\1", text.replace("\n", " "))
