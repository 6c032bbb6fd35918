"""Runs calls: of functions of the file, of containers, of what cleans, and of everything else.

Does not belong here: which calls do harm (`sinks.py`).
"""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from quality_platform.analysis.taint import constants, knowledge, rules
from quality_platform.analysis.taint.environment import Environment, Function
from quality_platform.analysis.taint.rules import EVERYTHING
from quality_platform.analysis.taint.sinks import FOLLOWS, Called, Reached, hits
from quality_platform.analysis.taint.values import NOTHING, UNKNOWN, Value, any_of, container, mixed, tainted

STEPS = 200_000
"""Expressions and statements that one file may take; most take some thousands."""

DEPTH = 3
"""Functions of the file that are followed into one another."""


class Calls:
    """The part that knows what a call gives. `reached` holds what was found.

    `worth_it`: lines with something to follow. A function without one is run when it is called, and not by itself.
    """

    def __init__(self, worth_it: frozenset[int]) -> None:
        self.worth_it = worth_it
        self.reached = Reached()
        self.left = STEPS
        self.depth = 0
        self.rounds: list[list[Environment]] = []
        self.ways: dict[type[ast.expr], Any] = {}

    if TYPE_CHECKING:

        def value(self, node: ast.expr | None, env: Environment) -> Value:
            """What an expression gives."""

        def run(self, body: list[ast.stmt], env: Environment) -> bool:
            """Run statements."""

    def step(self) -> bool:
        """Whether there is time left for another."""
        self.left -= 1
        return self.left > 0

    def _of_call(self, node: ast.Call, env: Environment) -> Value:
        call = self._called(node, env)
        for rule, value in hits(call):
            self.reached.add(rule, node, value)
        for way in (self._of_the_file, self._of_a_container, self._of_a_parser, self._cleaned, self._plain):
            result = way(call, env)
            if result is not None:
                return result
        return self._anything(call)

    def _called(self, node: ast.Call, env: Environment) -> Called:
        receiver = self.value(node.func.value, env) if isinstance(node.func, ast.Attribute) else NOTHING
        name = self.value(node.func, env).name
        arguments = [self.value(argument, env) for argument in node.args]
        keywords = {keyword.arg or "**": self.value(keyword.value, env) for keyword in node.keywords}
        return Called(node, name, receiver, arguments, keywords)

    # --- functions of the file -------------------------------------------------------------------

    def _of_the_file(self, call: Called, env: Environment) -> Value | None:
        own = isinstance(call.node.func, ast.Name) or call.name.startswith(("self.", "cls."))
        function = env.function(call.method) if own else None
        if function is None or self.depth >= DEPTH:
            return None
        self.depth += 1
        inner = Environment(outer=env, variables=self._bound(function, call))
        self.run(function.body, inner)
        self.depth -= 1
        return any_of(inner.returned)

    @staticmethod
    def _bound(function: Function, call: Called) -> dict[str, Value]:
        names = [parameter.arg for parameter in (*function.args.posonlyargs, *function.args.args)]
        if call.is_method and names and names[0] in ("self", "cls"):
            names = names[1:]
        bound = dict.fromkeys([*names, *(parameter.arg for parameter in function.args.kwonlyargs)], NOTHING)
        bound.update(zip(names, call.arguments, strict=False))
        bound.update((name, value) for name, value in call.keywords.items() if name in bound)
        return bound

    # --- containers and parsers ------------------------------------------------------------------

    def _of_a_container(self, call: Called, env: Environment) -> Value | None:
        if not (call.is_method and isinstance(call.node.func, ast.Attribute)):
            return None
        change = CHANGES.get(call.method)
        receiver = call.receiver
        if change is not None and isinstance(call.node.func.value, ast.Name):
            after, result = change(receiver, call)
            if after is not None:
                env.variables[call.node.func.value.id] = after
                return result
        if call.method == "get" and receiver.items is not None:
            key = _key(call)
            if key is not UNKNOWN:
                return receiver.items.get(key, call.given(1))
        return None

    def _of_a_parser(self, call: Called, env: Environment) -> Value | None:
        follows = replace(NOTHING, name=f"{call.name}()", clean=frozenset((FOLLOWS,)))
        if knowledge.ends_with(call.name, "etree.XMLParser"):
            return NOTHING if call.is_set("resolve_entities", False) else follows
        if call.method == "setFeature" and isinstance(call.node.func, ast.Attribute):
            on = bool(call.given(1).const) and "external" in f"{call.given(0).name}{call.given(0).const}"
            if on and isinstance(call.node.func.value, ast.Name):
                env.variables[call.node.func.value.id] = follows
            return NOTHING
        return None

    # --- everything else -------------------------------------------------------------------------

    def _cleaned(self, call: Called, env: Environment) -> Value | None:
        safe = knowledge.find(knowledge.CLEANERS, call.name) or knowledge.CLEANERS.get(call.method)
        if safe is None:
            safe = _safe_by_name(call.method)
        if not isinstance(safe, frozenset) or not safe:
            return None
        whole = mixed([call.receiver, *call.arguments, *call.keywords.values()])
        if call.method == "replace" and call.given(0).const not in ("'", '"'):
            return None
        return Value(whole.taints, whole.clean | safe, name=f"{call.name}()")

    def _plain(self, call: Called, env: Environment) -> Value | None:
        if call.name in knowledge.PLAIN:
            return NOTHING
        if call.name in ("input", "raw_input"):
            return NOTHING
        return None

    @staticmethod
    def _anything(call: Called) -> Value:
        if call.method == "make_response" and call.arguments:
            answer = call.arguments[0]
            return replace(answer.items.get(0, answer) if answer.items else answer, name="make_response()")
        if call.is_method and call.receiver.known and all(value.known for value in call.arguments):
            result = constants.called(call.receiver.const, call.method, [value.const for value in call.arguments])
            if result is not UNKNOWN:
                return Value(const=result)
        parts = [call.receiver, *call.arguments, *call.keywords.values()]
        requests = any(part.name.rpartition(".")[2] in knowledge.REQUESTS for part in parts if part.name)
        name = f"{call.name}()" if call.name else ""
        if requests and not call.is_method:
            return Value(name=f"{name}.request")
        if requests:
            return tainted(f"{call.method} of the request (line {call.node.lineno})", name)
        return mixed(parts).called(name)


def _safe_by_name(name: str) -> frozenset[str]:
    """What a function that nobody knows makes safe, by what it is called."""
    lowered = name.lower()
    if any(word in lowered for word in ("sanitize", "sanitise", "get_safe", "safe_value", "validate")):
        return EVERYTHING
    if "escape" in lowered and "unescape" not in lowered:
        return frozenset((rules.SCRIPT.name,)) if "html" in lowered or "xml" in lowered else EVERYTHING
    return frozenset()


def _key(call: Called) -> object:
    """The key that a method of a container is given: one, or the section and option of a configuration."""
    if "ConfigParser" in call.receiver.name:
        return tuple(value.const for value in call.arguments[:2])
    return call.given(0).const


def _append(receiver: Value, call: Called) -> tuple[Value | None, Value]:
    if receiver.items is None:
        return replace(mixed([receiver, *call.arguments]), name=receiver.name), NOTHING
    return container([*receiver.items.items(), (len(receiver.items), call.given(0))]), NOTHING


def _pop(receiver: Value, call: Called) -> tuple[Value | None, Value]:
    place = call.given(0).const if call.arguments else -1
    if receiver.items is None or not isinstance(place, int) or set(receiver.items) != set(range(len(receiver.items))):
        return None, NOTHING
    values = [receiver.items[number] for number in range(len(receiver.items))]
    if not -len(values) <= place < len(values):
        return None, NOTHING
    taken = values.pop(place)
    return container(enumerate(values)), taken


def _insert(receiver: Value, call: Called) -> tuple[Value | None, Value]:
    place = call.given(0).const
    if receiver.items is None or not isinstance(place, int):
        return replace(mixed([receiver, *call.arguments]), name=receiver.name), NOTHING
    values = list(receiver.items.values())
    values.insert(place, call.given(1))
    return container(enumerate(values)), NOTHING


def _set(receiver: Value, call: Called) -> tuple[Value | None, Value]:
    if "ConfigParser" not in receiver.name:
        return None, NOTHING
    items = {**(receiver.items or {}), _key(call): call.given(2)}
    return replace(receiver, items=items), NOTHING


def _extend(receiver: Value, call: Called) -> tuple[Value | None, Value]:
    return replace(mixed([receiver, *call.arguments, *call.keywords.values()]), name=receiver.name), NOTHING


CHANGES = {
    "append": _append, "pop": _pop, "insert": _insert, "set": _set,
    **dict.fromkeys(("extend", "update", "add", "appendleft", "write", "setdefault"), _extend),
}  # fmt: skip
"""Methods that change what they are asked of: the container afterwards, and what the call gives."""
