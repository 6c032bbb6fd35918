"""Rewrites formatted strings of Python 3.12 and later so that an older parser reads them.

Since then the quotes of a string may stand again in its expressions. Each such string becomes a call with its parts,
over as many lines as before, so that places stay what they are. Does not belong here: parsing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from quality_platform.analysis.trees.grammars import grammar

if TYPE_CHECKING:
    from tree_sitter import Node

CALL = b"__formatted__"
JOINED = "concatenated_string"


def rewritten(content: bytes) -> bytes:
    """`content` with a call for each string that holds expressions."""
    root = grammar("python").parse(content).root_node
    return _rewritten(root, content)


def _rewritten(node: Node, content: bytes) -> bytes:
    parts: list[bytes] = []
    position = node.start_byte
    for child in _formatted(node):
        parts += [content[position : child.start_byte], _call(child, content)]
        position = child.end_byte
    return b"".join([*parts, content[position : node.end_byte]])


def _formatted(node: Node) -> list[Node]:
    """The strings with expressions below `node` that lie in no other."""
    found: list[Node] = []
    waiting = [*reversed(node.children)]
    while waiting:
        child = waiting.pop()
        if any(_holds_expressions(part) for part in (child, *(child.children if child.type == JOINED else ()))):
            found.append(child)
        else:
            waiting += reversed(child.children)
    return found


def _holds_expressions(node: Node) -> bool:
    return node.type == "string" and any(part.type == "interpolation" for part in node.children)


def _call(node: Node, content: bytes) -> bytes:
    expressions: list[bytes] = []
    strings = node.children if node.type == JOINED else [node]
    for part in (part for string in strings for part in string.children):
        if part.type == "interpolation":
            expression = part.child_by_field_name("expression")
            if expression is not None:
                expressions.append(b"(" + _rewritten(expression, content) + b")")
    call = CALL + b"(" + b", ".join([b'"..."', *expressions])
    missing = (node.end_point.row - node.start_point.row) - call.count(b"\n")
    return call + b"\n" * missing + b")"
