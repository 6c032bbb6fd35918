"""SARIF as scanners write it and as nobody should: what becomes a finding, what is refused, what is read again."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from quality_platform.collectors.sarif import COLLECTOR
from quality_platform.collectors.sarif.result import read
from quality_platform.model.configuration import ProjectConfig, QualityConfig, SarifSource
from quality_platform_tests.unit.collectors.conftest import Memory

RULE = {"id": "py/sqli", "shortDescription": {"text": "SQL injection"},
        "properties": {"security-severity": "8.8", "tags": ["security", "external/cwe/cwe-089"]}}  # fmt: skip


def result(uri: str | None = "src/a.py", **changes: Any) -> dict[str, Any]:
    place = {"artifactLocation": {"uri": uri}, "region": {"startLine": 3, "startColumn": 5}}
    usual = {"ruleId": "py/sqli", "message": {"text": "A query."}, "locations": [{"physicalLocation": place}]}
    return {**usual, **changes}


def log(*results: Any, rules: tuple[Any, ...] = (RULE,), **run: Any) -> bytes:
    driver = {"name": "CodeQL", "semanticVersion": "2.1", "rules": list(rules)}
    return json.dumps({"version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results, **run}]}).encode()


def test_a_result_is_a_finding() -> None:
    provenance = [{"revisionId": "a" * 40}]
    (found,), refused = read(log(result(), result(), versionControlProvenance=provenance))
    assert found == (
        "a" * 40, "CodeQL", "2.1", "py/sqli", "SQL injection", "security", "high", 89, "src/a.py", 3, 3, 4, "A query.",
    )  # fmt: skip
    assert refused == []


@pytest.mark.parametrize(
    ("rules", "changes", "severity", "category"),
    [
        ((), {"level": "error"}, "high", "error"),
        ((), {"level": "note"}, "low", "style"),
        ((), {}, "medium", "style"),
        (({"id": "py/sqli", "defaultConfiguration": {"level": "note"}},), {}, "low", "style"),
        (({"id": "other"}, {"id": "py/sqli", "properties": {"security-severity": "9.1"}}), {"ruleIndex": 1}, "critical",
         "security"),
        (({"id": "py/sqli", "properties": {"security-severity": "0.0"}},), {}, "info", "security"),
        ((), {"taxa": [{"id": "CWE-79"}], "properties": {"tags": ["CWE-79"]}}, "medium", "security"),
    ],
)  # fmt: skip
def test_how_bad_it_is_and_of_what_kind(
    rules: tuple[Any, ...], changes: dict[str, Any], severity: str, category: str
) -> None:
    (found,), _ = read(log(result(**changes), rules=rules))
    assert (found.severity, found.category) == (severity, category)


@pytest.mark.parametrize(
    "changes", [{"suppressions": [{"kind": "inSource"}]}, {"baselineState": "absent"}, {"kind": "pass"}]
)
def test_what_is_no_fault_any_more_is_left_out(changes: dict[str, Any]) -> None:
    assert read(log(result(**changes))) == ([], [])


@pytest.mark.parametrize(
    "uri",
    ["../etc/passwd", "/etc/passwd", "file:///etc/passwd", "C:/x", "C:\\x", "a/%2e%2e/b", "//host/x", "https://x/y", "", None,
     "a%00b", "."],
)  # fmt: skip
def test_paths_that_lead_out_are_refused_beside_good_ones(uri: str | None) -> None:
    found, (refused,) = read(log(result(uri), result(".//src\\b%20c.py")))
    assert [each.path for each in found] == ["src/b c.py"]
    assert refused.position == "runs[0].results[0]"
    assert "uri" in refused.reason


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"runs": {}}', b"[" * 100_000, b"\xff"])
def test_what_is_no_sarif_says_so(content: bytes) -> None:
    with pytest.raises((ValueError, RecursionError)):
        read(content)


def test_odd_shapes_break_nothing() -> None:
    odd = [5, {}, {"ruleId": 5}, result(locations=[]), result(locations=[5]), result(message=5, ruleIndex=99)]
    found, refused = read(log(*odd))
    assert [each.message for each in found] == ["SQL injection"]
    assert len(refused) == 5


def test_a_file_is_read_again_when_it_changes(tmp_path: Path, memory: Memory) -> None:
    report = tmp_path / "out.sarif"
    config = QualityConfig(
        projects=(ProjectConfig(id="shop", sarif=(SarifSource(paths=(str(tmp_path / "*.sarif"),)),)),)
    )
    report.write_bytes(log(result()))
    assert [
        row["rule"]
        for batch in memory.collect(COLLECTOR, config)
        for row in batch.tables["reported_findings"].to_pylist()
    ] == ["py/sqli"]
    assert memory.collect(COLLECTOR, config) == []
    report.write_bytes(b"no json")
    os.utime(report, (1, 1))
    memory.collect(COLLECTOR, config)
    assert "SARIF" in memory.rejected[-1].reason
