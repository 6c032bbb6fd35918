"""Runs expressions on abstract values.

Belongs here: one method for each kind of expression. Does not belong here: statements (`statements.py`), or which
calls do harm (`sinks.py`).
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from quality_platform.analysis.taint import constants, rules
from quality_platform.analysis.taint.calls import Calls
from quality_platform.analysis.taint.environment import Environment
from quality_platform.analysis.taint.knowledge import INPUTS, REQUESTS
from quality_platform.analysis.taint.values import (
    NOTHING,
    UNKNOWN,
    Value,
    any_of,
    constant,
    container,
    joined,
    mixed,
    tainted,
)


class Expressions(Calls):
    """The part that knows what an expression gives."""

    def value(self, node: ast.expr | None, env: Environment) -> Value:
        """What `node` gives in `env`."""
        if node is None or not self.step():
            return NOTHING
        kind = node.__class__
        if kind not in self.ways:
            self.ways[kind] = getattr(self, f"_of_{kind.__name__.lower()}", None)
        method = self.ways[kind]
        return method(node, env) if method is not None else mixed(self._below(node, env))

    def _below(self, node: ast.AST, env: Environment) -> list[Value]:
        return [self.value(child, env) for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]

    def _of_constant(self, node: ast.Constant, env: Environment) -> Value:
        return constant(node.value)

    def _of_name(self, node: ast.Name, env: Environment) -> Value:
        found = env.find(node.id)
        return found if found is not None else Value(name=node.id)

    def _of_attribute(self, node: ast.Attribute, env: Environment) -> Value:
        stored = env.find(_dotted(node)) if isinstance(node.value, ast.Name) else None
        if stored is not None:
            return stored
        base = self.value(node.value, env)
        name = f"{base.name}.{node.attr}" if base.name else node.attr
        if node.attr in INPUTS and base.name.rpartition(".")[2] in REQUESTS:
            return tainted(f"{base.name.rpartition('.')[2]}.{node.attr} (line {node.lineno})", name)
        return mixed([base]).called(name)

    def _of_subscript(self, node: ast.Subscript, env: Environment) -> Value:
        base = self.value(node.value, env)
        if isinstance(node.slice, ast.Slice):
            return self._slice(node.slice, base, env)
        key = self.value(node.slice, env)
        if base.items is not None and key.known and _hashable(key.const):
            if key.const in base.items:
                return base.items[key.const]
            return base.items.get(_from_the_end(key.const, base), mixed([base]))
        if base.known and key.known:
            return Value(const=constants.member(base.const, key.const))
        return mixed([base])

    def _slice(self, node: ast.Slice, base: Value, env: Environment) -> Value:
        bounds = [self.value(part, env) if part else constant(None) for part in (node.lower, node.upper, node.step)]
        if base.known and all(bound.known for bound in bounds):
            return Value(const=constants.member(base.const, slice(*(bound.const for bound in bounds))))
        return mixed([base])

    def _of_binop(self, node: ast.BinOp, env: Environment) -> Value:
        left, right = self.value(node.left, env), self.value(node.right, env)
        if left.known and right.known:
            return Value(const=constants.combined(node.op.__class__, left.const, right.const))
        both = mixed([left, right])
        return both.called(left.name) if "pathlib." in left.name else both

    def _of_unaryop(self, node: ast.UnaryOp, env: Environment) -> Value:
        operand = self.value(node.operand, env)
        return Value(const=constants.turned(node.op.__class__, operand.const)) if operand.known else NOTHING

    def _of_boolop(self, node: ast.BoolOp, env: Environment) -> Value:
        values = [self.value(part, env) for part in node.values]
        stops = isinstance(node.op, ast.Or)
        for value in values:
            if not value.known:
                return any_of(values)
            if bool(value.const) is stops:
                return value
        return values[-1]

    def _of_compare(self, node: ast.Compare, env: Environment) -> Value:
        values = [self.value(part, env) for part in (node.left, *node.comparators)]
        if len(node.ops) == 1 and all(value.known for value in values):
            return Value(const=constants.combined(node.ops[0].__class__, values[0].const, values[1].const))
        return NOTHING

    def _of_ifexp(self, node: ast.IfExp, env: Environment) -> Value:
        test = self.value(node.test, env)
        if test.known:
            return self.value(node.body if test.const else node.orelse, env)
        return joined(self.value(node.body, env), self.value(node.orelse, env))

    def _of_joinedstr(self, node: ast.JoinedStr, env: Environment) -> Value:
        parts = [self.value(part, env) for part in node.values]
        if all(part.known for part in parts):
            return constant("".join(str(part.const) for part in parts)[: constants.LONGEST])
        return mixed(parts)

    def _of_formattedvalue(self, node: ast.FormattedValue, env: Environment) -> Value:
        return self.value(node.value, env)

    def _of_list(self, node: ast.List | ast.Tuple, env: Environment) -> Value:
        values = [self.value(part, env) for part in node.elts]
        if any(isinstance(part, ast.Starred) for part in node.elts):
            return mixed(values)
        return container(enumerate(values))

    _of_tuple = _of_list

    def _of_dict(self, node: ast.Dict, env: Environment) -> Value:
        keys = [self.value(key, env) if key else NOTHING for key in node.keys]
        values = [self.value(value, env) for value in node.values]
        if all(key.known and _hashable(key.const) for key in keys):
            return container((key.const, value) for key, value in zip(keys, values, strict=True))
        return mixed([*keys, *values])

    def _of_namedexpr(self, node: ast.NamedExpr, env: Environment) -> Value:
        value = self.value(node.value, env)
        env.variables[node.target.id] = value
        return value

    def _of_await(self, node: ast.Await, env: Environment) -> Value:
        return self.value(node.value, env)

    def _of_lambda(self, node: ast.Lambda, env: Environment) -> Value:
        return NOTHING

    def _of_listcomp(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp, env: Environment) -> Value:
        inner = self._comprehended(node.generators, env)
        return mixed([self.value(node.elt, inner)])

    _of_setcomp = _of_generatorexp = _of_listcomp

    def _of_dictcomp(self, node: ast.DictComp, env: Environment) -> Value:
        inner = self._comprehended(node.generators, env)
        return mixed([self.value(node.key, inner), self.value(node.value, inner)])

    def _comprehended(self, generators: Sequence[ast.comprehension], env: Environment) -> Environment:
        inner = env.copy()
        for generator in generators:
            self.bind(generator.target, self.element(self.value(generator.iter, inner)), inner)
            for test in generator.ifs:
                self.value(test, inner)
        return inner

    def element(self, value: Value) -> Value:
        """What going through a value gives each time."""
        return any_of(value.items.values()) if value.items is not None else mixed([value])

    # --- binding ---------------------------------------------------------------------------------

    def bind(self, target: ast.expr, value: Value, env: Environment) -> None:
        """Let `target` stand for `value`."""
        match target:
            case ast.Name():
                env.variables[target.id] = value
            case ast.Tuple() | ast.List():
                for place, part in enumerate(target.elts):
                    member = value.items.get(place, mixed([value])) if value.items is not None else mixed([value])
                    self.bind(part, member, env)
            case ast.Starred():
                self.bind(target.value, mixed([value]), env)
            case ast.Subscript():
                self._bind_member(target, value, env)
            case ast.Attribute():
                env.variables[_dotted(target)] = value
            case _:
                return

    def _bind_member(self, target: ast.Subscript, value: Value, env: Environment) -> None:
        base, key = self.value(target.value, env), self.value(target.slice, env)
        if base.name.rpartition(".")[2] == "session":
            for part in (key, value):
                if part.harmful(rules.TRUST.name):
                    self.reached.add(rules.TRUST, target, part)
        if not isinstance(target.value, ast.Name):
            return
        if base.items is not None and key.known and _hashable(key.const):
            env.variables[target.value.id] = replace(base, items={**base.items, key.const: value})
        else:
            env.variables[target.value.id] = replace(mixed([base, value]), name=base.name)


def _dotted(node: ast.Attribute) -> str:
    return f"{node.value.id if isinstance(node.value, ast.Name) else '?'}.{node.attr}"


def _hashable(value: object) -> bool:
    return value is not UNKNOWN and not isinstance(value, slice)


def _from_the_end(key: object, base: Value) -> object:
    return key + len(base.items) if isinstance(key, int) and key < 0 and base.items else UNKNOWN
