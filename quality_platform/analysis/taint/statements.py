"""Runs statements on abstract values: one way after the other, and joined where ways meet.

A branch that is known not to be taken is not run; what stands after a `return` neither. Does not belong here:
expressions.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from quality_platform.analysis.taint import rules
from quality_platform.analysis.taint.environment import Environment, Function
from quality_platform.analysis.taint.expressions import Expressions
from quality_platform.analysis.taint.guards import guarded
from quality_platform.analysis.taint.parameters import answers_requests, given_parameters
from quality_platform.analysis.taint.values import NOTHING, Value, mixed


class Statements(Expressions):
    """The whole: a file is run by `run(tree.body, Environment())`."""

    def run(self, body: Sequence[ast.stmt], env: Environment) -> bool:
        """Run statements; returns whether they lead nowhere: to a return, a raise, the next round."""
        inside: list[ast.stmt] = []
        leads_nowhere = False
        for statement in body:
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                env.functions[statement.name] = statement
        for statement in body:
            if not self.step():
                break
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                inside.append(statement)
                continue
            method = getattr(self, f"_do_{statement.__class__.__name__.lower()}", None)
            if method and method(statement, env):
                leads_nowhere = True
                break
        # a function sees what stands around it when it is called, which is later
        for statement in inside:
            self._define(statement, env)
        return leads_nowhere

    def _define(self, node: ast.stmt, env: Environment) -> None:
        if isinstance(node, ast.ClassDef):
            self.run(node.body, Environment(outer=env))
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and self.depth == 0 and self._is_worth_it(node):
            answers = answers_requests(node)
            inner = Environment(outer=env, variables=given_parameters(node, answers=answers), answers=answers)
            self.run(node.body, inner)

    def _is_worth_it(self, node: Function) -> bool:
        start = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        return not self.worth_it.isdisjoint(range(start, (node.end_lineno or start) + 1))

    # --- simple ----------------------------------------------------------------------------------

    def _do_expr(self, node: ast.Expr, env: Environment) -> bool:
        self.value(node.value, env)
        return False

    def _do_assign(self, node: ast.Assign, env: Environment) -> bool:
        value = self.value(node.value, env)
        for target in node.targets:
            self.bind(target, value, env)
        return False

    def _do_annassign(self, node: ast.AnnAssign, env: Environment) -> bool:
        if node.value is not None:
            self.bind(node.target, self.value(node.value, env), env)
        return False

    def _do_augassign(self, node: ast.AugAssign, env: Environment) -> bool:
        joined_up = ast.BinOp(node.target, node.op, node.value)
        ast.copy_location(joined_up, node)
        self.bind(node.target, self._of_binop(joined_up, env), env)
        return False

    def _do_return(self, node: ast.Return, env: Environment) -> bool:
        value = self.value(node.value, env)
        env.returned.append(value)
        # a tuple is a body with a status and headers
        body = value.items.get(0, value) if isinstance(node.value, ast.Tuple) and value.items else value
        # what becomes JSON is no HTML
        structured = isinstance(node.value, ast.Dict | ast.DictComp | ast.List | ast.ListComp)
        if env.answers and not structured and body.harmful(rules.SCRIPT.name) and not _is_answer(value):
            self.reached.add(rules.SCRIPT, node, value)
        return True

    def _do_raise(self, node: ast.Raise, env: Environment) -> bool:
        self.value(node.exc, env)
        return True

    def _do_continue(self, node: ast.Continue, env: Environment) -> bool:
        if self.rounds:
            self.rounds[-1].append(env.copy())
        return True

    _do_break = _do_continue

    def _do_assert(self, node: ast.Assert, env: Environment) -> bool:
        self.value(node.test, env)
        return False

    def _do_import(self, node: ast.Import, env: Environment) -> bool:
        for name in node.names:
            top = name.name.partition(".")[0]
            env.variables[name.asname or top] = Value(name=name.name if name.asname else top)
        return False

    def _do_importfrom(self, node: ast.ImportFrom, env: Environment) -> bool:
        for name in node.names:
            env.variables[name.asname or name.name] = Value(name=f"{node.module or ''}.{name.name}".lstrip("."))
        return False

    # --- ways ------------------------------------------------------------------------------------

    def _do_if(self, node: ast.If, env: Environment) -> bool:
        test = self.value(node.test, env)
        if test.known:
            return self.run(node.body if test.const else node.orelse, env)
        then, otherwise = env.copy(), env.copy()
        guarded(node.test, then, holds=True)
        guarded(node.test, otherwise, holds=False)
        return self._meet(env, [(then, self.run(node.body, then)), (otherwise, self.run(node.orelse, otherwise))])

    def _meet(self, env: Environment, ways: Iterable[tuple[Environment, bool]]) -> bool:
        """Go on where the ways that lead on meet; whether none does."""
        on = [way for way, nowhere in ways if not nowhere]
        if on:
            env.take(on)
        return not on

    def _do_match(self, node: ast.Match, env: Environment) -> bool:
        subject = self.value(node.subject, env)
        ways = []
        for case in node.cases:
            fits = _fits(case.pattern, subject)
            if fits is False:
                continue
            way = env.copy()
            for name in _caught(case.pattern):
                way.variables[name] = mixed([subject])
            ways.append((way, self.run(case.body, way)))
            if fits is True and case.guard is None:
                return self._meet(env, ways)
        return self._meet(env, [*ways, (env.copy(), False)])

    def _do_for(self, node: ast.For | ast.AsyncFor, env: Environment) -> bool:
        members = self.value(node.iter, env)
        # twice: what the first round leaves behind is there in the second
        for _ in range(2):
            way = env.copy()
            self.bind(node.target, self.element(members), way)
            self._round(node.body, way, env)
        return self.run(node.orelse, env)

    def _round(self, body: Sequence[ast.stmt], way: Environment, env: Environment) -> None:
        """Once through a loop, or not at all: to its end, or to where it goes on or stops."""
        self.rounds.append([])
        nowhere = self.run(body, way)
        ends = [*self.rounds.pop(), *(() if nowhere else (way,))]
        env.take([env.copy(), *ends])

    _do_asyncfor = _do_for

    def _do_while(self, node: ast.While, env: Environment) -> bool:
        for _ in range(2):
            self.value(node.test, env)
            self._round(node.body, env.copy(), env)
        return False

    def _do_with(self, node: ast.With | ast.AsyncWith, env: Environment) -> bool:
        for item in node.items:
            value = self.value(item.context_expr, env)
            if item.optional_vars is not None:
                self.bind(item.optional_vars, value, env)
        return self.run(node.body, env)

    _do_asyncwith = _do_with

    def _do_try(self, node: ast.Try, env: Environment) -> bool:
        before = env.copy()
        nowhere = self.run([*node.body, *node.orelse], env)
        ways = [(env.copy(), nowhere)]
        for handler in node.handlers:
            # anything of the body may have been done
            way = before.copy()
            way.take([before, env.copy()])
            if handler.name:
                way.variables[handler.name] = NOTHING
            ways.append((way, self.run(handler.body, way)))
        stuck = self._meet(env, ways)
        return self.run(node.finalbody, env) or stuck

    _do_trystar = _do_try


def _is_answer(value: Value) -> bool:
    return value.name.endswith(("jsonify()", "redirect()", "send_file()"))


def _fits(pattern: ast.pattern, subject: Value) -> bool | None:
    """Whether a pattern fits; None when that is not known."""
    match pattern:
        case ast.MatchAs(pattern=None):
            return True
        case ast.MatchValue(value=ast.Constant(value=expected)) if subject.known:
            return bool(subject.const == expected)
        case ast.MatchOr(patterns=patterns):
            answers = [_fits(part, subject) for part in patterns]
            return True if True in answers else None if None in answers else False
        case _:
            return None


def _caught(pattern: ast.pattern) -> list[str]:
    names = [getattr(node, "name", None) for node in ast.walk(pattern)]
    return [name for name in names if isinstance(name, str)]
