"""A verdict's new findings as SARIF 2.1.0, which code scanners and GitHub show."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from quality_platform.gates.judging import Verdict
from quality_platform.gates.new_code import Place

LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note", "info": "note"}
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def document(verdict: Verdict) -> dict[str, Any]:
    """One run for each tool that found something; an empty run of ours when none did."""
    places = [*verdict.code.findings, *_complex(verdict)]
    tools = sorted({place.tool for place in places}) or ["quality-platform"]
    runs = [_run(tool, [place for place in places if place.tool == tool]) for tool in tools]
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": runs}


def _complex(verdict: Verdict) -> list[Place]:
    return [
        place
        for outcome in verdict.outcomes
        if outcome.condition.measure == "complexity" and not outcome.holds
        for place in outcome.places
    ]


def _run(tool: str, places: list[Place]) -> dict[str, Any]:
    rules = {place.rule: place for place in places}
    return {
        "tool": {"driver": {"name": tool, "rules": [_rule(place) for place in rules.values()]}},
        "columnKind": "utf16CodeUnits",
        "results": [_result(place) for place in places],
    }


def _rule(place: Place) -> dict[str, Any]:
    tags = {"properties": {"tags": [f"external/cwe/cwe-{place.cwe}"]}} if place.cwe else {}
    return {"id": place.rule, "shortDescription": {"text": place.rule}, **tags}


def _result(place: Place) -> dict[str, Any]:
    location = {"artifactLocation": {"uri": quote(place.path)}, "region": {"startLine": max(place.line, 1)}}
    return {
        "ruleId": place.rule,
        "level": LEVELS.get(place.severity, "note"),
        "message": {"text": place.title},
        "locations": [{"physicalLocation": location}],
    }
