"""Size, complexity and maintainability of one file of any language with a grammar, in radon's terms.

Operators and operands are those of expressions with operators, as in radon; logical lines are statements; Python of
other times has its lines counted as today's. Does not belong here: findings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from quality_platform.analysis.facts import Block, Lines, Numbers
from quality_platform.analysis.formulas import comment_percent, complexity_rank, maintainability_index
from quality_platform.analysis.python.lines import count_lines
from quality_platform.analysis.trees import operators
from quality_platform.analysis.trees.grammars import grammar
from quality_platform.analysis.trees.nodes import Definition, definitions

if TYPE_CHECKING:
    from tree_sitter import Node, Tree


class Measured(NamedTuple):
    """`unparsed_bytes` is what the grammar could make nothing of."""

    numbers: Numbers
    blocks: tuple[Block, ...]
    unparsed_bytes: int


def measure(content: bytes, language: str) -> Measured:
    """Numbers and blocks of a file in `language`, one of `GRAMMARS`."""
    root, captured = _read(content, language)
    module = definitions(root, captured)
    inner = tuple(_all(module))
    blocks = tuple(_told_apart(_block(definition) for definition in inner))
    lines = _lines(content, language, captured)
    volume, effort = operators.halstead((module, *inner))
    total = _radons_total(module) if language == "python" else 1 + sum(part.points for part in (module, *inner))
    numbers = Numbers(
        *lines,
        total,
        max((block.cyclomatic_complexity for block in blocks), default=0),
        sum(block.kind != "class" for block in blocks),
        sum(block.kind == "class" for block in blocks),
        volume,
        effort,
        maintainability_index(volume, total, lines.logical_lines, comment_percent(lines)),
        sum(definition.cognitive for definition in (module, *inner)),
        sum(definition.decisions for definition in (module, *inner)),
        max(definition.max_nesting for definition in (module, *inner)),
    )
    return Measured(numbers, blocks, _broken(captured))


def _read(content: bytes, language: str) -> tuple[Node, dict[str, list[Node]]]:
    """The root of the tree and the nodes that count; TypeScript with elements in it has a grammar of its own."""
    tree, captured = _captured(content, language)
    if language == "typescript" and _broken(captured):
        other, others = _captured(content, "tsx")
        if _broken(others) < _broken(captured):
            return other.root_node, others
    return tree.root_node, captured


def _captured(content: bytes, language: str) -> tuple[Tree, dict[str, list[Node]]]:
    rules = grammar(language)
    tree = rules.parse(content)
    return tree, rules.captures(tree)


def _broken(captured: Mapping[str, list[Node]]) -> int:
    """Bytes that the grammar could make nothing of."""
    return sum(node.end_byte - node.start_byte for node in _outer(captured.get("error", ())))


def _told_apart(blocks: Iterable[Block]) -> Iterator[Block]:
    """Blocks of one name that begin in one line, numbered from the second on."""
    seen: dict[tuple[str, int], int] = {}
    for block in blocks:
        number = seen[block[1:3]] = seen.get(block[1:3], 0) + 1
        yield block if number == 1 else block._replace(qualified_name=f"{block.qualified_name}#{number}")


def _all(definition: Definition) -> Iterator[Definition]:
    waiting = [*definition.inner]
    while waiting:
        inner = waiting.pop()
        yield inner
        waiting += inner.inner


def _whole(definition: Definition) -> int:
    """Radon's real complexity: that of a class holds its methods, that of a function no closures."""
    methods = definition.inner if definition.kind == "class" else []
    return definition.points + 1 + sum(method.points + 1 for method in methods if method.kind != "class")


def _radons_total(module: Definition) -> int:
    """Radon's complexity of a Python file, which knows no closures and no classes in classes."""
    return module.points + 1 + sum(_whole(definition) - 1 for definition in module.inner)


def _block(definition: Definition) -> Block:
    node = definition.node
    methods = [inner for inner in definition.inner if inner.kind == "method"]
    complexity = _whole(definition)
    if methods and definition.kind == "class":
        complexity = int(complexity / float(len(methods))) + (len(methods) > 1)
    return Block(
        *(definition.kind, definition.name[:1000], node.start_point.row + 1, node.end_point.row + 1),
        *(complexity, complexity_rank(complexity)),
        definition.cognitive + sum(inner.cognitive for inner in _all(definition)),
        *(definition.decisions, definition.max_nesting, _parameters(node)),
    )


def _parameters(node: Node) -> int | None:
    taken = node.child_by_field_name("parameters")
    if taken is None:
        return None
    named = [child for child in taken.named_children if "comment" not in child.type]
    bound = bool(named) and (named[0].type == "self_parameter" or named[0].text in (b"self", b"cls"))
    return len(named) - bound


def _lines(content: bytes, language: str, captured: Mapping[str, list[Node]]) -> Lines:
    if language == "python":
        return count_lines(content.decode("utf-8", "replace"))
    code = bytearray(content)
    comments: set[int] = set()
    for node in captured.get("comment", ()):
        # a comment that ends with its line feed ends in the next line
        comments.update(range(node.start_point.row, node.end_point.row + (node.end_point.column > 0)))
        code[node.start_byte : node.end_byte] = _blanked(content[node.start_byte : node.end_byte])
    rows = content.splitlines()
    filled = sum(not row.isspace() and bool(row) for row in rows)
    source = sum(not row.isspace() and bool(row) for row in bytes(code).splitlines())
    return Lines(len(rows), source, len(captured.get("statement", ())), len(comments), 0, len(rows) - filled)


def _blanked(text: bytes) -> bytes:
    return bytes(byte if byte in b"\r\n" else 32 for byte in text)


def _outer(nodes: list[Node] | tuple[Node, ...]) -> Iterator[Node]:
    """Those that lie in no other."""
    end = -1
    for node in sorted(nodes, key=lambda node: (node.start_byte, -node.end_byte)):
        if node.start_byte >= end:
            yield node
            end = node.end_byte
