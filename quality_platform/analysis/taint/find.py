"""Input that reaches places where it does harm, in one file, as findings.

Does not belong here: how it is followed (`statements.py`).
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_right

import re2

from quality_platform.analysis.facts import Finding
from quality_platform.analysis.snippets import snippet_hash
from quality_platform.analysis.taint.environment import Environment
from quality_platform.analysis.taint.formatted_strings import rewritten
from quality_platform.analysis.taint.rules import Rule
from quality_platform.analysis.taint.statements import Statements
from quality_platform.analysis.taint.values import Value
from quality_platform.analysis.tools import TAINT

_BYTES = re2.Options()
_BYTES.encoding = re2.Options.Encoding.LATIN1
WORTH_IT = re2.compile(
    rb"\brequest\b|\breq\b|\.route\(|\.(?:get|post|put|patch|delete)\([ \t]*[\"']/|set_cookie"
    rb"|hashlib|\bmd[245]\b|\bsha1?\b|\brand|\b(?:choices?|shuffle|sample|uniform|getrandbits|\w+variate|gauss)\(",
    _BYTES,
)
"""What a file must hold for there to be anything to follow. Python's own engine took a sixth of the analysis for it."""
LINES = re.compile(rb"\r\n|\r|\n")


def find(content: bytes, tree: ast.Module, secret: bytes) -> tuple[Finding, ...]:
    """Findings in a file that parses. Raises RecursionError."""
    if not WORTH_IT.search(content):
        return ()
    lines = LINES.split(content)
    starts = [0, *(end.end() for end in LINES.finditer(content))]
    walk = Statements(frozenset(bisect_right(starts, match.start()) for match in WORTH_IT.finditer(content)))
    walk.run(tree.body, Environment())
    return tuple(_finding(rule, node, value, lines, secret) for rule, node, value in walk.reached.found.values())


def find_in_newer(content: bytes, secret: bytes) -> tuple[Finding, ...]:
    """Findings in a file that this Python cannot parse and a newer one may. Raises RecursionError."""
    if not WORTH_IT.search(content):
        return ()
    try:
        return find(content, ast.parse(rewritten(content)), secret)
    except (SyntaxError, ValueError):
        return ()


def _finding(rule: Rule, node: ast.AST, value: Value, lines: list[bytes], secret: bytes) -> Finding:
    line = getattr(node, "lineno", 0)
    inputs = sorted(value.whole.taints)
    said = f"{_listed(inputs)} {rule.words}" if inputs else f"This {rule.words}"
    return Finding(
        *(TAINT, rule.name, rule.name.replace("-", " "), "security", rule.severity, "high" if inputs else "medium"),
        *(rule.cwe, line, getattr(node, "end_lineno", line) or line, getattr(node, "col_offset", 0), f"{said}."[:2000]),
        snippet_hash(lines, line, secret),
    )


def _listed(inputs: list[str]) -> str:
    return ", ".join(inputs[:3]) + (f" and {len(inputs) - 3} more" if len(inputs) > 3 else "")
