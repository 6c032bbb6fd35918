"""A record into a row of `raw.usage_events`.

Belongs here: which field means what, what every event must have, pseudonyms. Does not belong here: decoding
(`records.py`), or what is hidden in properties (`privacy/`).
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from quality_platform.collectors.fields import lookup, printable
from quality_platform.collectors.instants import not_ahead, parse_instant
from quality_platform.collectors.privacy.properties import safe_json
from quality_platform.collectors.pseudonym import pseudonym
from quality_platform.model.configuration import EventMapping

MAX_ID = 200

Getter = Callable[[dict[str, Any]], object]


class RefusedEventError(Exception):
    """An event lacks something. `field` is the mapping's key."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


class UsageEvent(NamedTuple):
    """What an event must have, and the rest as JSON. `clock_ahead`: its time was in the future; `cut`: properties
    were left out."""

    event_id: str | None
    time: int
    name: str
    user_key: str
    session: str | None
    properties: str
    feature: str | None
    release: str | None
    environment: str | None
    clock_ahead: bool
    cut: bool


class EventReader:
    """Makes events of records, according to one mapping."""

    def __init__(
        self, mapping: EventMapping, drop: tuple[str, ...], *, project: str, secret: bytes, now: datetime
    ) -> None:
        self._mapping = mapping
        self._project = project
        self._secret = secret
        self._now = now
        names = mapping.model_dump()
        self._get: dict[str, Getter] = {key: _getter(name) for key, name in names.items()}
        self._taken = frozenset((*names.values(), *drop))
        self._nested = tuple(name for name in self._taken if "." in name)

    def read(self, record: dict[str, Any]) -> UsageEvent:
        """The event. Raises RefusedEventError, which names the field and its key in the mapping."""
        time, ahead = not_ahead(self._time(record), self._now)
        name = self._required(record, "event_name")
        user = pseudonym(self._secret, self._project, self._required(record, "user"))
        properties, cut = safe_json(self._properties(record))
        return UsageEvent(
            event_id=self._event_id(record),
            time=time,
            name=printable(name, 500),
            user_key=user,
            session=self._optional(record, "session", MAX_ID),
            properties=properties,
            feature=self._optional(record, "feature", 500),
            release=self._optional(record, "release", 200),
            environment=self._optional(record, "environment", 200),
            clock_ahead=ahead,
            cut=cut,
        )

    def shown(self, record: dict[str, Any]) -> str:
        """A refused record as JSON, as safe as an accepted one."""
        properties = self._without(record, frozenset((self._mapping.user,)))
        return safe_json({**properties, self._mapping.user: "[user]"})[0]

    def _time(self, record: dict[str, Any]) -> int:
        value = self._get["event_time"](record)
        if value is None or value == "":
            raise self._missing("event_time")
        instant = parse_instant(value)
        if instant is None:
            raise self._refusal("event_time", "is no time; write ISO 8601 or seconds since 1970")
        return instant

    def _event_id(self, record: dict[str, Any]) -> str | None:
        text = _identifier(self._get["event_id"](record))
        if not text:
            return None
        # cutting a long one could make two events one
        return hashlib.sha256(text.encode()).hexdigest() if len(text) > MAX_ID else printable(text, MAX_ID)

    def _required(self, record: dict[str, Any], key: str) -> str:
        value = self._get[key](record)
        text = _identifier(value)
        if text is None:
            raise self._refusal(key, "is neither text nor a whole number; map a field inside it, such as user.id")
        if not text:
            raise self._missing(key)
        return text

    def _optional(self, record: dict[str, Any], key: str, limit: int) -> str | None:
        text = _identifier(self._get[key](record))
        return printable(text, limit) if text else None

    def _missing(self, key: str) -> RefusedEventError:
        return self._refusal(key, "is missing")

    def _refusal(self, key: str, what: str) -> RefusedEventError:
        field = getattr(self._mapping, key)
        return RefusedEventError(key, f"The field {field!r} {what} (mapping.{key}).")

    def _properties(self, record: dict[str, Any]) -> dict[str, Any]:
        return self._without(record, self._taken)

    def _without(self, record: dict[str, Any], names: frozenset[str]) -> dict[str, Any]:
        kept = {name: value for name, value in record.items() if name not in names}
        for name in self._nested:
            if name in names:
                _remove(kept, name)
        return kept


def _identifier(value: object) -> str | None:
    """Text of an identifier, "" where there is none; None when the value cannot be one."""
    if isinstance(value, str):
        return value.strip()
    if value is None:
        return ""
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _getter(name: str) -> Getter:
    if "." not in name:
        return lambda record: record.get(name)
    return lambda record: lookup(record, name)


def _remove(record: dict[str, Any], name: str) -> None:
    """Takes the field `a.b` out of object a; the objects on the way are copied, not changed."""
    first, _, rest = name.partition(".")
    inner = record.get(first)
    if not isinstance(inner, dict):
        return
    inner = dict(inner)
    if "." in rest and rest not in inner:
        _remove(inner, rest)
    else:
        inner.pop(rest, None)
    if inner:
        record[first] = inner
    else:
        del record[first]
