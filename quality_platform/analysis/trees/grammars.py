"""The languages that tree-sitter reads here: a grammar from a wheel and a query in `queries/`.

A new language is an entry here and a query. Does not belong here: what is done with the nodes (`measure.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tree_sitter import Node, Tree

GRAMMARS = {
    "python": ("tree_sitter_python", "language", "python"),
    "javascript": ("tree_sitter_javascript", "language", "javascript"),
    "typescript": ("tree_sitter_typescript", "language_typescript", "typescript"),
    "tsx": ("tree_sitter_typescript", "language_tsx", "typescript"),
    "go": ("tree_sitter_go", "language", "go"),
    "rust": ("tree_sitter_rust", "language", "rust"),
    "java": ("tree_sitter_java", "language", "java"),
}
"""Module, function that gives the grammar, and query."""


@dataclass(frozen=True, slots=True)
class Grammar:
    """A parser, and the query that names the nodes that count."""

    parse: Callable[[bytes], Tree]
    query: Any

    def captures(self, tree: Tree) -> dict[str, list[Node]]:
        """The nodes that count, by what they count as."""
        from tree_sitter import QueryCursor

        return QueryCursor(self.query).captures(tree.root_node)


@cache
def grammar(language: str) -> Grammar:
    """The grammar of `language`, one of `GRAMMARS`."""
    from tree_sitter import Language, Parser, Query

    module, function, query = GRAMMARS[language]
    loaded = Language(getattr(import_module(module), function)())
    text = files(__package__).joinpath("queries", f"{query}.scm").read_text("utf-8")
    return Grammar(Parser(loaded).parse, Query(loaded, text))
