"""What the three doors of own JSON share: bodies of one object, a list, an envelope or lines; answers item by item.

Belongs here: finding the items and saying which were refused. Does not belong here: what an item must have.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from quality_platform.api.ingest import answers
from quality_platform.api.ingest.contract import Checked, Inbound, Refusal, RefusedError
from quality_platform.collectors.privacy.properties import safe_json
from quality_platform.model.batch import batch_id

MOST_ITEMS = 50_000
MOST_NAMED = 100
LINES = ("application/x-ndjson", "application/jsonl", "application/ndjson", "application/jsonlines")
KEY_HEADERS = ("idempotency-key", "x-idempotency-key")


def items_of(body: bytes, media_type: str, names: Sequence[str]) -> list[Any]:
    """The items of a body: NDJSON, a list, an object that holds a list under one of `names`, or one object.

    A line that is no JSON becomes its bytes, which no door takes. Raises RefusedError, 400, for a body without items.
    """
    if media_type in LINES:
        items = [_line(line) for line in body.splitlines() if line.strip()]
    else:
        items = _document(body, names)
    if not items:
        raise RefusedError(400, "empty", "The body holds no items; send an object, a list, or one object a line.")
    if len(items) > MOST_ITEMS:
        raise RefusedError(413, "too_many", f"The body holds more than {MOST_ITEMS:,} items; send smaller batches.",
                           items={"other": len(items)})  # fmt: skip
    return items


def _line(line: bytes) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return line


def _document(body: bytes, names: Sequence[str]) -> list[Any]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        lines = [line for line in body.splitlines() if line.strip()]
        if len(lines) > 1 and isinstance(_line(lines[0]), dict):  # lines under the content type of one document
            return [_line(line) for line in lines]
        where = f"line {error.lineno}, column {error.colno}"
        raise RefusedError(400, "json", f"The body is not valid JSON: {error.msg} at {where}.") from error
    if isinstance(found, dict):
        for name in names:
            if isinstance(found.get(name), list):
                return list(found[name])
        return [found]
    return found if isinstance(found, list) else [found]


def refusal_of(item: Any, category: str, table: str, name: str | None, message: str) -> Refusal:
    """Why `item` cannot be stored."""
    return Refusal(category, f"invalid_{name}" if name else "invalid", message, name, safe_original(item), table=table)


def safe_original(item: Any) -> bytes:
    """A refused item as safe as an accepted one."""
    if isinstance(item, dict):
        return safe_json(item)[0].encode()
    return safe_json({"item": item.decode("utf-8", "replace") if isinstance(item, bytes) else item})[0].encode()


def respond(inbound: Inbound, items: Sequence[Any], judged: Sequence[object], category: str) -> Checked:
    """202 with what was refused and why; the good ones beside it are kept. 400 when none is good."""
    errors = [
        {"index": index, "field": each.field, "message": each.message}
        for index, each in enumerate(judged)
        if isinstance(each, Refusal)
    ]
    body = {"accepted": len(items) - len(errors), "rejected": len(errors), "errors": errors[:MOST_NAMED]}
    meta: dict[str, object] = {}
    key = next((inbound.headers[name] for name in KEY_HEADERS if inbound.headers.get(name)), None)
    if key:
        # hashed, since it is the client's own text and may be anything
        meta["idempotency_key"] = batch_id(key)
    return Checked(answers.as_json(body, status=202 if body["accepted"] else 400), {category: len(items)}, meta)
