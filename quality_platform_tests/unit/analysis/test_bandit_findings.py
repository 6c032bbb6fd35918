from __future__ import annotations

import ast
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from quality_platform.analysis.facts import Finding
from quality_platform.analysis.python import by_bandit

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
    return by_bandit.find(source, ast.parse(source), key)


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
