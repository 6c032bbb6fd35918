"""One walk over the syntax tree of a Python file, which counts everything at once and never recurses.

Radon's numbers come from the nodes that radon sees: it leaves out what stands in decorators and defaults, and for
the cyclomatic complexity also what stands in an `assert` and in a class's bases. Ours see all of it. Cognitive
complexity follows Campbell's white paper (SonarSource 2017, 1.7): breaks of the flow cost one and their nesting,
`else` and runs of the same boolean operator one. Does not belong here: rows and formulas (`measure.py`).
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Sequence
from typing import Any

from quality_platform.analysis.python.scopes import Scope, Tokens
from quality_platform.analysis.python.syntax import CHILDREN

OURS, HALSTEAD, ALL = range(3)
"""Who looks at a node: only our own counts, radon's Halstead counts as well, or radon's complexity too."""

Job = tuple[Sequence[Any], int, int, int]
"""Nodes to walk, how deep the flow is broken around them, how deep blocks are nested, and who looks."""

TRY = (ast.Try, ast.TryStar) if sys.version_info >= (3, 11) else (ast.Try,)


def walk(tree: ast.Module) -> tuple[Scope, Tokens]:
    """The module with the scopes in it, and Halstead's counts."""
    done = _Walk(tree)
    return done.module, done.tokens


class _Walk:
    """The walk through one tree."""

    def __init__(self, tree: ast.Module) -> None:
        self.tokens = Tokens()
        self.module = Scope(tree, "", "module", None, local=False)
        self._waiting = [self.module]
        while self._waiting:
            self._scope(self._waiting.pop())

    def _scope(self, scope: Scope) -> None:
        self.scope = scope
        self._jobs: list[Job] = [(scope.node.body, scope.cognitive_base, 0, ALL)]
        while self._jobs:
            nodes, breaks, depth, who = self._jobs.pop()
            self._nodes(list(nodes), breaks, depth, who)

    def _nodes(self, stack: list[Any], breaks: int, depth: int, who: int) -> None:
        """Walk everything below `stack` that nests no deeper; what does becomes a job."""
        handlers, plain = HANDLERS, CHILDREN
        while stack:
            node = stack.pop()
            kind = node.__class__
            handler = handlers.get(kind)
            if handler is not None:
                handler(self, node, stack, breaks, depth, who)
                continue
            for name in plain[kind]:
                value = getattr(node, name)
                if value.__class__ is list:
                    stack.extend(value)
                elif value is not None:
                    stack.append(value)

    # --- definitions -----------------------------------------------------------------------------

    def function(self, node: Any, stack: list[Any], breaks: int, depth: int, who: int) -> None:
        outer = self.scope
        inside_class = outer.kind == "class"
        kind = "method" if inside_class else "function"
        local = outer.kind in ("function", "method") or outer.local
        inner = Scope(node, f"{outer.name}.{node.name}" if outer.name else node.name, kind, node.name, local)
        if outer.kind in ("function", "method"):
            inner.cognitive_base = breaks + 1
        outer.inner.append(inner)
        self._waiting.append(inner)
        self._jobs.append(([*node.decorator_list, node.args, *_some(node.returns)], breaks, depth, OURS))

    def class_(self, node: Any, stack: list[Any], breaks: int, depth: int, who: int) -> None:
        outer = self.scope
        name = f"{outer.name}.{node.name}" if outer.name else node.name
        local = outer.kind in ("function", "method") or outer.local
        inner = Scope(node, name, "class", outer.context, local)
        outer.inner.append(inner)
        self._waiting.append(inner)
        self._jobs.append(([*node.decorator_list, *node.bases, *node.keywords], breaks, depth, min(who, HALSTEAD)))

    def lambda_(self, node: Any, stack: list[Any], breaks: int, depth: int, who: int) -> None:
        stack.append(node.args)
        self._jobs.append(([node.body], breaks + 1, depth, who))

    # --- flow ------------------------------------------------------------------------------------

    def _count(self, points: int, decisions: int, cognitive: int, who: int) -> None:
        scope = self.scope
        if who == ALL:
            scope.points += points
        scope.decisions += decisions
        scope.cognitive += cognitive

    def _inside(self, nodes: Sequence[Any], breaks: int, depth: int, who: int) -> None:
        if nodes:
            self.scope.max_nesting = max(self.scope.max_nesting, depth)
            self._jobs.append((nodes, breaks, depth, who))

    def if_(self, node: Any, stack: list[Any], breaks: int, depth: int, who: int) -> None:
        self._count(1, 1, 1 + breaks, who)
        while True:
            stack.append(node.test)
            self._inside(node.body, breaks + 1, depth + 1, who)
            if not node.orelse:
                return
            last = node.orelse[0]
            if len(node.orelse) > 1 or last.__class__ is not ast.If or last.col_offset != node.col_offset:
                self._count(0, 0, 1, who)
                self._inside(node.orelse, breaks + 1, depth + 1, who)
                return
            self._count(1, 1, 1, who)
            node = last

    def loop(self, node: Any, stack: list[Any], breaks: int, depth: int, who: int) -> None:
        self._count(1 + bool(node.orelse), 1, 1 + breaks + bool(node.orelse), who)
        stack.extend((node.test,) if node.__class__ is ast.While else (node.target, node.iter))
        self._inside(node.body, breaks + 1, depth + 1, who)
        self._inside(node.orelse, breaks + 1, depth + 1, who)

    def try_(self, node: Any, stack: list[Any], breaks: int, depth: int, who: int) -> None:
        handlers = len(node.handlers)
        # radon knows no `except*`
        points = handlers + bool(node.orelse) if node.__class__ is ast.Try else 0
        self._count(points, handlers, handlers * (1 + breaks) + bool(node.orelse), who)
        for body in (node.body, node.orelse, node.finalbody):
            self._inside(body, breaks, depth + 1, who)
        for handler in node.handlers:
            stack.extend(_some(handler.type))
            self._inside(handler.body, breaks + 1, depth + 1, who)

    def with_(self, node: Any, stack: list[Any], breaks: int, depth: int, who: int) -> None:
        stack.extend(node.items)
        self._inside(node.body, breaks, depth + 1, who)

    def match_(self, node: Any, stack: list[Any], breaks: int, depth: int, who: int) -> None:
        # what radon takes for the wild card is any pattern that only catches a name
        caught = sum(getattr(case.pattern, "pattern", False) is None for case in node.cases)
        guards = [case.guard for case in node.cases if case.guard is not None]
        wild = sum(getattr(case.pattern, "pattern", False) is None and case.guard is None for case in node.cases)
        points = max(0, len(node.cases) - (caught > 0))
        self._count(points, len(node.cases) - wild + len(guards), 1 + breaks, who)
        stack.append(node.subject)
        stack.extend(guards)
        for case in node.cases:
            stack.append(case.pattern)
            self._inside(case.body, breaks + 1, depth + 1, who)

    def assert_(self, node: Any, stack: list[Any], breaks: int, depth: int, who: int) -> None:
        self._count(1, 1, 0, who)
        self._jobs.append(([node.test, *_some(node.msg)], breaks, depth, min(who, HALSTEAD)))

    def choice(self, node: Any, stack: list[Any], breaks: int, depth: int, who: int) -> None:
        self._count(1, 1, 1 + breaks, who)
        self._jobs.append(([node.test, node.body, node.orelse], breaks + 1, depth, who))

    def comprehension(self, node: Any, stack: list[Any], breaks: int, depth: int, who: int) -> None:
        self._count(len(node.ifs) + 1, len(node.ifs) + 1, 0, who)
        stack.extend((node.target, node.iter, *node.ifs))

    # --- operators -------------------------------------------------------------------------------

    def boolean(self, node: Any, stack: list[Any], breaks: int, depth: int, who: int) -> None:
        self._count(len(node.values) - 1, len(node.values) - 1, 1, who)
        self._operator((node.op,), node.values, who)
        stack.extend(node.values)

    def binary(self, node: Any, stack: list[Any], breaks: int, depth: int, who: int) -> None:
        self._operator((node.op,), (node.left, node.right), who)
        stack.append(node.left)
        stack.append(node.right)

    def unary(self, node: Any, stack: list[Any], breaks: int, depth: int, who: int) -> None:
        self._operator((node.op,), (node.operand,), who)
        stack.append(node.operand)

    def augmented(self, node: Any, stack: list[Any], breaks: int, depth: int, who: int) -> None:
        self._operator((node.op,), (node.target, node.value), who)
        stack.append(node.target)
        stack.append(node.value)

    def compare(self, node: Any, stack: list[Any], breaks: int, depth: int, who: int) -> None:
        self._operator(node.ops, (node.left, *node.comparators), who)
        stack.append(node.left)
        stack.extend(node.comparators)

    def _operator(self, operators: Sequence[ast.AST], operands: Sequence[Any], who: int) -> None:
        if who < HALSTEAD:
            return
        tokens, context = self.tokens, self.scope.context
        tokens.operators += len(operators)
        tokens.operands += len(operands)
        for operator in operators:
            tokens.seen_operators.add(operator.__class__)
        for operand in operands:
            # a name, an attribute and a constant are their text or value, anything else is itself
            name = OPERANDS.get(operand.__class__)
            tokens.seen_operands.add((context, getattr(operand, name) if name else operand))


def _some(node: ast.AST | None) -> tuple[ast.AST, ...]:
    return () if node is None else (node,)


def _nothing(walk: _Walk, node: Any, stack: list[Any], breaks: int, depth: int, who: int) -> None:
    """Nothing to count in it, and nothing below."""


def _absent(walk: _Walk, node: Any, stack: list[Any], breaks: int, depth: int, who: int) -> None:
    """A hole in a list: the key of `**rest`, the default of a parameter that has none."""


OPERANDS: dict[type, str] = {ast.Name: "id", ast.Attribute: "attr", ast.Constant: "value"}
HANDLERS: dict[type, Any] = {
    **dict.fromkeys((ast.FunctionDef, ast.AsyncFunctionDef), _Walk.function),
    ast.ClassDef: _Walk.class_,
    ast.Lambda: _Walk.lambda_,
    ast.If: _Walk.if_,
    **dict.fromkeys((ast.For, ast.AsyncFor, ast.While), _Walk.loop),
    **dict.fromkeys(TRY, _Walk.try_),
    **dict.fromkeys((ast.With, ast.AsyncWith), _Walk.with_),
    ast.Match: _Walk.match_,
    ast.Assert: _Walk.assert_,
    ast.IfExp: _Walk.choice,
    ast.comprehension: _Walk.comprehension,
    ast.BoolOp: _Walk.boolean,
    ast.BinOp: _Walk.binary,
    ast.UnaryOp: _Walk.unary,
    ast.AugAssign: _Walk.augmented,
    ast.Compare: _Walk.compare,
    **dict.fromkeys((ast.Name, ast.Constant), _nothing),
    type(None): _absent,
}
