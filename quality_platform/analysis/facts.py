"""The facts that an analysis gives, as rows in the order of the columns of their raw tables.

Does not belong here: how any of them is found.
"""

from __future__ import annotations

from typing import NamedTuple


class Lines(NamedTuple):
    """Radon's counts: all lines, source, logical, with comments, of multi-line strings, blank."""

    lines_of_code: int
    source_lines: int
    logical_lines: int
    comment_lines: int
    multi_lines: int
    blank_lines: int


class Numbers(NamedTuple):
    """Numbers of a file, in the order of the columns of `code_file_metrics`; None where one cannot be had."""

    lines_of_code: int | None = None
    source_lines: int | None = None
    logical_lines: int | None = None
    comment_lines: int | None = None
    multi_lines: int | None = None
    blank_lines: int | None = None
    cyclomatic_complexity: int | None = None
    max_complexity: int | None = None
    functions: int | None = None
    classes: int | None = None
    halstead_volume: float | None = None
    halstead_effort: float | None = None
    maintainability_index: float | None = None
    cognitive_complexity: int | None = None
    decisions: int | None = None
    max_nesting: int | None = None
    suppressions: int | None = None


class Block(NamedTuple):
    """A function, method or class, in the order of the columns of `code_functions`."""

    kind: str
    qualified_name: str
    start_line: int
    end_line: int
    cyclomatic_complexity: int
    rank: str
    cognitive_complexity: int | None = None
    decisions: int | None = None
    max_nesting: int | None = None
    parameters: int | None = None


class Finding(NamedTuple):
    """A finding, in the order of the columns of `code_findings`."""

    tool: str
    rule: str
    title: str
    category: str
    severity: str
    confidence: str
    cwe: int | None
    line: int
    end_line: int
    column_number: int
    message: str
    snippet_hash: str | None
