"""What is known of a value: whose input it holds, what it is safe for, and what it is.

Does not belong here: how values come about (`expressions.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import reduce

UNKNOWN = object()
"""Stands for a constant that is not known."""

MOST_ITEMS = 100


@dataclass(frozen=True, slots=True)
class Value:
    """An abstract value.

    `taints`: the inputs that it holds a part of, in words. `clean`: the rules that it was made safe for. `const`: the
    value itself where it is known. `items`: members by key or index of a container that is known as a whole.
    `name`: what it is called or was made by, such as `flask.request` or `xml.sax.make_parser()`.
    """

    taints: frozenset[str] = frozenset()
    clean: frozenset[str] = frozenset()
    const: object = UNKNOWN
    items: Mapping[object, Value] | None = None
    name: str = ""

    @property
    def known(self) -> bool:
        """Whether the value itself is known."""
        return self.const is not UNKNOWN

    @property
    def whole(self) -> Value:
        """The value with what its members hold."""
        return mixed([replace(self, items=None), *self.items.values()]) if self.items else self

    def called(self, name: str) -> Value:
        """The value under another name."""
        return Value(self.taints, self.clean, self.const, self.items, name)

    def harmful(self, rule: str) -> bool:
        """Whether it holds input that was not made safe for `rule`."""
        whole = self.whole
        return bool(whole.taints) and rule not in whole.clean


NOTHING = Value()


def constant(value: object) -> Value:
    """A value that is known."""
    return Value(const=value)


def tainted(origin: str, name: str = "") -> Value:
    """A value that came from `origin`."""
    return Value(frozenset((origin,)), name=name)


def mixed(parts: Iterable[Value]) -> Value:
    """A value made of parts: it holds what they hold, and is safe for what all that hold input are safe for."""
    dirty = [whole for part in parts if (whole := part.whole if part.items else part).taints]
    if not dirty:
        return NOTHING
    if len(dirty) == 1:
        return Value(dirty[0].taints, dirty[0].clean)
    taints = frozenset().union(*(part.taints for part in dirty))
    return Value(taints, frozenset.intersection(*(part.clean for part in dirty)))


def joined(one: Value, other: Value) -> Value:
    """What is known of a value that is one or the other."""
    if one == other:
        return one
    both = mixed([one, other])
    items = None
    if one.items is not None and other.items is not None:
        items = {
            key: joined(one.items.get(key, NOTHING), other.items.get(key, NOTHING))
            for key in {*one.items, *other.items}
        }
    name = one.name if one.name == other.name else one.name or other.name
    return replace(both, items=items, name=name)


def any_of(values: Iterable[Value]) -> Value:
    """A value that is one of several."""
    return reduce(joined, values, NOTHING)


def container(pairs: Iterable[tuple[object, Value]]) -> Value:
    """A container whose members are known."""
    items = dict(pairs)
    return Value(items=items) if len(items) <= MOST_ITEMS else mixed(items.values())
