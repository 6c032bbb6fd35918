"""What is counted while a syntax tree is walked: one scope for the module and for each function and class.

Belongs here: the counters, and how those of several scopes make up a file's. Does not belong here: which node counts
for what (`walk.py`).
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(slots=True)
class Tokens:
    """Halstead's counts of a file. Operands are told apart by the function they stand in, as radon does."""

    operators: int = 0
    operands: int = 0
    seen_operators: set[type] = field(default_factory=set)
    seen_operands: set[tuple[str | None, object]] = field(default_factory=set)


@dataclass(slots=True)
class Scope:
    """A module, function or class while it is walked.

    `context` is the function that radon takes operands to stand in; `points` radon's decision points of the scope's
    own code; `decisions` ours. `local` marks what lies in a function: radon leaves it out of a file's total, and
    does not see classes there at all.
    """

    node: ast.Module | Definition
    name: str
    kind: str
    context: str | None
    local: bool
    cognitive_base: int = 0
    points: int = 0
    decisions: int = 0
    cognitive: int = 0
    max_nesting: int = 0
    inner: list[Scope] = field(default_factory=list)

    @property
    def complexity(self) -> int:
        """Radon's real complexity: its points, one, and for a class the complexities of its methods."""
        return self.points + 1 + (sum(method.complexity for method in self.methods) if self.kind == "class" else 0)

    @property
    def methods(self) -> list[Scope]:
        """Functions directly in it."""
        return [scope for scope in self.inner if scope.kind != "class"]

    @property
    def shown_complexity(self) -> int:
        """Radon's complexity of a block: for a class with methods their mean, and one where there are several."""
        count = len(self.methods) if self.kind == "class" else 0
        return int(self.complexity / float(count)) + (count > 1) if count else self.complexity

    @property
    def total_complexity(self) -> int:
        """Radon's complexity of a module: closures and classes in classes are not in it."""
        return self.points + 1 + sum(scope.complexity - 1 for scope in self.inner)


def parameters(node: Definition | ast.Module, *, is_method: bool) -> int | None:
    """How many parameters a function takes, without the `self` or `cls` of a method; None for anything else."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return None
    taken = node.args
    named = [*taken.posonlyargs, *taken.args]
    bound = is_method and bool(named) and named[0].arg in ("self", "cls")
    return len(named) - bound + len(taken.kwonlyargs) + (taken.vararg is not None) + (taken.kwarg is not None)
