"""What a service says in the JSON of its answer. Nothing of it is shown: it may be somebody else's page."""

from __future__ import annotations

import orjson


def says(body: bytes, name: str, value: str) -> bool:
    """Whether `body` is a JSON object whose member `name` is `value`."""
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    return isinstance(answer, dict) and answer.get(name) == value
