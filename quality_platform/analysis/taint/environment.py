"""What names stand for while a function is run: variables, imports, functions of the file, and what was returned.

Does not belong here: how anything is computed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field

from quality_platform.analysis.taint.values import NOTHING, Value, joined

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(slots=True)
class Environment:
    """The variables at one point. `outer` is where the function stands; `returned` what it gave back so far."""

    variables: dict[str, Value] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    outer: Environment | None = None
    returned: list[Value] = field(default_factory=list)
    answers: bool = False

    def find(self, name: str) -> Value | None:
        """The value of a variable, here or further out."""
        place: Environment | None = self
        while place is not None:
            if name in place.variables:
                return place.variables[name]
            place = place.outer
        return None

    def function(self, name: str) -> Function | None:
        """The function of the file that is called so."""
        place: Environment | None = self
        while place is not None:
            if name in place.functions:
                return place.functions[name]
            place = place.outer
        return None

    def copy(self) -> Environment:
        """The same variables, to go another way with; what is returned is returned from both."""
        return Environment(dict(self.variables), dict(self.functions), self.outer, self.returned, self.answers)

    def take(self, ends: Iterable[Environment]) -> None:
        """Be where one of several ways led."""
        ways = [end.variables for end in ends]
        names = dict.fromkeys(name for way in ways for name in way)
        self.variables = {name: _one_of([way.get(name, NOTHING) for way in ways]) for name in names}


def _one_of(values: list[Value]) -> Value:
    result = values[0]
    for value in values[1:]:
        result = joined(result, value)
    return result
