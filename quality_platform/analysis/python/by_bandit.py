"""What bandit objects to in one Python file.

Bandit is called inside the process, on bytes, with its own default configuration: neither the configuration
that lies in a repository nor a `# nosec` in its files can hide anything. Does not belong here: scores
(`scoring/`) or which findings matter (SQL).
"""

from __future__ import annotations

import ast
import io
import re
from functools import cache
from typing import Any

from quality_platform.analysis.facts import Finding
from quality_platform.analysis.snippets import snippet_hash
from quality_platform.analysis.tools import BANDIT

LEVELS = {"HIGH": "high", "MEDIUM": "medium", "LOW": "low"}
SECRET_RULES = frozenset(("B105", "B106", "B107"))
"""Rules whose message quotes a password out of the file."""

NAME = "./content.py"
"""Bandit wants a path with a folder in it; the path has no influence on what it finds."""


def find(content: bytes, tree: ast.Module, secret: bytes) -> tuple[Finding, ...]:
    """Findings in a file that parses, one per rule and place. Bandit leaves marks in `tree`. Raises RecursionError.

    `secret` keys the hashes of lines: a line may hold a password, which nobody is to find by trying.
    """
    visitor_class, tester_class = _bandit()
    visitor = visitor_class(NAME, io.BytesIO(content), None, _tests(), False, {}, None)
    visitor.tester = tester_class(_tests(), False, {}, None)
    visitor.process(tree)  # it parses what it is given, and a tree parses to itself
    lines = re.split(rb"\r\n|\r|\n", content)
    found: dict[tuple[str, int, int], Finding] = {}
    for issue in visitor.tester.results:
        finding = _finding(issue, lines, secret)
        found.setdefault((finding.rule, finding.line, finding.column_number), finding)
    return tuple(found.values())


@cache
def _tests() -> Any:
    from bandit.core.config import BanditConfig
    from bandit.core.test_set import BanditTestSet

    return BanditTestSet(BanditConfig())


@cache
def _bandit() -> tuple[Any, Any]:
    """Bandit's visitor and tester, without what nobody asks for."""
    from bandit.core.node_visitor import BanditNodeVisitor
    from bandit.core.tester import BanditTester

    class Visitor(BanditNodeVisitor):  # type: ignore[misc]
        def update_scores(self, scores: object) -> None:
            """Sum up no scores: that is a tenth of the time."""

    class Tester(BanditTester):  # type: ignore[misc]
        def _get_nosecs_from_contexts(self, context: object, test_result: object = None) -> None:
            """Look for no suppressions: that takes the square of a statement's lines."""

    return Visitor, Tester


def _finding(issue: Any, lines: list[bytes], secret: bytes) -> Finding:
    line = max(int(issue.lineno or 0), 0)
    message = issue.text.partition(":")[0] if issue.test_id in SECRET_RULES else issue.text
    return Finding(
        *(BANDIT, issue.test_id, _title(issue), "security"),
        *(LEVELS.get(issue.severity, "low"), LEVELS.get(issue.confidence, "low"), issue.cwe.id or None),
        *(line, max([line, *issue.linerange]), max(int(issue.col_offset or 0), 0)),
        message[:2000],
        snippet_hash(lines, line, secret),
    )


def _title(issue: Any) -> str:
    """The rule's name in words. All of bandit's blacklists are one test; the name is in their entries."""
    from bandit.core.extension_loader import MANAGER

    entry = MANAGER.blacklist_by_id.get(issue.test_id)
    return str(entry["name"] if entry else issue.test).replace("_", " ")[:300]
