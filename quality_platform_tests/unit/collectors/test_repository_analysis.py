from __future__ import annotations

import ast
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from quality_platform.collectors.repository import security
from quality_platform.collectors.repository.analysis import analyse
from quality_platform.collectors.repository.security import Finding

KEY = b"key"
RISKY = b"""import subprocess, pickle
import pickle as second
PASSWORD = "hunter2-very-secret"

def run(password="hunter2-very-secret"):
    assert password
    login(password="hunter2-very-secret")
    try:
        subprocess.call("ls " + password, shell=True)
    except Exception:
        pass
    return eval(password), open("/tmp/x"), hash_with(md5)
"""


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Bandit logs what it cannot do, and its import warns; in a worker nobody listens."""
    logging.disable(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
    logging.disable(logging.NOTSET)


def find(source: bytes, key: bytes) -> tuple[Finding, ...]:
    return security.find(source, ast.parse(source), key)


def oracle(path: Path) -> set[tuple[object, ...]]:
    """What bandit's own manager finds in a file, with suppressions ignored."""
    from bandit.core.config import BanditConfig
    from bandit.core.manager import BanditManager

    manager = BanditManager(BanditConfig(), "file", ignore_nosec=True)
    manager.discover_files([str(path)])
    manager.run_tests()
    return {
        (issue.test_id, issue.severity.lower(), issue.confidence.lower(), issue.lineno, max(issue.linerange))
        for issue in manager.results
    }


@pytest.mark.parametrize("source", [RISKY, Path(logging.__file__).read_bytes(), Path(ast.__file__).read_bytes()])
def test_the_findings_are_bandits(tmp_path: Path, source: bytes) -> None:
    path = tmp_path / "module.py"
    path.write_bytes(source)
    found = {(item.rule, item.severity, item.confidence, item.line, item.end_line) for item in find(source, KEY)}
    assert found == oracle(path)
    assert found


def test_a_finding_is_complete() -> None:
    [finding] = (item for item in find(RISKY, KEY) if item.rule == "B602")
    assert finding._replace(snippet_hash=None) == (
        *("bandit", "B602", "subprocess popen with shell equals true", "security", "high", "high", 78),
        *(9, 9, 8, "subprocess call with shell=True identified, security issue.", None),
    )


def test_a_blacklists_title_is_the_entrys() -> None:
    titles = {item.rule: item.title for item in find(RISKY, KEY)}
    assert titles["B403"] == "import pickle"
    assert titles["B307"] == "eval"


def test_a_comment_hides_nothing() -> None:
    plain = find(b"assert x\n", KEY)
    assert [item.rule for item in plain] == ["B101"]
    assert [item.rule for item in find(b"assert x  # nosec\n", KEY)] == ["B101"]
    assert [item.rule for item in find(b"assert x  # nosec B101\n", KEY)] == ["B101"]


def test_a_password_never_leaves_the_file() -> None:
    findings = find(RISKY, KEY)
    assert {"B105", "B106", "B107"} <= {item.rule for item in findings}
    assert "hunter2" not in repr(findings)


def test_the_hash_of_a_line_follows_it_and_needs_the_key() -> None:
    [one] = find(b"assert  x\n", KEY)
    [moved] = find(b"\nif y:\n    assert x\n", KEY)
    [other_key] = find(b"assert x\n", b"another")
    [other_line] = find(b"assert y\n", KEY)
    assert one.snippet_hash == moved.snippet_hash
    assert len({one.snippet_hash, other_key.snippet_hash, other_line.snippet_hash}) == 3


def test_one_rule_speaks_once_at_one_place() -> None:
    findings = find(b"import pickle, marshal, shelve\n", KEY)
    places = [(item.rule, item.line, item.column_number) for item in findings]
    assert len(places) == len(set(places))


def test_a_file_that_parses_is_analysed() -> None:
    result = analyse(RISKY, KEY)
    assert result.reason is None
    assert result.numbers.lines_of_code == 13 - 1
    assert [block.qualified_name for block in result.blocks] == ["run"]
    assert len(result.findings) >= 8


@pytest.mark.parametrize(
    ("content", "what", "line", "lines_of_code"),
    [
        (b"print 'python 2'\nx = 1\n", "Missing parentheses", 1, 2),
        (b"x = 1\ndef (:\n", "invalid syntax", 2, None),
        (b"if x:\npass\n", "expected an indented block", 2, 2),
        (b"x = 1\0", "null bytes", 0, None),
        (b"# coding: no-such-thing\n", "unknown encoding", 0, 1),
        (b"x = '\xff'\n", "utf-8", 1, 1),
        (b"(" * 300, "too many nested parentheses", 1, None),
    ],
)
def test_a_file_that_does_not_parse_is_a_finding(
    content: bytes, what: str, line: int, lines_of_code: int | None
) -> None:
    result = analyse(content, KEY)
    assert result.reason is not None
    assert what in result.reason
    assert "Python 3." in result.reason
    [finding] = result.findings
    assert (finding.tool, finding.rule, finding.category) == ("quality_platform", "unparseable", "error")
    assert finding.line == finding.end_line == line
    assert result.numbers.lines_of_code == lines_of_code
    assert result.numbers.cyclomatic_complexity is None
    assert result.blocks == ()


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"\xef\xbb\xbf", b"\xef\xbb\xbfx = 1\r\n", b"# coding: latin-1\n'\xe9'\n"]
)
def test_odd_but_good_files_are_analysed(content: bytes) -> None:
    result = analyse(content, KEY)
    assert result.reason is None
    assert result.numbers.maintainability_index == 100.0


def test_what_radon_cannot_count_is_named_and_the_rest_kept() -> None:
    # a line feed of another kind inside a string: one line for Python, two for radon
    result = analyse(b"def f():\n    assert 'a\x0cb'\n", KEY)
    assert result.reason == "radon cannot tell its lines apart"
    assert result.numbers.cyclomatic_complexity == 2
    assert result.numbers.lines_of_code is None
    assert [item.rule for item in result.findings] == ["B101"]


def test_code_that_python_warns_about_is_quiet() -> None:
    assert analyse(b"x = '\\d'\nx is 1\n", KEY).reason is None
