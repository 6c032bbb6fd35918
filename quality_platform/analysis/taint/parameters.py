"""What a function of the file is given when it is run by itself: input, where it answers requests.

Does not belong here: calls from within the file (`calls.py`).
"""

from __future__ import annotations

import ast
import re

from quality_platform.analysis.taint.environment import Function
from quality_platform.analysis.taint.knowledge import REQUESTS, ROUTES
from quality_platform.analysis.taint.values import Value, tainted

NUMBERS = re.compile(r"<(?:int|float|uuid)(?:\([^)]*\))?:(\w+)>")
"""Parts of a path that a framework has turned into what cannot do harm."""
HARMLESS = frozenset(("int", "float", "bool", "UUID", "date", "datetime", "Decimal"))
"""Types of parameters that a framework has turned into what cannot do harm."""


def answers_requests(node: Function) -> bool:
    """Whether a function answers requests: by its decorator, or because it takes one."""
    for decorator in node.decorator_list:
        call = decorator.func if isinstance(decorator, ast.Call) else decorator
        if isinstance(call, ast.Attribute) and call.attr in ROUTES:
            return True
    return bool(node.args.args) and node.args.args[0].arg in REQUESTS


def given_parameters(node: Function, *, answers: bool) -> dict[str, Value]:
    """What a function is given: input, where it answers requests and the parameter is no number."""
    numbers = {name for text in _routes(node) for name in NUMBERS.findall(text)}
    taken = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    defaults = dict(
        zip([parameter.arg for parameter in reversed(node.args.args)], reversed(node.args.defaults), strict=False)
    )
    found = {}
    for parameter in taken:
        name = parameter.arg
        plain = name in ("self", "cls", *numbers) or name in REQUESTS or _is_harmless(parameter.annotation)
        injected = isinstance(defaults.get(name), ast.Call)
        if not answers or plain or injected:
            found[name] = Value(name=name if name in REQUESTS else "")
        else:
            found[name] = tainted(f"parameter {name} (line {parameter.lineno})")
    return found


def _is_harmless(annotation: ast.expr | None) -> bool:
    name = annotation.attr if isinstance(annotation, ast.Attribute) else getattr(annotation, "id", "")
    # a model that a framework has validated, or a service that it brings, is no text
    return name in HARMLESS or (bool(name) and name[0].isupper())


def _routes(node: Function) -> list[str]:
    """Texts that the decorators of a function are given: the paths that it answers."""
    given = [
        argument for decorator in node.decorator_list if isinstance(decorator, ast.Call) for argument in decorator.args
    ]
    return [
        argument.value for argument in given if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    ]
