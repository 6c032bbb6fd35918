"""OTLP's JSON mapping into the messages of its protobuf: one walk that only renames and converts, then one call into C.

Protobuf's own `json_format` reads trace ids as base64, which OTLP writes in hexadecimal, and takes 42 µs for a data
point where this takes about 10. Unknown fields are left out, as OTLP demands.

Belongs here: the mapping. Does not belong here: what the fields mean.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

HEXADECIMAL = ("trace_id", "span_id", "parent_span_id")
MAX_DEPTH = 64
"""Messages inside messages; protobuf's own parser stops at 100."""

Convert = Callable[[Any, int], Any]


def message(kind: type[Any], found: object) -> Any:
    """The message of class `kind` that `found`, decoded JSON, stands for. Raises ValueError, TypeError or
    OverflowError where it stands for none."""
    return kind(**_shape(kind.DESCRIPTOR).plain(found, 0))


class _Shape:
    """How each field of a message is called and converted; senders may use either of protobuf's two names."""

    def __init__(self, descriptor: Descriptor) -> None:
        self._descriptor = descriptor
        self._fields: dict[str, tuple[str, Convert | None]] = {}

    def plain(self, found: object, depth: int) -> dict[str, Any]:
        """The fields as the message's constructor takes them; it also refuses what is of a wrong type."""
        if not isinstance(found, dict):
            raise TypeError("an object is wanted")
        if depth > MAX_DEPTH:
            raise ValueError("too deep")
        fields = self._fields or self._read()
        plain = {}
        for key, value in found.items():
            field = fields.get(key)
            if field is not None and value is not None:
                name, convert = field
                plain[name] = value if convert is None else convert(value, depth + 1)
        return plain

    def _read(self) -> dict[str, tuple[str, Convert | None]]:
        # not when it is made, because values hold lists of values
        for field in self._descriptor.fields:
            single = _converter(field)
            convert = _each(single) if field.is_repeated and single else single
            self._fields[field.name] = self._fields[field.json_name] = (field.name, convert)
        return self._fields


@lru_cache(maxsize=200)
def _shape(descriptor: Descriptor) -> _Shape:
    return _Shape(descriptor)


def _each(convert: Convert) -> Convert:
    def converted(values: Any, depth: int) -> list[Any]:
        if not isinstance(values, list):
            raise TypeError("a list is wanted")
        return [convert(value, depth) for value in values]

    return converted


def _converter(field: FieldDescriptor) -> Convert | None:
    """None where JSON's value is the message's already."""
    if field.message_type is not None:
        plain = _shape(field.message_type).plain
        return _attribute(plain) if field.message_type.name == "KeyValue" else plain
    if field.enum_type is not None:
        return _enum(field.enum_type)
    if field.type == FieldDescriptor.TYPE_BYTES:
        return _hexadecimal if field.name in HEXADECIMAL else _base64
    return _SCALARS.get(field.cpp_type, _integer)


def _attribute(plain: Convert) -> Convert:
    """Attributes are most of what comes, and texts most of them: one look instead of two walks. A point with five
    attributes takes 9.6 µs, from bytes to message, where it took 11.5."""

    def converted(found: Any, depth: int) -> Any:
        try:
            key, value = found["key"], found["value"]
            text = value["stringValue"]
            if len(found) == 2 and len(value) == 1 and key is not None and text is not None:
                return {"key": key, "value": {"string_value": text}}
        except (KeyError, TypeError):  # another value; and what is wrong with it, if anything, is said below
            pass
        return plain(found, depth)

    return converted


def _enum(enum: EnumDescriptor) -> Convert:
    numbers = {value.name: value.number for value in enum.values}
    return lambda value, depth: numbers[value] if value in numbers else _integer(value, depth)


def _hexadecimal(value: Any, depth: int) -> bytes:
    return bytes.fromhex(value)


def _base64(value: Any, depth: int) -> bytes:
    return base64.b64decode(value)


def _integer(value: Any, depth: int) -> int:
    """64-bit integers are texts in JSON."""
    if isinstance(value, bool):
        raise TypeError("a number is wanted")
    return int(value)


def _number(value: Any, depth: int) -> float:
    """Also `"NaN"` and `"Infinity"`."""
    if isinstance(value, bool):
        raise TypeError("a number is wanted")
    return float(value)


_SCALARS: dict[int, Convert | None] = {
    FieldDescriptor.CPPTYPE_STRING: None,
    FieldDescriptor.CPPTYPE_BOOL: None,
    FieldDescriptor.CPPTYPE_DOUBLE: _number,
    FieldDescriptor.CPPTYPE_FLOAT: _number,
}
