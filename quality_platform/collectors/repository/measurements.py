"""Size, complexity and maintainability of one Python file: radon's numbers, from one parse.

Belongs here: calls of radon's visitors and what follows from them. The index is radon's `mi_compute`
(Coleman et al. 1994, as in Visual Studio, with comments): Halstead volume, total complexity, logical lines, and
per cent of comment lines, multi-line strings counted as comments. Does not belong here: findings.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator
from typing import Any, NamedTuple

from quality_platform.collectors.repository.lines import count_lines


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


class Block(NamedTuple):
    """A function, method or class, in the order of the columns of `code_functions`."""

    kind: str
    qualified_name: str
    start_line: int
    end_line: int
    cyclomatic_complexity: int
    rank: str


def decoded(content: bytes) -> str:
    """The text of a Python file, by its byte order mark or cookie; Latin-1 where those are wrong."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        return io.TextIOWrapper(io.BytesIO(content), encoding).read()
    except (SyntaxError, UnicodeDecodeError, LookupError):
        return io.TextIOWrapper(io.BytesIO(content), "latin-1").read()


def measure(text: str, tree: ast.Module) -> tuple[Numbers, tuple[Block, ...]]:
    """Numbers and blocks of a file that parses. Raises RecursionError."""
    from radon.metrics import h_visit_ast, mi_compute
    from radon.visitors import ComplexityVisitor

    visitor = ComplexityVisitor.from_ast(tree)
    blocks = tuple(_blocks(visitor, tree))
    halstead = h_visit_ast(tree).total
    lines = count_lines(text)
    numbers = Numbers(*(lines or ()))._replace(
        cyclomatic_complexity=visitor.total_complexity,
        max_complexity=max((block.cyclomatic_complexity for block in blocks), default=0),
        functions=sum(block.kind != "class" for block in blocks),
        classes=sum(block.kind == "class" for block in blocks),
        halstead_volume=float(halstead.volume),
        halstead_effort=float(halstead.effort),
    )
    if lines is None:
        return numbers, blocks
    comments = lines.comment_lines + lines.multi_lines
    percent = comments / float(lines.source_lines) * 100 if lines.source_lines else 0
    index = mi_compute(halstead.volume, visitor.total_complexity, lines.logical_lines, percent)
    return numbers._replace(maintainability_index=index), blocks


def _blocks(visitor: Any, tree: ast.Module) -> Iterator[Block]:
    """All blocks that radon sees, inner ones included, with the last line that radon gets wrong for many."""
    from radon.complexity import cc_rank

    ends = {(node.lineno, node.col_offset): node.end_lineno or node.lineno for node in _definitions(tree)}
    for kind, name, block in _walk(visitor.functions, visitor.classes, ""):
        end = ends.get((block.lineno, block.col_offset), block.lineno)
        yield Block(kind, name[:1000], block.lineno, end, block.complexity, cc_rank(block.complexity))


def _walk(functions: list[Any], classes: list[Any], prefix: str) -> Iterator[tuple[str, str, Any]]:
    for function in functions:
        name = prefix + function.name
        yield "method" if function.is_method else "function", name, function
        yield from _walk(function.closures, [], f"{name}.")
    for block in classes:
        name = prefix + block.name
        yield "class", name, block
        yield from _walk(block.methods, block.inner_classes, f"{name}.")


def _definitions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Every definition; they stand in statements only, so expressions are not looked into."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node
        children = ast.iter_child_nodes(node)
        waiting += [child for child in children if isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case)]
