"""Size, complexity and maintainability of one Python file, from one parse, one walk and one pass over its lines.

Belongs here: from counts to rows. Radon's numbers are equal to radon's to the last bit (`by_radon.py` is radon
itself); cognitive complexity, decisions, nesting and parameters are ours. Does not belong here: findings.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from quality_platform.analysis.facts import Block, Numbers
from quality_platform.analysis.formulas import comment_percent, complexity_rank, halstead, maintainability_index
from quality_platform.analysis.python.lines import count_lines
from quality_platform.analysis.python.scopes import Scope, parameters
from quality_platform.analysis.python.walk import walk


def measure(text: str, tree: ast.Module) -> tuple[Numbers, tuple[Block, ...]]:
    """Numbers and blocks of a file that parses."""
    module, tokens = walk(tree)
    scopes = tuple(_scopes(module))
    blocks = tuple(_block(scope) for scope in scopes)
    lines = count_lines(text)
    volume, effort = halstead(tokens.operators, tokens.operands, len(tokens.seen_operators), len(tokens.seen_operands))
    complexity = module.total_complexity
    numbers = Numbers(
        *lines,
        complexity,
        max((block.cyclomatic_complexity for block in blocks), default=0),
        sum(block.kind != "class" for block in blocks),
        sum(block.kind == "class" for block in blocks),
        volume,
        effort,
        maintainability_index(volume, complexity, lines.logical_lines, comment_percent(lines)),
        module.cognitive + sum(scope.cognitive for scope in scopes),
        module.decisions + sum(scope.decisions for scope in scopes),
        max(scope.max_nesting for scope in (module, *scopes)),
    )
    return numbers, blocks


def _scopes(scope: Scope) -> Iterator[Scope]:
    waiting = [*scope.inner]
    while waiting:
        inner = waiting.pop()
        yield inner
        waiting += inner.inner


def _block(scope: Scope) -> Block:
    node, complexity = scope.node, scope.shown_complexity
    assert not isinstance(node, ast.Module)
    return Block(
        scope.kind,
        scope.name[:1000],
        node.lineno,
        node.end_lineno or node.lineno,
        complexity,
        complexity_rank(complexity),
        _whole_cognitive(scope),
        scope.decisions,
        scope.max_nesting,
        parameters(node, is_method=scope.kind == "method"),
    )


def _whole_cognitive(scope: Scope) -> int:
    """Its own cognitive complexity and that of everything defined in it."""
    return scope.cognitive + sum(inner.cognitive for inner in _scopes(scope))
