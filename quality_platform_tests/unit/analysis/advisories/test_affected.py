"""Which versions an advisory speaks of: by range, by list, at every edge; against `packaging` as an independent judge."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from quality_platform.analysis.advisories.affected import SAFE, Verdict, verdict
from quality_platform.analysis.advisories.record import read
from quality_platform.analysis.advisories.versions import UnorderedError

ROOT = Path(__file__).parents[4]
SAMPLE = Path(os.environ.get("CONFORMANCE_DIR", ROOT / "../shared/conformance")) / "advisories"
FIXED = [{"introduced": "1.0"}, {"fixed": "2.0"}]


@pytest.mark.parametrize(
    ("version", "ranges", "listed", "expected"),
    [
        ("1.0", [FIXED], [], Verdict(True, "2.0")),
        ("0.9", [FIXED], [], SAFE),
        ("2.0", [FIXED], [], SAFE),
        ("2.0rc1", [FIXED], [], Verdict(True, "2.0")),
        ("1.0.dev1", [FIXED], [], SAFE),
        ("1.9.post3", [FIXED], [], Verdict(True, "2.0")),
        ("1.5+cpu", [FIXED], [], Verdict(True, "2.0")),
        ("1!1.5", [FIXED], [], SAFE),
        ("1.5", [list(reversed(FIXED))], [], Verdict(True, "2.0")),
        ("9.9", [[{"introduced": "0"}]], [], Verdict(True)),
        ("1.2", [[{"introduced": "0"}, {"last_affected": "1.2"}]], [], Verdict(True)),
        ("1.2.1", [[{"introduced": "0"}, {"last_affected": "1.2"}]], [], SAFE),
        ("3.1", [FIXED, [{"introduced": "3"}, {"fixed": "3.2"}]], [], Verdict(True, "3.2")),
        ("2.5", [[*FIXED, {"introduced": "3"}, {"fixed": "3.2"}]], [], SAFE),
        ("5.0", [FIXED], ["5.0"], Verdict(True)),
        ("5", [FIXED], ["5.0.0"], Verdict(True)),
        ("1.5", [[{"introduced": "no version"}, {"fixed": "2.0"}]], [], SAFE),
        ("1.5", [], ["no version", "1.6"], SAFE),
        ("main", [FIXED], ["main"], Verdict(True)),
    ],
)
def test_versions_of_python(
    version: str, ranges: list[list[dict[str, str]]], listed: list[str], expected: Verdict
) -> None:
    assert verdict("PyPI", version, ranges, listed) == expected


@pytest.mark.parametrize(
    ("ecosystem", "version", "affected"),
    [
        ("npm", "1.0.0", True), ("npm", "2.0.0-rc.1", True), ("npm", "2.0.0", False), ("npm", "1.0.0-alpha", False),
        ("Go", "v1.9.9", True), ("Go", "v2.0.0+incompatible", False), ("Go", "v1.2.3-20260101000000-abcdef123456", True),
        ("crates", "1.10.0", True), ("crates", "0.9.9", False),
    ],
)  # fmt: skip
def test_versions_of_others(ecosystem: str, version: str, affected: bool) -> None:
    assert verdict(ecosystem, version, [FIXED], []).affected is affected


@pytest.mark.parametrize(("ecosystem", "version"), [("PyPI", "main"), ("npm", "file:../x"), ("PyPI", "1." * 200)])
def test_what_is_no_version_is_nobodys_guess(ecosystem: str, version: str) -> None:
    with pytest.raises(UnorderedError):
        verdict(ecosystem, version, [FIXED], [])


NUMBERS = st.builds(lambda parts: ".".join(map(str, parts)), st.lists(st.integers(0, 4), min_size=1, max_size=3))


@given(NUMBERS, NUMBERS, NUMBERS)
def test_a_range_says_what_a_specifier_says(version: str, first: str, fixed: str) -> None:
    first, fixed = sorted((first, fixed), key=Version)
    told = verdict("PyPI", version, [[{"introduced": first}, {"fixed": fixed}]], []).affected
    assert told is SpecifierSet(f">={first},<{fixed}").contains(version)


@pytest.mark.conformance
def test_lists_and_ranges_of_real_records_agree() -> None:
    """Every version that a record lists is affected; that its ranges alone say so too is counted and shown."""
    files = sorted(SAMPLE.glob("*.jsonl"))
    if not files:
        pytest.skip(f"{SAMPLE} holds no records; set CONFORMANCE_DIR")
    listed = by_range = records = unordered = 0
    for line in (line for file in files for line in file.read_text().splitlines()):
        for row in read(json.loads(line)):
            records += 1
            ranges = json.loads(row.ranges)
            for version in row.versions:
                listed += 1
                assert verdict(row.ecosystem, version, ranges, row.versions).affected
                try:
                    by_range += bool(ranges) and verdict(row.ecosystem, version, ranges, ()).affected
                except UnorderedError:
                    unordered += 1
    print(f"\n{records} records, {listed} listed versions: {by_range} by ranges alone, {unordered} cannot be ordered")
    assert by_range / listed > 0.95
