"""Which files of a tree import which, and the circles among them.

Imports are read line by line, without parsing: a tree of a thousand files takes a tenth of a second, and what a
docstring happens to say leads to no file. Does not belong here: reading a tree (`collectors/`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

STATEMENT = re.compile(
    r"^([ \t]*)(?:from[ \t]+(\.*[\w.]*)[ \t]+import[ \t]+(\([^)]{0,20000}\)|(?:[^\n#;\\]|\\\r?\n)+)"
    r"|import[ \t]+((?:[^\n#;(\\]|\\\r?\n)+))",
    re.MULTILINE,
)
NAME = re.compile(r"([\w.]+|\*)(?:\s+as\s+\w+)?")
COMMENT = re.compile(r"#[^\n]*")
MOST = 5_000
INIT = "__init__"


class Import(NamedTuple):
    """One import: by whom, of what, where; `target` is the file of the tree that it means, None for other packages.

    `deferred` says that it stands inside something (a function, a condition) and not at the top.
    """

    path: str
    line: int
    module: str
    target: str | None
    deferred: bool
    cycle: int | None = None


def graph(texts: Mapping[str, str]) -> list[Import]:
    """The imports of `texts` (sources by path), each edge once; those of a circle at import time carry its number."""
    modules = _modules(texts)
    names = {path: name for name, path in modules.items()}
    found: dict[tuple[str, str], Import] = {}
    for path, text in sorted(texts.items()):
        for each in _imports(path, text, names.get(path, ""), modules):
            known = found.get((path, each.module))
            if known is None or (known.deferred and not each.deferred):
                found[path, each.module] = each
    edges: dict[str, set[str]] = {}
    for each in found.values():
        if each.target is not None and not each.deferred and each.target != each.path:
            edges.setdefault(each.path, set()).add(each.target)
    circle = _circles(edges)
    return [each._replace(cycle=_cycle(each, circle)) for each in found.values()]


def _cycle(each: Import, circle: Mapping[str, int]) -> int | None:
    """The circle that an import is a part of; one of the file itself is none."""
    number = circle.get(each.path)
    if each.deferred or each.target is None or each.target == each.path or circle.get(each.target) != number:
        return None
    return number


def _modules(texts: Mapping[str, str]) -> dict[str, str]:
    """Files by the name under which they are imported: from the folder above the outermost package."""
    packages = {path.rpartition("/")[0] for path in texts if path.rpartition("/")[2] == f"{INIT}.py"}
    found: dict[str, str] = {}
    for path in sorted(texts, key=lambda each: (each.count("/"), each)):
        folder, _, file = path.rpartition("/")
        parts = [] if file.removesuffix(".py") == INIT else [file.removesuffix(".py")]
        while folder in packages and folder:
            folder, _, name = folder.rpartition("/")
            parts.insert(0, name)
        if parts:
            found.setdefault(".".join(parts), path)
    return found


def _imports(path: str, text: str, own: str, modules: Mapping[str, str]) -> Iterator[Import]:
    is_package = path.endswith(f"{INIT}.py")
    line, at = 1, 0
    for number, match in enumerate(STATEMENT.finditer(text)):
        if number >= MOST:
            return
        line, at = line + text.count("\n", at, match.start()), match.start()
        indent, base, names, plain = match.groups()
        if plain is not None:
            wanted = list(_named(plain))
        else:
            package = _absolute(base, own, is_package=is_package)
            if package is None:
                continue
            wanted = [_member(package, name, modules) for name in _named(names.strip("()"))]
        for module in dict.fromkeys(wanted):
            yield Import(path, line, module, _file(module, modules), bool(indent))


def _named(text: str) -> Iterator[str]:
    for part in COMMENT.sub("", text).split(","):
        match = NAME.match(part.strip("\\ \t\r\n"))
        if match is not None:
            yield match[1]


def _absolute(base: str, own: str, *, is_package: bool) -> str | None:
    """The package that `from base import` means in the module `own`; None above the top."""
    dots = len(base) - len(base.lstrip("."))
    if not dots:
        return base
    parts = own.split(".") if own else []
    keep = len(parts) - dots + is_package
    if keep < 0 or (keep == 0 and not base.strip(".")):
        return None
    return ".".join([*parts[:keep], *filter(None, [base.lstrip(".")])])


def _member(package: str, name: str, modules: Mapping[str, str]) -> str:
    """A module of the package, or the package where the name stands for something in it."""
    return f"{package}.{name}" if f"{package}.{name}" in modules else package


def _file(module: str, modules: Mapping[str, str]) -> str | None:
    """The file of `module`, or of the module that it is a part of."""
    while module:
        if module in modules:
            return modules[module]
        module = module.rpartition(".")[0]
    return None


def _circles(edges: Mapping[str, set[str]]) -> dict[str, int]:
    """A number from 1 for each file that stands in a circle: strongly connected parts (Tarjan 1972), without recursion,
    the largest first."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    parts: list[list[str]] = []
    for start in sorted(edges):
        work: list[tuple[str, Iterator[str]]] = []
        if start not in index:
            work.append(_enter(start, edges, index, low, stack, on_stack))
        while work:
            node, others = work[-1]
            following = next((each for each in others if each not in index or each in on_stack), None)
            if following is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    parts.append(_leave(node, stack, on_stack))
            elif following in index:
                low[node] = min(low[node], index[following])
            else:
                work.append(_enter(following, edges, index, low, stack, on_stack))
    return _numbered([part for part in parts if len(part) > 1])


def _enter(
    node: str, edges: Mapping[str, set[str]], index: dict[str, int], low: dict[str, int], stack: list[str],
    on_stack: set[str],
) -> tuple[str, Iterator[str]]:  # fmt: skip
    index[node] = low[node] = len(index)
    stack.append(node)
    on_stack.add(node)
    return node, iter(sorted(edges.get(node, ())))


def _leave(node: str, stack: list[str], on_stack: set[str]) -> list[str]:
    part = stack[stack.index(node) :]
    del stack[len(stack) - len(part) :]
    on_stack.difference_update(part)
    return part


def _numbered(parts: Sequence[Sequence[str]]) -> dict[str, int]:
    ordered = sorted(parts, key=lambda part: (-len(part), min(part)))
    return {path: number for number, part in enumerate(ordered, start=1) for path in part}
