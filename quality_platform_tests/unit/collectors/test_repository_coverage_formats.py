from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.collectors.repository.coverage.formats import (
    FileCoverage,
    Measured,
    lines_of,
    ranges,
    read_text_report,
)
from quality_platform.collectors.repository.coverage.paths import Names
from quality_platform.collectors.repository.coverage.reports import FORMATS, Report, find_reports

COBERTURA = b"""<?xml version="1.0" ?>
<!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">
<coverage line-rate="0.75"><sources><source>/builds/demo/src</source></sources>
<packages><package name="app"><classes>
<class name="a" filename="app/a.py">
<methods><method name="m"><lines><line number="2" hits="1"/></lines></method></methods>
<lines>
<line number="1" hits="3"/><line number="2" hits="0"/>
<line number="4" hits="1" branch="true" condition-coverage="50% (1/2)"/>
<line number="5" hits="0"/>
</lines></class>
<class name="Inner" filename="app/a.py"><lines><line number="5" hits="2"/></lines></class>
<class name="b" filename="app/b.py"><lines/></class>
</classes></package></packages></coverage>"""

LCOV = b"""TN:unit
SF:src/app/a.js
FN:1,f
DA:1,5
DA:2,0,checksum
BRDA:2,0,0,1
BRDA:2,0,1,-
LF:2
end_of_record
TN:other
SF:src/app/a.js
DA:2,1
DA:3,0
BRDA:2,0,1,4
end_of_record
SF:src/empty.js
end_of_record
"""


def test_cobertura_counts_each_line_of_a_file_once() -> None:
    assert read_text_report("cobertura", COBERTURA) == Measured(
        (FileCoverage("app/a.py", 4, 4, 2, 1, "1-2,4-5", ""),), ("/builds/demo/src",)
    )


def test_lcov_adds_up_the_tests_of_a_file() -> None:
    assert read_text_report("lcov", LCOV).files == (
        FileCoverage("src/app/a.js", 3, 2, 2, 2, "1-2", "3"),
        FileCoverage("src/empty.js", 0, 0, None, None, "", ""),
    )


def test_coverage_json_is_taken_by_its_summaries() -> None:
    plain = {"num_statements": 10, "covered_lines": 7}
    branches = {**plain, "num_branches": 4, "covered_branches": 3}
    report = {"files": {"a.py": {"summary": plain}, "b.py": {"summary": branches}}}
    assert read_text_report("coverage.py", json.dumps(report).encode()).files == (
        FileCoverage("a.py", 10, 7, None, None),
        FileCoverage("b.py", 10, 7, 4, 3),
    )


@pytest.mark.parametrize(
    ("form", "content"),
    [
        ("cobertura", b""),
        ("cobertura", b"<coverage><class filename='a'>"),
        ("cobertura", b"<coverage><class filename='a'><lines><line hits='1'/></lines></class></coverage>"),
        ("cobertura", b"<coverage><class filename='a'><lines><line number='x' hits='1'/></lines></class></coverage>"),
        ("lcov", b"this is no report"),
        ("lcov", b"SF:a\nDA:1\n"),
        ("lcov", b"SF:a\nBRDA:1,2\n"),
        ("coverage.py", b"{"),
        ("coverage.py", b"[]"),
        ("coverage.py", b'{"files": {"a": {}}}'),
        ("coverage.py", b'{"files": {"a": {"summary": {"num_statements": "many", "covered_lines": 1}}}}'),
    ],
)
def test_another_form_is_an_error(form: str, content: bytes) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        read_text_report(form, content)


def test_entities_are_not_expanded() -> None:
    bomb = b'<!DOCTYPE c [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]><coverage><source>&b;</source></coverage>'
    with pytest.raises(ValueError, match="Entities"):
        read_text_report("cobertura", bomb)


@given(st.dictionaries(st.integers(1, 50), st.integers(0, 3)), st.randoms())
def test_lcov_does_not_care_about_order_or_repetition(hits: dict[int, int], random: object) -> None:
    lines = [f"DA:{number},{count}" for number, count in hits.items()] * 2
    random.shuffle(lines)  # type: ignore[attr-defined]
    [file] = read_text_report("lcov", "\n".join(["SF:a", *lines]).encode()).files
    assert file[1:3] == (len(hits), sum(count > 0 for count in hits.values()))


PATHS = ("setup.py", "src/app/__init__.py", "src/app/core/a.py", "src/other/__init__.py", "web/a.js", "lib/a.js")


@pytest.mark.parametrize(
    ("path", "roots", "found"),
    [
        ("/home/me/demo/src/app/core/a.py", (), "src/app/core/a.py"),
        ("src/app/core/a.py", (), "src/app/core/a.py"),
        ("./src/app/core/a.py", (), "src/app/core/a.py"),
        ("/builds/7/src/app/core/a.py", (), "src/app/core/a.py"),
        ("C:\\work\\src\\app\\core\\a.py", (), "src/app/core/a.py"),
        ("/usr/lib/python3/site-packages/app/core/a.py", (), "src/app/core/a.py"),
        ("core/a.py", (), "src/app/core/a.py"),
        ("a.py", (), "src/app/core/a.py"),
        ("core/a.py", ("/builds/7/src/app",), "src/app/core/a.py"),
        ("a.js", ("/home/me/demo/web",), "web/a.js"),
        ("app/__init__.py", (), "src/app/__init__.py"),
        # ambiguous
        ("a.js", (), None),
        ("__init__.py", (), None),
        # of another project: one component in common is not enough
        ("/usr/lib/python3/setup.py", (), None),
        ("/usr/lib/x/a.py", (), None),
        # below the checkout, but not in the commit
        ("/home/me/demo/build/a.py", (), None),
        # never outside
        ("../../etc/passwd", (), None),
        ("/home/me/demo/../secret/a.py", (), None),
        ("", (), None),
        ("/", (), None),
    ],
)
def test_a_report_names_files_in_many_ways(path: str, roots: tuple[str, ...], found: str | None) -> None:
    assert Names(PATHS, Path("/home/me/demo")).find(path, roots) == found


@given(st.text(max_size=30), st.lists(st.text(max_size=10), max_size=2))
def test_only_names_of_the_commit_are_found(path: str, roots: list[str]) -> None:
    assert Names(PATHS, Path("/home/me/demo")).find(path, roots) in {*PATHS, None}


def test_reports_are_found_and_fingerprinted(tmp_path: Path) -> None:
    (tmp_path / "coverage").mkdir()
    for name in FORMATS:
        (tmp_path / name).write_bytes(name.encode())
    (tmp_path / "other.info").write_bytes(b"")
    found = find_reports(tmp_path, {}, limit=100)
    assert found.keys() == FORMATS.keys()
    assert len({report.digest for report in found.values()}) == len(FORMATS)
    report = found["coverage.xml"]
    assert Report.from_json(json.loads(json.dumps(report.as_json()))) == report
    assert find_reports(None, {}, limit=100) == {}
    assert find_reports(tmp_path / "nowhere", {}, limit=100) == {}


def test_a_report_of_the_same_size_and_time_is_not_read_again(tmp_path: Path) -> None:
    (tmp_path / "lcov.info").write_bytes(b"SF:a")
    [report] = find_reports(tmp_path, {}, limit=100).values()
    known = {"lcov.info": Report("remembered", report.bytes, report.modified)}
    assert find_reports(tmp_path, known, limit=100) == known
    (tmp_path / "lcov.info").write_bytes(b"SF:ab")
    assert find_reports(tmp_path, known, limit=100)["lcov.info"].digest not in {"remembered", report.digest}


def test_a_large_report_is_not_hashed(tmp_path: Path) -> None:
    (tmp_path / "lcov.info").write_bytes(b"x" * 11)
    assert find_reports(tmp_path, {}, limit=10)["lcov.info"].digest == "11 bytes"


def test_links_and_pipes_are_no_reports(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "lcov.info").write_bytes(b"SF:a")
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    (checkout / "coverage").symlink_to(secret)
    (checkout / "lcov.info").symlink_to(secret / "lcov.info")
    (checkout / "coverage.json").mkdir()
    import os

    os.mkfifo(checkout / "coverage.xml")
    assert find_reports(checkout, {}, limit=100) == {}


@given(st.sets(st.integers(1, 200)))
def test_ranges_are_read_as_they_were_written(lines: set[int]) -> None:
    text = ranges(lines)
    assert list(lines_of(text)) == sorted(lines)
    assert text.count(",") == sum(line - 1 not in lines for line in lines) - bool(lines)
