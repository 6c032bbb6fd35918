"""Analyses one content. Runs in a worker process; what was found goes back to the parent.

Belongs here: which parser reads a content, and what comes of it as a whole. Does not belong here: how a number is
computed or a finding found.
"""

from __future__ import annotations

import ast
import sys
import warnings
from dataclasses import dataclass, replace

from quality_platform.analysis import secrets, trees
from quality_platform.analysis.facts import Block, Finding, Numbers
from quality_platform.analysis.python import by_bandit, by_radon, measure
from quality_platform.analysis.python.text import decoded
from quality_platform.analysis.suppressions import count_suppressions
from quality_platform.analysis.taint import find as taint
from quality_platform.analysis.tools import BANDIT, NUMBERS, OWN, SECRETS, TAINT, Wanted
from quality_platform.analysis.trees.measure import measure as measure_tree

PYTHON = "python"
VERSION = f"Python {sys.version_info.major}.{sys.version_info.minor}"


@dataclass(frozen=True, slots=True)
class Analysis:
    """What one content gave. `reason` tells why a part of it is missing: `unparsed_bytes` of the content.

    `parser` is `ast` (Python's own) or `tree-sitter`; None when nothing could read it.
    """

    reason: str | None
    parser: str | None
    unparsed_bytes: int
    numbers: Numbers
    blocks: tuple[Block, ...] = ()
    findings: tuple[Finding, ...] = ()


def prepare() -> None:
    """Import and build what every call needs, so that it counts in none's time."""
    analyse(b"pass\n", PYTHON, Wanted(), b"")


def analyse(content: bytes, language: str, wanted: Wanted, secret: bytes) -> Analysis:
    """What the `wanted` tools say of a content in `language`; `secret` keys the hashes of lines."""
    hidden = secrets.find(content, secret) if SECRETS in wanted.tools else ()
    if not set(wanted.tools) - {SECRETS}:
        return Analysis(None, None, 0, Numbers(), findings=hidden)
    result = _analysed(content, language, wanted, secret)
    numbers = result.numbers._replace(suppressions=count_suppressions(content))
    return replace(result, numbers=numbers, findings=(*result.findings, *hidden))


def _analysed(content: bytes, language: str, wanted: Wanted, secret: bytes) -> Analysis:
    if language != PYTHON:
        return _by_tree_sitter(content, language)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(content)
        except (SyntaxError, ValueError, RecursionError) as error:
            return _other_python(content, error, wanted, secret)
        return _parsed(content, tree, wanted, secret)


def _parsed(content: bytes, tree: ast.Module, wanted: Wanted, secret: bytes) -> Analysis:
    reason = None
    numbers, blocks = Numbers(), tuple[Block, ...]()
    if NUMBERS in wanted.tools:
        engine = measure if wanted.numbers == OWN else by_radon
        try:
            numbers, blocks = engine.measure(decoded(content), tree)
        except RecursionError:
            reason = "it is nested too deeply for radon"
        if numbers.lines_of_code is None and reason is None:
            reason = "radon cannot tell its lines apart"
    # bandit leaves marks in the tree, so it comes last
    found = [_checked(tool, content, tree, secret) for tool in (TAINT, BANDIT) if tool in wanted.tools]
    return Analysis(reason, "ast", 0, numbers, blocks, tuple(finding for part in found for finding in part))


def _checked(tool: str, content: bytes, tree: ast.Module, secret: bytes) -> tuple[Finding, ...]:
    try:
        return (taint.find if tool == TAINT else by_bandit.find)(content, tree, secret)
    except RecursionError:
        return (problem("unchecked", f"{tool} could not check it: it is nested too deeply"),)


def _other_python(content: bytes, error: Exception, wanted: Wanted, secret: bytes) -> Analysis:
    """Python of another time, or something else in a Python file's clothes."""
    line = getattr(error, "lineno", None) or 0
    column = max((getattr(error, "offset", None) or 1) - 1, 0)
    what = getattr(error, "msg", None) or str(error) or type(error).__name__
    message = f"does not parse as {VERSION}: {what}" + (f" (line {line})" if line else "")
    finding = problem("unparseable", message, line, column)
    result = _by_tree_sitter(content, PYTHON)
    found = taint.find_in_newer(content, secret) if TAINT in wanted.tools else ()
    reason = f"{message}; {result.reason}"[:500] if result.reason else None
    return Analysis(reason, result.parser, result.unparsed_bytes, result.numbers, result.blocks, (*found, finding))


def _by_tree_sitter(content: bytes, language: str) -> Analysis:
    numbers, blocks, unparsed = measure_tree(content, language)
    reason = f"{unparsed:,} of {len(content):,} bytes are no {language} that is known" if unparsed else None
    return Analysis(reason, trees.NAME, unparsed, numbers, blocks)


def problem(rule: str, message: str, line: int = 0, column: int = 0) -> Finding:
    """A finding of our own: the file, or a place in it, could not be analysed."""
    return Finding(
        *(OWN, rule, rule.replace("_", " "), "error", "low", "high", None),
        *(line, line, column, message[:2000], None),
    )
