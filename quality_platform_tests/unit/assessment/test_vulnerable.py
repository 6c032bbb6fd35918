"""What records say of what manifests name: affected, undetermined, one fault under several names."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from quality_platform.assessment.vulnerable import look_up

DAY = datetime(2026, 1, 1, tzinfo=UTC)


def record(name: str = "PYSEC-1", **changes: Any) -> dict[str, Any]:
    usual = {
        "advisory_id": name, "ecosystem": "PyPI", "package": "flask", "published": DAY, "withdrawn": None, "aliases": [],
        "ranges": json.dumps([[{"introduced": "0"}, {"fixed": "2.0"}]]), "versions": ["0.9", "1.0"],
        "severity": "unknown", "score": None, "weaknesses": [], "summary": "", "batch_id": "b",
    }  # fmt: skip
    return {**usual, **changes}


def asked(specifier: str, version: str | None = None, **changes: Any) -> dict[str, Any]:
    return {"ecosystem": "PyPI", "name": "flask", "specifier": specifier, "version": version, **changes}


@pytest.mark.parametrize(
    ("package", "status"),
    [
        (asked("==1.0", "1.0"), "affected"),
        (asked("==2.0", "2.0"), None),
        (asked("@ git+ssh://somewhere", "main"), "undetermined"),
        (asked(">=0.5"), "undetermined"),
        (asked(""), "undetermined"),
        (asked(">=1.1"), None),
        (asked("!="), "undetermined"),
        (asked("==1.0", "1.0", name="jinja2"), None),
        (asked("==1.0", "1.0", ecosystem="npm"), None),
    ],
)
def test_what_is_named_is_affected_safe_or_nobody_can_tell(package: dict[str, Any], status: str | None) -> None:
    assert [row["status"] for row in look_up([package], [record()])] == ([status] if status else [])


def test_several_records_of_one_fault_are_one_row_that_knows_what_each_knows() -> None:
    records = [
        record("PYSEC-1", aliases=["CVE-1"], summary="It falls over.", weaknesses=["CWE-79"]),
        record("GHSA-2", aliases=["CVE-1"], severity="high", score=7.5, published=DAY.replace(day=3), batch_id="c"),
        record("PYSEC-3", withdrawn=DAY),
        record("PYSEC-4", aliases=["PYSEC-3"]),
    ]
    first, second = look_up([asked("==1.0", "1.0")], records)
    assert (first["vulnerability"], first["advisories"]) == ("CVE-1", ["GHSA-2", "PYSEC-1"])
    assert (first["severity"], first["score"], first["fixed_in"], first["published"]) == ("high", 7.5, "2.0", DAY)
    assert (first["summary"], first["weaknesses"], first["batch_id"]) == ("It falls over.", ["CWE-79"], "c")
    assert second["advisories"] == ["PYSEC-4"]
