"""What asking about a value makes sure of, on the way where the answer was good.

`if ".." in name: return` makes sure of something; `if not name: return` does not. Does not belong here: running.
"""

from __future__ import annotations

import ast
from dataclasses import replace

from quality_platform.analysis.taint.environment import Environment
from quality_platform.analysis.taint.knowledge import GUARDS
from quality_platform.analysis.taint.rules import EVERYTHING


def guarded(test: ast.expr, env: Environment, *, holds: bool) -> None:
    """Mark in `env` the variables that `test`, which came out as `holds`, has made sure of.

    What is made of the same input is sure as well: a text whose parsed form was looked at.
    """
    sure = [value.whole.taints for name in _assured(test, env, holds=holds) if (value := env.find(name)) is not None]
    inputs = frozenset().union(*sure)
    if not inputs:
        return
    for name, value in env.variables.items():
        whole = value.whole
        if whole.taints and whole.taints <= inputs:
            env.variables[name] = replace(whole, clean=whole.clean | EVERYTHING, name=value.name)


def _assured(test: ast.expr, env: Environment, *, holds: bool) -> set[str]:
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _assured(operand, env, holds=not holds)
        case ast.BoolOp(op=op, values=values):
            parts = [_assured(value, env, holds=holds) for value in values]
            # all parts of an `and` that holds hold, and all of an `or` that does not hold do not
            every = isinstance(op, ast.And) is holds
            return set.union(*parts) if every else set.intersection(*parts)
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _compared(left, op, right, holds=holds)
        case ast.Call(func=ast.Attribute(attr=attr, value=receiver), args=arguments) if holds and attr in GUARDS:
            return _names(receiver) | {name for argument in arguments for name in _names(argument)}
        case ast.Call(func=ast.Attribute(attr="startswith" | "is_relative_to", value=receiver)) if holds:
            return {name for name in _names(receiver) if _is_absolute(name, env)}
        case _:
            return set()


def _is_absolute(name: str, env: Environment) -> bool:
    """Whether a path has no `..` in it any more, so that how it begins tells where it leads."""
    value = env.find(name)
    return value is not None and any(word in value.name for word in ("resolve", "realpath", "abspath", "normpath"))


def _compared(left: ast.expr, op: ast.cmpop, right: ast.expr, *, holds: bool) -> set[str]:
    same = isinstance(op, ast.Eq | ast.In) if holds else isinstance(op, ast.NotEq | ast.NotIn)
    lacks = isinstance(op, ast.NotIn) if holds else isinstance(op, ast.In)
    if same and not isinstance(left, ast.Constant) and _is_fixed(right):
        return _names(left)  # it is one of some that are known
    if lacks and isinstance(left, ast.Constant) and left.value and _is_part(right):
        return _names(right)  # it does not hold what would do harm
    return set()


def _is_fixed(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return node.value not in (None, "", b"", True, False)
    return isinstance(node, ast.List | ast.Tuple | ast.Set | ast.Dict) or (
        isinstance(node, ast.Name) and node.id.isupper()
    )


def _is_part(node: ast.expr) -> bool:
    """Whether it is a variable, or a part of one."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return isinstance(node, ast.Name)


def _names(node: ast.expr) -> set[str]:
    """Variables that a text under test was made of: itself, a part of it, or what was parsed from it."""
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
