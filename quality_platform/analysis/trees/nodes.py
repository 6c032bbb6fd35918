"""Goes through the nodes that count, from the outside in, and keeps count for each definition around them.

What a query captures are intervals of the text that lie in one another or apart: sorted by where they begin, one
pass with a stack of the open ones tells what lies in what. Does not belong here: lines, formulas (`measure.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

DEFINITIONS = frozenset(("function", "class"))


@dataclass(slots=True)
class Definition:
    """The file, or a function or class in it, with the counts of its own code.

    `context` is the function around it, `operators` the expressions in it that have an operator.
    """

    kind: str
    name: str
    node: Node
    context: str | None = None
    points: int = 0
    decisions: int = 0
    cognitive: int = 0
    max_nesting: int = 0
    inner: list[Definition] = field(default_factory=list)
    operators: list[Node] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Open:
    """A node that is not over yet."""

    end: int
    definition: Definition
    nesting: int
    breaks: int
    hidden: bool
    unseen: bool = False


def definitions(root: Node, captured: Mapping[str, list[Node]]) -> Definition:
    """The file as a definition, with those in it."""
    module = Definition("module", "", root)
    top = _Open(root.end_byte + 1, module, 0, 0, hidden=False)
    stack = [top]
    for node, kinds in _in_order(captured):
        while node.start_byte >= stack[-1].end and len(stack) > 1:
            stack.pop()
        around = stack[-1]
        if kinds & DEFINITIONS:
            stack.append(_defined(node, kinds, around))
        elif (inner := _counted(node, kinds, around)) is not None:
            stack.append(inner)
    return module


def _in_order(captured: Mapping[str, list[Node]]) -> Iterator[tuple[Node, set[str]]]:
    """Each node once with all that it counts as, outer ones first."""
    kinds: dict[int, set[str]] = {}
    nodes: dict[int, Node] = {}
    for kind, found in captured.items():
        for node in found:
            nodes[node.id] = node
            kinds.setdefault(node.id, set()).add(kind)
    for node in sorted(nodes.values(), key=lambda node: (node.start_byte, -node.end_byte)):
        yield node, kinds[node.id]


def _defined(node: Node, kinds: set[str], around: _Open) -> _Open:
    outer, own = around.definition, _name(node)
    is_method = outer.kind == "class" or "method" in node.type
    kind = "class" if "class" in kinds else "method" if is_method else "function"
    context = outer.context if kind == "class" else own
    inner = Definition(kind, f"{outer.name}.{own}" if outer.name else own, node, context)
    outer.inner.append(inner)
    breaks = around.breaks + 1 if outer.kind in ("function", "method") else 0
    return _Open(node.end_byte, inner, 0, breaks if kind != "class" else 0, hidden=False)


def _counted(node: Node, kinds: set[str], around: _Open) -> _Open | None:
    definition = around.definition
    chained = "chained" in kinds
    if "operator" in kinds and not around.unseen:
        definition.operators.append(node)
    if "branch" in kinds:
        definition.decisions += "wild" not in kinds
        definition.points += not kinds & {"wild", "unknown"} and not around.hidden
    if "flow" in kinds and not chained:
        definition.cognitive += 1 + around.breaks
    elif "plain" in kinds:
        definition.cognitive += 1
    nests = ("nest" in kinds or "block" in kinds) and not chained
    hides = "hidden" in kinds
    if not (nests or hides or "flow" in kinds):
        return None
    nesting = around.nesting + nests
    definition.max_nesting = max(definition.max_nesting, nesting)
    breaks = around.breaks + ("flow" in kinds and not chained)
    unseen = around.unseen or "unseen" in kinds
    return _Open(node.end_byte, definition, nesting, breaks, around.hidden or hides, unseen)


def _name(node: Node) -> str:
    """What a definition is called; for a function without a name, what it is given to; in Go with its receiver."""
    found = node.child_by_field_name("name") or node.child_by_field_name("type")
    receiver = node.child_by_field_name("receiver")
    if found is None and node.parent is not None:
        found = node.parent.child_by_field_name("name") or node.parent.child_by_field_name("key")
    text = (found.text or b"").decode("utf-8", "replace") if found is not None else ""
    if receiver is not None:
        text = f"{(receiver.text or b'').decode('utf-8', 'replace').strip('()').split()[-1].lstrip('*')}.{text}"
    return " ".join(text.split())[:200] or "<anonymous>"
