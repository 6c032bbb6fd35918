"""One line of JSON into an object, forgiving what loggers get wrong.

Belongs here: decoding. Does not belong here: the meaning of the fields (`json_line.py`).
"""

from __future__ import annotations

import json
from typing import Any

import orjson


def decode_object(line: bytes) -> dict[str, Any] | str:
    """The object in `line`, or why there is none.

    NaN, Infinity and broken UTF-8, which loggers do write, are accepted: an error must not get lost because of
    a number beside it.
    """
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        value = _decode_leniently(line)
        if value is None:
            return f"The line is not valid JSON: {error.msg} at column {error.colno}."
    return value if isinstance(value, dict) else "The line is valid JSON, but not an object."


def _decode_leniently(line: bytes) -> object:
    try:
        value = json.loads(line.decode("utf-8", "replace"))
        # half characters (\\ud800) become question marks, because no database stores them
        return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
