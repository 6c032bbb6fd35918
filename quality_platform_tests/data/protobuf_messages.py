"""Random protobuf messages, for hypothesis.

Belongs here: from a message's descriptor to a strategy. Does not belong here: any protocol.
"""

from __future__ import annotations

import math
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from hypothesis import strategies as st

MAX_DEPTH = 9
IDS = {"trace_id": 16, "span_id": 8}

TEXTS = ("__name__", "exception", "exception.type", "service.name", "http.route", "db.system", "redis", "up", "x" * 300)

_SIGNED = st.integers(-(2**31), 2**31 - 1) | st.integers(-5, 5)
_UNSIGNED = st.integers(0, 2**32 - 1) | st.integers(0, 5)
_NUMBERS: dict[int, st.SearchStrategy[Any]] = {
    FieldDescriptor.CPPTYPE_INT32: _SIGNED,
    FieldDescriptor.CPPTYPE_INT64: _SIGNED | st.integers(-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_UINT32: _UNSIGNED,
    FieldDescriptor.CPPTYPE_UINT64: _UNSIGNED | st.integers(0, 2**64 - 1),
    FieldDescriptor.CPPTYPE_DOUBLE: st.floats(),
    FieldDescriptor.CPPTYPE_BOOL: st.booleans(),
}


def messages(kind: Any, always: frozenset[str] = frozenset()) -> st.SearchStrategy[Any]:
    """Messages of a class, as clients might send them and as no client would; fields called as in `always` are there."""
    return st.builds(lambda fields: kind(**fields), _fields(kind.DESCRIPTOR, always, 0))


def _fields(descriptor: Any, always: frozenset[str], depth: int) -> st.SearchStrategy[dict[str, Any]]:
    """At most one field of each oneof, as in a message that came over the wire."""
    chosen = {
        field.name: _field(field, always, depth)
        for field in descriptor.fields
        if field.containing_oneof is None and (depth < MAX_DEPTH or field.message_type is None)
    }
    wanted = {name: strategy for name, strategy in chosen.items() if name in always}
    strategy = st.fixed_dictionaries(
        wanted, optional={name: chosen[name] for name in sorted(chosen.keys() - wanted.keys())}
    )
    for oneof in descriptor.oneofs:
        members = [field for field in oneof.fields if depth < MAX_DEPTH or field.message_type is None]
        choices = [st.fixed_dictionaries({field.name: _field(field, always, depth)}) for field in members]
        one = st.one_of(*choices, st.just({}))
        strategy = st.builds(lambda several, single: {**several, **single}, strategy, one)
    return strategy


def _field(field: Any, always: frozenset[str], depth: int) -> st.SearchStrategy[Any]:
    single = _single(field, always, depth)
    if not field.is_repeated:
        return single
    return st.lists(single, min_size=int(field.message_type is not None), max_size=2)


def _single(field: Any, always: frozenset[str], depth: int) -> st.SearchStrategy[Any]:
    if field.message_type is not None:
        return st.deferred(lambda: _fields(field.message_type, always, depth + 1))
    if field.enum_type is not None:
        return st.sampled_from([value.number for value in field.enum_type.values]) | st.just(99)
    if field.type == FieldDescriptor.TYPE_BYTES:
        size = IDS.get(field.name, 4)
        return st.sampled_from([b"\1" * size, b"\2" * size, b"\0" * size]) | st.binary(max_size=20)
    if field.type == FieldDescriptor.TYPE_STRING:
        return st.sampled_from(TEXTS) | st.text(max_size=8)
    return _NUMBERS[field.cpp_type]


def without_nan(message: Any) -> bool:
    """Whether no double in `message` is NaN, which equals nothing."""
    for field, value in message.ListFields():
        for each in value if field.is_repeated else [value]:
            if field.message_type is not None and not without_nan(each):
                return False
            if isinstance(each, float) and math.isnan(each):
                return False
    return True
