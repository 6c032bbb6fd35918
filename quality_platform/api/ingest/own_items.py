"""What the three doors of own JSON share: items judged by a model, answers item by item, identities.

Belongs here: judging, answering, decoding item by item. Does not belong here: what an item must have
(`own_metrics.py`, `own_errors.py`, `own_events.py`), its documentation (`api/openapi.py`), bodies (`own_bodies.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, get_type_hints

import orjson
from pydantic import AfterValidator, Strict, TypeAdapter, ValidationError, WithJsonSchema

from quality_platform.api.ingest import answers, keys
from quality_platform.api.ingest.contract import Answer, Checked, Decoded, Decoding, Door, Group, Inbound, Refusal
from quality_platform.api.ingest.identity import own_id, request_digest
from quality_platform.api.ingest.own_bodies import items_of
from quality_platform.api.ingest.rows import Row, instant
from quality_platform.collectors.privacy.properties import safe_json
from quality_platform.model.batch import batch_id
from quality_platform.spool.item import Entry

MOST_NAMED = 100
KEY_HEADERS = ("idempotency-key", "x-idempotency-key")
PERSONAL = ("user", "session")
"""Fields of a refused item that name a person."""


def _moment(value: str | float) -> int:
    found = instant(value)
    if found is None:
        raise ValueError("no time")
    return found


Moment = Annotated[
    str | int | float,
    AfterValidator(_moment),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "number", "minimum": 1e8, "maximum": 9e18}]}
    ),
]
"""An instant; microseconds since 1970 once it is validated."""
Identifier = str | Annotated[int, Strict()]


@dataclass(frozen=True)
class Items:
    """Items of one kind: their model (a TypedDict whose fields are described), where they go."""

    category: str
    table: str
    names: Sequence[str]
    model: Any
    example: Mapping[str, object]

    @property
    def title(self) -> str:
        """The model's name."""
        return str(self._model.__name__)

    @property
    def example_text(self) -> str:
        """The example as a line of JSON."""
        return orjson.dumps(self.example).decode()

    @property
    def _model(self) -> Any:
        """The TypedDict itself, without the checks around it."""
        return getattr(self.model, "__origin__", self.model)

    @cached_property
    def adapter(self) -> TypeAdapter[list[Any]]:
        """Judges a list at once: 1 µs an item, 20 times as quick as rules in Python."""
        return TypeAdapter(list[self.model])  # type: ignore[name-defined]

    @cached_property
    def wanted(self) -> Mapping[str, str]:
        """What each field must be, in the words of the documentation, so that both say the same."""
        hints = get_type_hints(self._model, include_extras=True)
        return {name: _described(hint) for name, hint in hints.items()}

    def judged(self, items: list[Any]) -> tuple[list[Any], dict[int, Fault]]:
        """The good items as the model reads them, and what is wrong with the others, by index."""
        try:
            return self.adapter.validate_python(items), {}
        except ValidationError as error:
            faults: dict[int, Fault] = {}
            for each in error.errors(include_input=False, include_url=False, include_context=False):
                index, *path = each["loc"]
                faults.setdefault(int(index), self._fault(str(path[0]) if path else None))
        return self.adapter.validate_python([item for n, item in enumerate(items) if n not in faults]), faults

    def _fault(self, name: str | None) -> Fault:
        if name is None:
            return None, f"An item is an object such as {self.example_text}"
        wanted = self.wanted.get(name, "as documented")
        said = wanted if wanted[1].isupper() else f"{wanted[0].lower()}{wanted[1:]}"  # ISO stays ISO
        return name, f"{name} must be {said}"


Fault = tuple[str | None, str]
"""The field that is wrong, and what it must be."""


def _described(hint: Any) -> str:
    for one in (hint, *getattr(hint, "__args__", ())):
        for part in getattr(one, "__metadata__", ()):
            if description := getattr(part, "description", None):
                return str(description)
    return "as documented."


@dataclass(frozen=True, slots=True)
class Origin:
    """What a row needs to know besides its item. `position` says where the item stood in the request."""

    entry: Entry
    decoding: Decoding
    identity: str | None
    """Identity of the item for the drain: its own, or of the request's key and its position."""
    event_id: str


MakeRow = Callable[[Any, Origin], Row]


def check(kind: Items, inbound: Inbound) -> Checked:
    """Judge every item now, so that the sender learns which were refused and why."""
    if inbound.method != "POST":
        return Checked(Answer(405, b'{"detail":"Send items with POST.","reason":"method"}', headers=_ALLOW), {})
    items = items_of(inbound.body, inbound.media_type, kind.names, kind.category)
    faults = kind.judged(items)[1]
    body = {
        "accepted": len(items) - len(faults),
        "rejected": len(faults),
        "errors": [
            {"index": index, "field": name, "message": message}
            for index, (name, message) in sorted(faults.items())[:MOST_NAMED]
        ],
    }
    answer = answers.as_json(body, status=202 if body["accepted"] else 400)
    return Checked(answer, {kind.category: len(items)}, _key(inbound))


_ALLOW = {"allow": "POST, OPTIONS"}


def _key(inbound: Inbound) -> dict[str, object]:
    key = next((inbound.headers[name] for name in KEY_HEADERS if inbound.headers.get(name)), None)
    # hashed, since it is the client's own text and may be anything
    return {"idempotency_key": batch_id(key)} if key else {}


def read(kind: Items, entry: Entry) -> tuple[list[Any], Decoded]:
    """The good items, and what became of the others."""
    items = items_of(entry.body, str(entry.meta.get("media_type", "")), kind.names, kind.category)
    good, faults = kind.judged(items)
    refused = [_refusal(kind, items[index], *fault) for index, fault in faults.items()]
    return good, Decoded(Counter({kind.category: len(items)}), refused=refused)


def decode_each(kind: Items, row: MakeRow, entry: Entry, decoding: Decoding) -> Decoded:
    """One group for each item, since each may have an identity of its own."""
    good, decoded = read(kind, entry)
    key = entry.meta.get("idempotency_key")
    request = request_digest(entry)
    for number, item in enumerate(good):
        own = own_id(item.get("event_id"))
        identity = own or (f"{key}-{number}" if key else None)
        origin = Origin(entry, decoding, identity, identity or f"{request}-{number}")
        decoded.groups.append(Group(kind.category, identity, [(kind.table, row(item, origin))]))
    return decoded


def door(kind: Items, decode: Callable[[Entry, Decoding], Decoded], *, name: str, title: str, description: str) -> Door:
    """A door of own JSON."""
    return Door(
        name=name,
        title=title,
        description=description,
        paths=(f"/api/v1/ingest/{name}",),
        key=keys.from_header,
        check=lambda inbound: check(kind, inbound),
        decode=decode,
        tables=(kind.table,),
        refused=answers.refused_as_json,
        cross_origin=True,
    )


def _refusal(kind: Items, item: Any, name: str | None, message: str) -> Refusal:
    reason = f"invalid_{name}" if name else "invalid"
    return Refusal(kind.category, reason, message, name, safe_original(item), table=kind.table)


def safe_original(item: Any, personal: Sequence[str] = PERSONAL) -> bytes:
    """A refused item as safe as an accepted one; the fields called `personal` are hidden."""
    if isinstance(item, dict):
        return safe_json({**item, **{name: f"[{name}]" for name in personal if name in item}})[0].encode()
    return safe_json({"item": item.decode("utf-8", "replace") if isinstance(item, bytes) else item})[0].encode()
