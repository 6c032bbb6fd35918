"""Ruff's real program on hostile and plain files."""

from __future__ import annotations

from pathlib import Path

import pytest

from quality_platform.analysis.python import by_ruff, ruff_rules

KEY = b"key"
RISKY = b"""import subprocess, os
password = "hunter2-very-secret"
def run(a=[]):
    subprocess.call("ls " + a, shell=True)  # noqa: S602
    try:
        pass
    except Exception:
        pass
"""


def rules(found: tuple[object, ...]) -> set[str]:
    return {finding.rule for finding in found}  # type: ignore[attr-defined]


def test_each_file_has_its_own_findings_and_comments_hide_none(tmp_path: Path) -> None:
    found = by_ruff.find({"a" * 40: RISKY, "b" * 40: b"x = 1\n"}, tmp_path, KEY)
    assert found["b" * 40] == ()
    assert {"S602", "S105", "B006", "BLE001", "F401", "S110"} <= rules(found["a" * 40])
    assert list(tmp_path.iterdir()) == []


def test_a_finding_is_complete_and_quotes_no_password(tmp_path: Path) -> None:
    findings = by_ruff.find({"k": RISKY}, tmp_path, KEY)["k"]
    [shell] = (finding for finding in findings if finding.rule == "S602")
    assert shell[:7] == (*("ruff", "S602", "subprocess popen with shell equals true", "security", "high", "high", 78),)
    assert (shell.line, shell.end_line, shell.column_number) == (4, 4, 4)
    assert shell.snippet_hash is not None
    assert "hunter2" not in repr(findings)


def test_the_hash_of_a_line_follows_it(tmp_path: Path) -> None:
    found = by_ruff.find(
        {"one": b"assert x\n", "moved": b"\nif y:\n    assert  x\n", "other": b"assert z\n"}, tmp_path, KEY
    )
    hashes = {
        key: next(finding.snippet_hash for finding in findings if finding.rule == "S101")
        for key, findings in found.items()
    }
    assert hashes["one"] == hashes["moved"] != hashes["other"]


def test_nothing_in_the_files_configures_or_runs_anything(tmp_path: Path) -> None:
    (tmp_path / "ruff.toml").write_text("lint.select = []\n")
    (tmp_path / "pyproject.toml").write_text("[tool.ruff]\nextend-exclude = ['*']\n")
    found = by_ruff.find({"k": b"# ruff: noqa\n# flake8: noqa\nassert x\n"}, tmp_path, KEY)
    assert rules(found["k"]) == {"F821", "S101"}


def test_what_is_no_python_is_a_fault_and_no_failure(tmp_path: Path) -> None:
    found = by_ruff.find({"two": b"print 'x'\n", "none": b"\xff\xfe\x00" * 50}, tmp_path, KEY)
    assert rules(found["two"]) == {"invalid-syntax"}
    assert {finding.category for finding in found["two"]} == {"error"}


def test_a_program_that_does_not_answer_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_ruff, "_program", lambda: "/bin/false")
    with pytest.raises(by_ruff.RuffError, match="exit status 1"):
        by_ruff.find({"k": b"x = 1\n"}, tmp_path, KEY)


@pytest.mark.parametrize(
    ("rule", "category", "severity"),
    [
        ("S602", "security", "high"), ("S101", "security", "low"), ("F821", "error", "low"), ("B006", "error", "low"),
        ("F401", "style", "info"), ("BLE001", "style", "info"), ("E722", "style", "info"), ("E902", "error", "low"),
        ("invalid-syntax", "error", "low"), ("PLE0704", "error", "low"), ("W293", "style", "info"),
    ],
)  # fmt: skip
def test_rules_have_an_area_and_a_weight(rule: str, category: str, severity: str) -> None:
    assert ruff_rules.category(rule) == category
    assert ruff_rules.weight(rule)[0] == severity
