"""Texts of a rule with values put into them: `{{ value | round(1) }}% on {{ labels.instance }}`.

Users write them, so that a small part of Jinja's language is enough and all there is: values, members of mappings,
comparisons, conditions, a few filters. Without loops, assignments, calls and powers the work grows with the text's
length alone, which is bounded; Jinja's sandbox stands behind it. Prometheus' ways of writing the same are understood.

Belongs here: expanding one text. Does not belong here: which values there are (`alerting/notices/`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from quality_platform.notifications.numbers import number, span
from quality_platform.notifications.plain import clipped, printable

if TYPE_CHECKING:
    from jinja2 import Environment, Template
    from jinja2.nodes import Node

LONGEST = 2000
"""Characters that a template may have, and what comes of it."""
LONGEST_VALUE = 500

NODES = frozenset(
    {"Template", "Output", "TemplateData", "Name", "Getattr", "Getitem", "Const", "Filter", "If", "CondExpr", "Compare",
     "Operand", "And", "Or", "Not", "Concat", "Neg", "Add", "Sub", "Mul", "Div"}
)  # fmt: skip
# `{{ $labels.x }}`, `{{ humanize $value }}` and `{{ printf "%.2f" $value }}` are Prometheus' ways
_VARIABLE = re.compile(r"\$(?=(?:labels|value|externalLabels)\b)")
_BEFORE = re.compile(r"\{\{\s*(humanize\w*|title|toUpper|toLower)\s+([\w.]+)\s*\}\}")
_PRINTED = re.compile(r'\{\{\s*printf\s+"%\.(\d)[fg]"\s+([\w.]+)\s*\}\}')


def expanded(text: str, values: Mapping[str, object]) -> str:
    """`text` with `values` in it, at most 2,000 characters; as it stands where it is no template that can be used.

    Unknown names are empty. Never raises.
    """
    if "{{" not in text and "{%" not in text:
        return clipped(text, LONGEST)
    try:
        parts, length = [], 0
        for part in _template(text).generate({name: _bounded(value) for name, value in values.items()}):
            parts.append(part)
            length += len(part)
            if length > LONGEST:
                break
        return clipped("".join(parts), LONGEST)
    except _failures():
        return clipped(text, LONGEST)


def problem(text: str) -> str | None:
    """Why `text` is no template that can be used; None where it is one."""
    try:
        _template(text)
    except _failures() as error:
        return printable(str(error))[:200] or type(error).__name__
    return None


@lru_cache(maxsize=512)
def _template(text: str) -> Template:
    if len(text) > LONGEST:
        raise ValueError(f"it is longer than {LONGEST} characters")
    source = _PRINTED.sub(r"{{ \2|round(\1) }}", _BEFORE.sub(r"{{ \2|\1 }}", _VARIABLE.sub("", text)))
    environment = _environment()
    pending: list[Node] = [environment.parse(source)]
    while pending:
        node = pending.pop()
        if type(node).__name__ not in NODES:
            raise ValueError(f"{type(node).__name__.lower()} is not allowed here")
        pending += node.iter_child_nodes()
    return environment.from_string(source)


@cache
def _environment() -> Environment:
    from jinja2 import ChainableUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Members(ImmutableSandboxedEnvironment):
        """Only mappings have members; of an object nothing can be had."""

        intercepted_binops = frozenset({"*"})

        def getattr(self, obj: Any, attribute: str) -> Any:
            return self.getitem(obj, attribute)

        def getitem(self, obj: Any, argument: Any) -> Any:
            found = obj.get(argument) if isinstance(obj, Mapping) else None
            return self.undefined(obj=obj, name=argument) if found is None else found

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            return float(left) * float(right)  # "a" * 10**9 would be a gigabyte

    environment = Members(undefined=ChainableUndefined, autoescape=False)
    environment.globals.clear()
    environment.filters = dict(FILTERS)
    environment.tests = {}
    return environment


def _bounded(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(name): _bounded(each) for name, each in value.items()}
    return value if value is None or isinstance(value, bool | int | float) else clipped(str(value), LONGEST_VALUE)


def _round(value: Any, digits: Any = 0) -> str:
    return f"{float(value):.{min(max(int(digits), 0), 12)}f}"


def _or(value: Any, other: Any = "") -> Any:
    return value if value or value == 0 else other


FILTERS: Mapping[str, Callable[..., Any]] = {
    "round": _round,
    "default": _or,
    "upper": lambda value: str(value).upper(),
    "toUpper": lambda value: str(value).upper(),
    "lower": lambda value: str(value).lower(),
    "toLower": lambda value: str(value).lower(),
    "title": lambda value: str(value).title(),
    "trim": lambda value: str(value).strip(),
    "humanize": lambda value: number(float(value)),
    "humanizePercentage": lambda value: f"{number(float(value) * 100)}%",
    "humanizeDuration": lambda value: span(float(value)),
}


def _failures() -> tuple[type[Exception], ...]:
    """What a template can fail with: its grammar, a value of another kind, an expression too deep for the parser."""
    from jinja2 import TemplateError

    return TemplateError, ValueError, TypeError, ArithmeticError, RecursionError, MemoryError, SyntaxError
