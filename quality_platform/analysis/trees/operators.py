"""Halstead's counts from the expressions of a syntax tree that have an operator, as radon takes them from Python's.

Does not belong here: the formulas (`formulas.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from quality_platform.analysis import formulas
from quality_platform.analysis.trees.nodes import Definition

if TYPE_CHECKING:
    from tree_sitter import Node

LEAVES = frozenset((
    "identifier", "property_identifier", "field_identifier", "type_identifier", "integer", "float", "number", "string",
    "true", "false", "none", "null", "nil", "int_literal", "float_literal", "string_literal", "integer_literal",
    "decimal_integer_literal", "boolean_literal", "char_literal", "interpreted_string_literal", "raw_string_literal",
))  # fmt: skip
"""Operands that are known by their text; any other is itself."""


def halstead(definitions: Iterable[Definition]) -> tuple[float, float]:
    """Volume and effort. Operands are told apart by the function that they stand in."""
    operators = operands = 0
    seen_operators: set[str] = set()
    seen_operands: set[tuple[str | None, object]] = set()
    for definition in definitions:
        for node in definition.operators:
            signs, taken = _parts(node)
            operators += len(signs)
            operands += len(taken)
            seen_operators.update(signs)
            seen_operands.update((definition.context, _known_by(operand)) for operand in taken)
    return formulas.halstead(operators, operands, len(seen_operators), len(seen_operands))


def _parts(node: Node) -> tuple[list[str], list[Node]]:
    """The signs of an expression and what they work on."""
    signs = [child.type for child in node.children if not child.is_named]
    taken = [child for child in node.named_children if "comment" not in child.type]
    # `a and b and c` is one operator with three operands; the grammar has a pair in a pair
    if node.type == "boolean_operator" and taken and taken[0].type == node.type and signs == _signs(taken[0]):
        return [], taken[1:]
    return signs, taken


def _signs(node: Node) -> list[str]:
    return [child.type for child in node.children if not child.is_named]


def _known_by(node: Node) -> object:
    attribute = node.child_by_field_name("attribute") if node.type == "attribute" else None
    if attribute is not None:
        return attribute.text
    return node.text if node.type in LEAVES else node.id
