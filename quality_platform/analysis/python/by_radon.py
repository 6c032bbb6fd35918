"""Radon itself as the engine of the numbers: the oracle of `measure.py`, and a choice for those who want no other.

Does not belong here: anything that radon does not count; cognitive complexity and the like stay empty.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from quality_platform.analysis.facts import Block, Numbers
from quality_platform.analysis.formulas import comment_percent
from quality_platform.analysis.python.tokenised_lines import count_lines


def measure(text: str, tree: ast.Module) -> tuple[Numbers, tuple[Block, ...]]:
    """Numbers and blocks of a file that parses; no counts of lines where radon has none. Raises RecursionError."""
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
    index = mi_compute(halstead.volume, visitor.total_complexity, lines.logical_lines, comment_percent(lines))
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
