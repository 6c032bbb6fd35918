"""Analyses the content of one Python file. Runs in a worker process; the rows go back to the parent.

Belongs here: what one content gives as a whole. Does not belong here: how a number is computed
(`measurements.py`), how a finding is found (`security.py`). Arrow and pydantic stay out of this module and
what it imports: they would cost every worker 0.3 s and 60 MB.
"""

from __future__ import annotations

import ast
import sys
import warnings
from dataclasses import dataclass

from quality_platform.collectors.repository import security
from quality_platform.collectors.repository.lines import count_lines
from quality_platform.collectors.repository.measurements import Block, Numbers, decoded, measure
from quality_platform.collectors.repository.security import Finding

OWN_TOOL = "quality_platform"
VERSION = f"Python {sys.version_info.major}.{sys.version_info.minor}"


@dataclass(frozen=True, slots=True)
class Analysis:
    """What one content gave. `reason` is None when everything could be computed."""

    reason: str | None
    numbers: Numbers
    blocks: tuple[Block, ...] = ()
    findings: tuple[Finding, ...] = ()


def prepare() -> None:
    """Import and build what every call needs, so that it counts in none's time."""
    analyse(b"pass\n", b"")


def analyse(content: bytes, secret: bytes | None) -> Analysis:
    """Numbers, blocks and findings of a Python file.

    `secret` keys the hashes of lines; without one the file is measured and not checked for security.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(content)
        except (SyntaxError, ValueError, RecursionError) as error:
            return _unparseable(content, error)
        return _parsed(content, tree, secret)


def _parsed(content: bytes, tree: ast.Module, secret: bytes | None) -> Analysis:
    text = decoded(content)
    reason = None
    numbers, blocks = Numbers(), tuple[Block, ...]()
    try:
        numbers, blocks = measure(text, tree)
    except RecursionError:
        reason = "it is nested too deeply to be measured"
    if numbers.lines_of_code is None and reason is None:
        reason = "radon cannot tell its lines apart"
    try:
        findings = security.find(content, tree, secret) if secret is not None else ()
    except RecursionError:
        findings = (problem("unchecked", "not checked for security: it is nested too deeply"),)
    return Analysis(reason, numbers, blocks, findings)


def _unparseable(content: bytes, error: Exception) -> Analysis:
    line = getattr(error, "lineno", None) or 0
    column = max((getattr(error, "offset", None) or 1) - 1, 0)
    what = getattr(error, "msg", None) or str(error) or type(error).__name__
    reason = f"does not parse as {VERSION}: {what}" + (f" (line {line})" if line else "")
    return Analysis(
        reason[:500],
        Numbers(*(count_lines(decoded(content)) or ())),
        findings=(problem("unparseable", reason, line, column),),
    )


def problem(rule: str, message: str, line: int = 0, column: int = 0) -> Finding:
    """A finding of our own: the file, or a place in it, could not be analysed."""
    return Finding(
        *(OWN_TOOL, rule, rule.replace("_", " "), "error", "low", "high", None),
        *(line, line, column, message[:2000], None),
    )
