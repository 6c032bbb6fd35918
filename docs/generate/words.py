"""What a JSON schema allows, in words a person reads: `whole number, 1 to 65535`.

Belongs here: one value. Does not belong here: models made of many (`fields.py`).
"""

from __future__ import annotations

import json
from typing import Any

from docs.generate.markdown import code

Schema = dict[str, Any]

FORMATS = {"path": "path", "password": "secret", "duration": "duration, such as `30s`, `10m` or `24h`"}


def default(value: Schema) -> str:
    """The default as it would be written; a dash for nothing."""
    written = value.get("default")
    if written is None or written == []:
        return "–"
    return code([written if isinstance(written, str) else json.dumps(written)])


def words(schema: Schema) -> str:
    """What a JSON schema allows, in words."""
    if "const" in schema:
        return code([schema["const"]])
    if "enum" in schema:
        return code(schema["enum"])
    if "$ref" in schema:
        return "section"
    if "anyOf" in schema:
        return " or ".join(words(part) for part in schema["anyOf"] if part.get("type") != "null")
    if schema.get("type") == "array":
        least = f", at least {schema['minItems']}" if "minItems" in schema else ""
        return f"list of {words(schema['items'])}{least}"
    return _plain(schema)


def _plain(schema: Schema) -> str:
    kind = schema.get("type")
    if kind == "boolean":
        return "`true` or `false`"
    if kind == "object":
        return "names with text"
    if kind in ("integer", "number"):
        return ("whole number" if kind == "integer" else "number") + _bounds(schema)
    if "pattern" in schema:
        return f"text matching `{schema['pattern']}`"
    return FORMATS.get(schema.get("format", ""), "text")


def _bounds(schema: Schema) -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None and most is not None:
        return f", {least:g} to {most:g}"
    above = f", above {schema['exclusiveMinimum']:g}" if "exclusiveMinimum" in schema else ""
    return above + (f", at least {least:g}" if least is not None else f", at most {most:g}" if most is not None else "")
