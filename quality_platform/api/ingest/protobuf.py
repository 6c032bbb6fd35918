"""Protobuf messages whose generated code no maintained wheel brings, built when they are imported (0.2 ms).

Belongs here: from a table of fields to message classes. Does not belong here: any protocol's messages.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

Fields = Mapping[str, tuple[int, str]]
"""Number and type by name; the type is one of protobuf's, a message of the same table, or either after `repeated `."""


def message_classes(package: str, messages: Mapping[str, Fields]) -> Mapping[str, Any]:
    """Classes by name. In a pool of their own, because another library's code may bring the same names."""
    file = descriptor_pb2.FileDescriptorProto(name=f"{package}.proto", package=package, syntax="proto3")
    for name, fields in messages.items():
        message = file.message_type.add(name=name)
        for field_name, (number, kind) in fields.items():
            _add(message, package, field_name, number, kind)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{package}.{name}")) for name in messages}


def _add(message: Any, package: str, name: str, number: int, kind: str) -> None:
    kinds = descriptor_pb2.FieldDescriptorProto
    word = kind.removeprefix("repeated ")
    field = message.field.add(name=name, number=number)
    field.label = kinds.LABEL_OPTIONAL if word == kind else kinds.LABEL_REPEATED
    if word[0].isupper():
        field.type, field.type_name = kinds.TYPE_MESSAGE, f".{package}.{word}"
    else:
        field.type = kinds.Type.Value(f"TYPE_{word.upper()}")
