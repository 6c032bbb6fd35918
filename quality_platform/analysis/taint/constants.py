"""Computes with values that are known, so that branches which are never taken carry nothing.

Sizes are bounded: a file may ask for `'a' * 10**12`. Does not belong here: values that are not known.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Sequence
from typing import Any

from quality_platform.analysis.taint.values import UNKNOWN

MOST = 10**9
LONGEST = 10_000

OPERATORS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Mod: operator.mod,
    ast.FloorDiv: operator.floordiv, ast.Div: operator.truediv,
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge, ast.Is: operator.is_, ast.IsNot: operator.is_not,
    ast.In: lambda one, other: one in other, ast.NotIn: lambda one, other: one not in other,
}  # fmt: skip
UNARY: dict[type, Callable[[Any], Any]] = {ast.Not: operator.not_, ast.USub: operator.neg, ast.UAdd: operator.pos}
METHODS = frozenset(
    ("lower", "upper", "strip", "replace", "startswith", "endswith", "split", "encode", "decode", "find")
)


def combined(kind: type, one: object, other: object) -> object:
    """`one` and `other` under an operator of `ast`; UNKNOWN where that is not known, or too large to be."""
    if kind not in OPERATORS or not (_small(one) and _small(other)):
        return UNKNOWN
    if kind is ast.Mult and not (isinstance(one, int | float) and isinstance(other, int | float)):
        return UNKNOWN
    if kind is ast.Mod and not isinstance(one, int | float):
        return UNKNOWN
    return _tried(OPERATORS[kind], one, other)


def turned(kind: type, value: object) -> object:
    """`value` under a unary operator."""
    return _tried(UNARY[kind], value) if kind in UNARY and _small(value) else UNKNOWN


def member(value: object, key: object) -> object:
    """A member or slice of a text."""
    return _tried(operator.getitem, value, key) if isinstance(value, str | bytes) else UNKNOWN


def called(value: object, method: str, arguments: Sequence[object]) -> object:
    """What a method of a text gives."""
    if not isinstance(value, str | bytes) or method not in METHODS or not all(map(_small, arguments)):
        return UNKNOWN
    result = _tried(getattr(value, method), *arguments) if hasattr(value, method) else UNKNOWN
    return result if isinstance(result, str | bytes | bool | int) and _small(result) else UNKNOWN


def _small(value: object) -> bool:
    if isinstance(value, str | bytes | tuple):
        return len(value) <= LONGEST
    return value is None or (isinstance(value, int | float) and abs(value) <= MOST)


def _tried(function: Callable[..., Any], *arguments: object) -> object:
    try:
        return function(*arguments)
    except Exception:
        return UNKNOWN
