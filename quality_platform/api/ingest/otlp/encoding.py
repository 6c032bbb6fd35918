"""Requests in either of OTLP's encodings, and answers in the same one.

Belongs here: protobuf, JSON, statuses. Does not belong here: what a request holds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson
from google.protobuf.message import DecodeError

from quality_platform.api.ingest.contract import JSON, Answer, Checked, Inbound, RefusedError
from quality_platform.api.ingest.otlp.from_json import message
from quality_platform.api.ingest.protobuf import message_classes
from quality_platform.spool.item import Entry

PROTOBUF = "application/x-protobuf"
MOST_ITEMS = 50_000
_IDENTITY = "identity"

# google.rpc.Status, as far as OTLP uses it
Status = message_classes("quality.rpc", {"Status": {"code": (1, "int32"), "message": (2, "string")}})["Status"]

# google.rpc.Code
_CODES = {400: 3, 401: 16, 403: 7, 413: 8, 415: 3, 429: 8, 503: 14}
_UNKNOWN = 2


def speaks_json(media_type: str, body: bytes) -> bool:
    """Whether a body is JSON. Where the type does not say, a brace decides: no protobuf message begins with one."""
    if "protobuf" in media_type or "json" in media_type:
        return "json" in media_type
    return body.startswith(b"{")


def parsed(kind: Any, body: bytes, media_type: str, category: str) -> Any:
    """The message of class `kind` in a body. Raises RefusedError, 400, where there is none."""
    try:
        if speaks_json(media_type, body):
            return message(kind, orjson.loads(body) if body else {})
        return kind.FromString(body)
    except (DecodeError, TypeError, ValueError, OverflowError) as error:
        name = "JSON" if speaks_json(media_type, body) else "protobuf"
        raise RefusedError(400, "undecodable", f"The body is not {kind.DESCRIPTOR.name} in {name}.",
                           items={category: 1}) from error  # fmt: skip


def within(found: int, category: str, most: int = MOST_ITEMS) -> int:
    """`found`, the number of items. Raises RefusedError, 413, when they are too many for one request."""
    if found > most:
        message = f"The request holds more than {most:,} items; send smaller batches."
        raise RefusedError(413, "too_many", message, items={category: found})
    return found


def checked(inbound: Inbound, request: Any, answer: Answer, items: Mapping[str, int]) -> Checked:
    """A request that is let in. JSON is kept as protobuf, which is a third as long and is read in a fortieth of
    the time; its identity stays that of the bytes that came, because those are what a retry repeats."""
    if not items or not speaks_json(inbound.media_type, inbound.body):
        return Checked(answer, items)
    meta = {"media_type": PROTOBUF, _IDENTITY: _hash(inbound.body)}
    return Checked(answer, items, meta, kept=request.SerializeToString())


def identity_of(entry: Entry) -> str:
    """Identity of a request, which a retry repeats."""
    return str(entry.meta.get(_IDENTITY) or _hash(entry.body))


def _hash(body: bytes) -> str:
    return hashlib.blake2b(body, digest_size=16).hexdigest()


def accepted(inbound: Inbound, response: Any, field: str, reasons: Mapping[str, int]) -> Answer:
    """200: an empty response, or a partial success that says how many were refused and why."""
    made = response()
    if reasons:
        setattr(made.partial_success, field, sum(reasons.values()))
        made.partial_success.error_message = " ".join(sorted(reasons))
    if not speaks_json(inbound.media_type, inbound.body):
        return Answer(200, made.SerializeToString(), PROTOBUF)
    if not reasons:
        return Answer(200, b"{}", JSON)
    partial = made.partial_success
    name = partial.DESCRIPTOR.fields_by_name[field].json_name
    # 64-bit integers are texts in protobuf's JSON
    said = {name: str(getattr(partial, field)), "errorMessage": partial.error_message}
    return Answer(200, orjson.dumps({"partialSuccess": said}), JSON)


def refused(error: RefusedError) -> Answer:
    """A `google.rpc.Status`, in the request's encoding."""
    code = _CODES.get(error.status, _UNKNOWN)
    if "protobuf" in error.media_type:
        return Answer(error.status, Status(code=code, message=error.message).SerializeToString(), PROTOBUF)
    return Answer(error.status, orjson.dumps({"code": code, "message": error.message}), JSON)
