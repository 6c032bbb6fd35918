"""Judges calls: which do harm with what they are given, and which are weak whatever they are given.

Belongs here: what has to look at more than a name and one argument. Does not belong here: names (`knowledge.py`).
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from quality_platform.analysis.taint import knowledge, rules
from quality_platform.analysis.taint.knowledge import ends_with, find
from quality_platform.analysis.taint.rules import Rule
from quality_platform.analysis.taint.values import NOTHING, Value


@dataclass(frozen=True, slots=True)
class Called:
    """A call: its dotted name, the object whose method it is, and what it is given."""

    node: ast.Call
    name: str
    receiver: Value
    arguments: Sequence[Value]
    keywords: Mapping[str, Value]

    @property
    def values(self) -> Iterator[Value]:
        """Everything that it is given."""
        yield from self.arguments
        yield from self.keywords.values()

    @property
    def method(self) -> str:
        """The last part of the name."""
        return self.node.func.attr if isinstance(self.node.func, ast.Attribute) else self.name.rpartition(".")[2]

    @property
    def is_method(self) -> bool:
        """Whether it is asked of an object."""
        return isinstance(self.node.func, ast.Attribute)

    def given(self, place: int | str) -> Value:
        """The argument at a place or of a name."""
        if isinstance(place, str):
            return self.keywords.get(place, NOTHING)
        return self.arguments[place] if place < len(self.arguments) else NOTHING

    def is_set(self, name: str, value: object) -> bool:
        """Whether the keyword `name` is known to be `value`."""
        return name in self.keywords and self.keywords[name].const is value


Hit = tuple[Rule, Value]
Judge = Callable[[Called], Iterator[Hit]]


def hits(call: Called) -> Iterator[Hit]:
    """The rules that a call breaks, with the value that breaks each."""
    dirty = bool(call.receiver.whole.taints) or any(value.whole.taints for value in call.values)
    for judge in JUDGES if dirty else ALWAYS:
        yield from judge(call)


def _by_name(call: Called) -> Iterator[Hit]:
    entry = find(knowledge.SINKS, call.name)
    if entry is None and call.is_method:
        entry = knowledge.METHODS.get(call.method)
    if isinstance(entry, tuple):
        rule, places = entry
        yield from ((rule, call.given(place)) for place in places if call.given(place).harmful(rule.name))


def _command(call: Called) -> Iterator[Hit]:
    """A program started by `subprocess` or `os.exec…`: through a shell, or as a command of the input's choosing."""
    if not call.name.startswith(("subprocess.", "os.exec", "os.spawn", "asyncio.create_subprocess_exec")):
        return
    command = next((call.given(place) for place in (0, "args") if call.given(place) is not NOTHING), NOTHING)
    first = command.items.get(0, NOTHING) if command.items else command
    shell = command.items is not None and _is_shell(first)
    through = call.is_set("shell", True) or shell or command.items is None
    risky = command if through else first
    if risky.harmful(rules.COMMAND.name):
        yield rules.COMMAND, risky


def _is_shell(program: Value) -> bool:
    name = program.const if isinstance(program.const, str) else ""
    return name.rpartition("/")[2] in ("sh", "bash", "zsh", "cmd", "cmd.exe", "powershell")


def _path(call: Called) -> Iterator[Hit]:
    asked = call.is_method and call.method in knowledge.PATH_METHODS and "pathlib." in call.receiver.name
    if asked and call.receiver.harmful(rules.PATH.name):
        yield rules.PATH, call.receiver


def _ldap(call: Called) -> Iterator[Hit]:
    if call.is_method and call.method == "search" and len(call.arguments) + len(call.keywords) >= 2:
        for place in (0, 1, "search_base", "search_filter"):
            if "re." not in call.receiver.name and call.given(place).harmful(rules.LDAP.name):
                yield rules.LDAP, call.given(place)


def _yaml(call: Called) -> Iterator[Hit]:
    if ends_with(call.name, "yaml.load") or ends_with(call.name, "yaml.load_all"):
        loader = call.keywords.get("Loader", call.given(1)).name
        if "Safe" not in loader and "Base" not in loader and call.given(0).harmful(rules.DESERIALISATION.name):
            yield rules.DESERIALISATION, call.given(0)


def _entities(call: Called) -> Iterator[Hit]:
    """XML read by a parser that was told to follow external entities; that of lxml does unless told not to."""
    if not ("xml" in call.name or "etree" in call.name or call.method in ("parse", "parseString", "fromstring")):
        return
    parsers = [value for value in (*call.arguments, *call.keywords.values(), call.receiver) if FOLLOWS in value.clean]
    document = next((value for value in (*call.arguments, *call.keywords.values()) if value.taints), None)
    if parsers and document is not None and document.harmful(rules.ENTITIES.name):
        yield rules.ENTITIES, document


FOLLOWS = "follows external entities"
"""Mark of a parser, kept where a value says what it is clean for."""


def _hash(call: Called) -> Iterator[Hit]:
    if call.is_set("usedforsecurity", False) or not call.name.startswith("hashlib."):
        return
    algorithm = call.method if call.method != "new" else call.given(0).const
    if not isinstance(algorithm, str):
        algorithm = call.given("name").const
    if isinstance(algorithm, str) and algorithm.lower() in knowledge.WEAK_HASHES:
        yield rules.HASH, NOTHING


def _random(call: Called) -> Iterator[Hit]:
    if call.name.startswith("random.") and call.name.count(".") == 1 and call.method not in knowledge.SAFE_RANDOM:
        yield rules.RANDOM, NOTHING
    if call.name.startswith("random.Random()."):
        yield rules.RANDOM, NOTHING


def _cookie(call: Called) -> Iterator[Hit]:
    if (
        call.is_method
        and call.method == "set_cookie"
        and ("secure" not in call.keywords or call.is_set("secure", False))
    ):
        yield rules.COOKIE, NOTHING


ALWAYS: tuple[Judge, ...] = (_hash, _random, _cookie)
JUDGES: tuple[Judge, ...] = (_by_name, _command, _path, _ldap, _yaml, _entities, *ALWAYS)


@dataclass(slots=True)
class Reached:
    """What was found, once for each rule and place."""

    found: dict[tuple[str, int, int], tuple[Rule, ast.AST, Value]] = field(default_factory=dict)

    def add(self, rule: Rule, node: ast.AST, value: Value) -> None:
        """Note that `rule` is broken at `node`."""
        place = (rule.name, getattr(node, "lineno", 0), getattr(node, "col_offset", 0))
        self.found.setdefault(place, (rule, node, value))
