"""What each kind of node of Python's syntax tree can hold, read once from the grammar that `ast` carries.

Does not belong here: walking (`walk.py`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

LEAVES = frozenset((
    "identifier", "string", "int", "constant", "expr_context", "boolop", "operator", "unaryop", "cmpop", "alias",
    "type_ignore",
))  # fmt: skip
"""Kinds of field that hold nothing to look into."""


def children(kind: type[ast.AST]) -> tuple[str, ...]:
    """Names of the fields of `kind` that may hold nodes to walk through."""
    declared = dict(_declared(kind.__doc__ or ""))
    return tuple(name for name in kind._fields if declared.get(name, "expr") not in LEAVES)


def _declared(text: str) -> Iterator[tuple[str, str]]:
    """Field and type: the docstring of a node class is its line of the grammar."""
    for declared, name in re.findall(r"(\w+)[*?]? (\w+)", text.partition("(")[2]):
        yield name, declared


def _kinds(base: type[ast.AST]) -> Iterator[type[ast.AST]]:
    for kind in base.__subclasses__():
        yield kind
        yield from _kinds(kind)


CHILDREN: dict[type[ast.AST], tuple[str, ...]] = {kind: children(kind) for kind in _kinds(ast.AST)}
