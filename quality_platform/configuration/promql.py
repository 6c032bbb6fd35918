"""What an expression of Prometheus asks, where a rule of ours can ask the same: a comparison with a number, or absence.

Belongs here: reading one expression, and why another cannot be read. Does not belong here: rules
(`prometheus_rules.py`). The grammar is Prometheus' own, by its parser; nothing is guessed.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from quality_platform.model.matchers import Matcher, Operator

LONGEST = 2000
"""Characters. The parser follows brackets by recursion, so that very many of them would end the process."""

Side = Literal["above", "below"]
_COMPARED: Mapping[str, tuple[Side, bool]] = {
    ">": ("above", True), "<": ("below", True), ">=": ("above", False), "<=": ("below", False),
}  # fmt: skip
_TURNED = {">": "<", "<": ">", ">=": "<=", "<=": ">="}
_CALCULATED: Mapping[str, Callable[[float, float], float]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
}  # fmt: skip
_OPERATORS: Mapping[str, Operator] = {
    "MatchOp.Equal": "=", "MatchOp.NotEqual": "!=", "MatchOp.Re": "=~", "MatchOp.NotRe": "!~",
}  # fmt: skip


class UnsupportedError(ValueError):
    """The expression asks what no rule of ours asks; the text says what."""


@dataclass(frozen=True, slots=True)
class Selector:
    """Series of one metric."""

    metric: str
    matchers: tuple[Matcher, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Values beyond a threshold. `strict`: the threshold itself is not beyond."""

    selector: Selector
    side: Side
    threshold: float
    strict: bool

    @property
    def bound(self) -> float:
        """The threshold of a strict comparison that says the same."""
        if self.strict:
            return self.threshold
        return math.nextafter(self.threshold, -math.inf if self.side == "above" else math.inf)


@dataclass(frozen=True, slots=True)
class Absence:
    """No series that the selector selects."""

    selector: Selector


def question(text: str) -> Comparison | Absence:
    """What `text` asks. Raises UnsupportedError with the reason."""
    import promql_parser as promql

    if len(text) > LONGEST:
        raise UnsupportedError(f"it is longer than {LONGEST:,} characters")
    try:
        found = _bare(promql.parse(text))
    except ValueError as error:
        raise UnsupportedError(f"it is not PromQL: {error}") from error
    if _kind(found) == "Call" and found.func.name == "absent":
        return Absence(_selector(found.args[0]))
    if _kind(found) != "BinaryExpr":
        raise UnsupportedError(_why(found) or "it has no threshold: it fires for every series that is there")
    return _compared(found)


def _compared(found: Any) -> Comparison | Absence:
    sign, left, right = str(found.op), _bare(found.lhs), _bare(found.rhs)
    if sign not in {*_TURNED, "==", "!="}:
        raise UnsupportedError(_why(found))
    if found.modifier is not None:
        raise UnsupportedError("its comparison has a modifier")
    if _kind(left) == "Call" and left.func.name == "absent" and (sign, _number(right)) == ("==", 1.0):
        return Absence(_selector(left.args[0]))
    threshold = _number(right)
    if threshold is None:
        threshold, left, sign = _number(left), right, _TURNED.get(sign, sign)
    if threshold is None:
        raise UnsupportedError(_why(left) or _why(_bare(found.lhs)) or "it compares two series")
    selector = _selector(left)
    if sign == "==" and selector.metric == "up" and threshold == 0:
        # which Prometheus makes, of 0 and 1 alone
        return Comparison(selector, "below", 1.0, True)
    if sign not in _COMPARED:
        raise UnsupportedError(f"it asks for {sign}, and a threshold has a side")
    return Comparison(selector, _COMPARED[sign][0], threshold, _COMPARED[sign][1])


def _selector(found: Any) -> Selector:
    found = _bare(found)
    if _kind(found) != "VectorSelector":
        raise UnsupportedError(_why(found) or "it does not begin with a metric")
    if found.offset is not None or found.at is not None:
        raise UnsupportedError("it looks at another time")
    if found.matchers.or_matchers:
        raise UnsupportedError("its braces hold alternatives")
    matchers = [Matcher(each.name, each.value, _OPERATORS[str(each.op)]) for each in found.matchers.matchers]
    names = [each for each in matchers if each.name == "__name__"]
    if len(names) + (found.name is not None) != 1 or any(each.operator != "=" for each in names):
        raise UnsupportedError("it does not name one metric")
    metric = found.name if found.name is not None else names[0].value
    return Selector(metric, tuple(each for each in matchers if each.name != "__name__"))


def _number(found: Any) -> float | None:
    """The value of a number or of a calculation with numbers; None for anything else."""
    found = _bare(found)
    if _kind(found) == "NumberLiteral":
        return float(found.val)
    calculate = _CALCULATED.get(str(found.op)) if _kind(found) == "BinaryExpr" else None
    if calculate is None:
        return None
    left, right = _number(found.lhs), _number(found.rhs)
    try:
        return None if left is None or right is None else calculate(left, right)
    except ZeroDivisionError:
        return None


def _why(found: Any) -> str:
    """What makes an expression more than a metric; nothing where it is one."""
    kind = _kind(found)
    if kind == "Call":
        return f"it uses the function {found.func.name}"
    if kind == "AggregateExpr":
        return f"it aggregates with {found.op}"
    if kind == "BinaryExpr":
        return f"it joins or calculates with {found.op}"
    return {"SubqueryExpr": "it takes a range", "MatrixSelector": "it takes a range", "UnaryExpr": "it negates"}.get(
        kind, ""
    )


def _bare(found: Any) -> Any:
    while _kind(found) == "ParenExpr":
        found = found.expr
    return found


def _kind(found: Any) -> str:
    return type(found).__name__
