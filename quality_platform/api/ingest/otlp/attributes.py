"""Attributes of resources, points, spans and logs: as labels, or as values.

Belongs here: `AnyValue`, limits, which attribute names the service. Does not belong here: what a span's attributes say
about its operation (`operations.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from quality_platform.collectors.fields import printable

MOST_ATTRIBUTES = 64
MAX_NAME = 200
MAX_LABEL = 500
MAX_DEPTH = 8
UNKNOWN_SERVICE = "unknown_service"
"""What every SDK says, with the program's name after it, when nobody named the service."""

_SERIES = ("service.namespace", "service.instance.id", "deployment.environment", "deployment.environment.name",
           "host.name")  # fmt: skip
"""Resource attributes that tell two series apart."""

Labels = tuple[tuple[str, str], ...]


def labels_of(attributes: Iterable[Any]) -> Labels:
    """Names and texts as they came."""
    # nine of ten values are texts, and asking which of the kinds a value is takes as long as reading it
    return tuple([(each.key, each.value.string_value or _text(each.value)) for each in attributes])


def bounded(labels: Labels) -> dict[str, str]:
    """At most 64 labels of at most 500 characters; of two with one name the later counts."""
    return {name[:MAX_NAME]: text[:MAX_LABEL] for name, text in labels[:MOST_ATTRIBUTES]}


def values_of(attributes: Iterable[Any]) -> dict[str, Any]:
    """Values by name, as Python has them."""
    return {each.key: value(each.value) for each in attributes}


def value(any_value: Any, depth: int = 0) -> Any:
    """What an `AnyValue` holds; None for nothing, bytes in hexadecimal, nothing deeper than 8 levels."""
    kind = any_value.WhichOneof("value")
    if kind is None or depth > MAX_DEPTH:
        return None
    held = getattr(any_value, kind)
    if kind == "array_value":
        return [value(each, depth + 1) for each in held.values]
    if kind == "kvlist_value":
        return {each.key: value(each.value, depth + 1) for each in held.values}
    return held.hex() if kind == "bytes_value" else held


def _text(any_value: Any) -> str:
    held = value(any_value)
    if held is None:
        return ""
    return held if isinstance(held, str) else as_text(held)


def as_text(held: object) -> str:
    """A value as a label or a message has it: numbers plain, truth in small letters, what holds others as JSON."""
    try:
        return orjson.dumps(held).decode()
    except TypeError:  # half characters, integers beyond 64 bits
        return str(held)


@dataclass(frozen=True, slots=True)
class Resource:
    """What sent. `service` is None where neither a service nor a host is named."""

    service: str | None
    labels: Labels
    release: str | None = None
    environment: str | None = None
    language: str | None = None


def resource_of(resource: Any) -> Resource:
    """The resource of a group of points, spans or logs."""
    values = values_of(resource.attributes)
    service, host = _name(values, "service.name"), _name(values, "host.name")
    if service is not None and service.startswith(UNKNOWN_SERVICE):
        service = None
    subject = service or host
    labels = [(name, text) for name in _SERIES if (text := _name(values, name)) is not None and text != subject]
    return Resource(
        service=subject,
        labels=tuple(labels),
        release=_name(values, "service.version"),
        environment=_name(values, "deployment.environment.name") or _name(values, "deployment.environment"),
        language=_name(values, "telemetry.sdk.language"),
    )


def _name(values: Mapping[str, Any], name: str) -> str | None:
    found = text_in(values, name)
    return printable(found, MAX_LABEL) if found else None


def text_in(values: Mapping[str, Any], *names: str) -> str | None:
    """The first of `names` that has a value, as text."""
    for name in names:
        found = values.get(name)
        if found is not None and found != "":
            return found if isinstance(found, str) else as_text(found)
    return None


def number_in(values: Mapping[str, Any], *names: str) -> int | None:
    """The first of `names` that has a whole number, also one in a text."""
    for name in names:
        found = values.get(name)
        if isinstance(found, int) and not isinstance(found, bool):
            return found
        if isinstance(found, str) and found.isdecimal() and len(found) < 19:
            return int(found)
    return None
