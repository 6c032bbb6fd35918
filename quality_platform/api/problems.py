"""Errors as answers: `application/problem+json` (RFC 9457), the same shape on every route for people and programs.

Belongs here: the shape, and the words for what a request's fields got wrong. Does not belong here: which failure has
which status (`failures.py`), Alertmanager's own interface, whose clients expect a plain text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from http.client import responses
from typing import Any

from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from quality_platform.model.alerts import AlertType
from quality_platform.model.channels import ChannelConfig

MEDIA_TYPE = "application/problem+json"
MOST_FIELDS = 50
_PLACES = frozenset(("body", "query", "path", "header", "cookie"))
# a check of a model as a whole has no place; its sentence names the fields
_NAMED = re.compile(r"\b(operator|matchers|comment|[a-z]+(?:_[a-z]+)+)\b")


class WrongField(BaseModel):
    """One field that is wrong."""

    field: str = Field(description="Where it stands, such as `configuration.webhook_url` or `[2].metric_name`.")
    message: str = Field(description="What it must be.")


class Problem(BaseModel):
    """Why the request was not done."""

    type: str = Field(default="about:blank", description="Always `about:blank`: `status` and `title` say the kind.")
    title: str = Field(description="The status in words.")
    status: int
    detail: str = Field(description="What was wrong, and what to do about it.")
    errors: list[WrongField] | None = Field(default=None, description="With 422: every field that is wrong.")
    current: str | None = Field(default=None, description="With 409 and 412: how things stand.")


def answer(status: int, detail: str, *, headers: Mapping[str, str] | None = None, **more: Any) -> JSONResponse:
    """The problem as a response; `more` are members beyond those of the RFC."""
    body = {"type": "about:blank", "title": responses.get(status, "Error"), "status": status, "detail": detail, **more}
    return JSONResponse(body, status, dict(headers or {}), MEDIA_TYPE)


def wrong_fields(errors: Sequence[Any]) -> list[dict[str, str]]:
    """Pydantic's errors as fields and sentences. What was sent is not repeated: it may be a secret."""
    found = {_field(each): _sentence(each) for each in errors[:MOST_FIELDS]}
    return [{"field": field, "message": message} for field, message in found.items()]


def summary(fields: Sequence[Mapping[str, str]]) -> str:
    """The first of `fields` in a sentence, and how many more there are."""
    if not fields:
        return "The request cannot be understood."
    first, more = fields[0], len(fields) - 1
    told = f"{first['field']}: {first['message']}" if first["field"] else first["message"]
    return f"{told} ({more} more)" if more else told


def _field(error: Mapping[str, Any]) -> str:
    parts = [part for part in error["loc"] if part not in _TAGS and not str(part).startswith(("function-", "tagged-"))]
    if parts and parts[0] in _PLACES:
        parts = parts[1:]
    if parts and error["type"] == "json_invalid":
        return ""
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts).lstrip(".")
    named = _NAMED.search(_sentence(error)) if error["type"] == "value_error" else None
    if named is None or path.endswith(named.group()):
        return path
    return f"{path}.{named.group()}".lstrip(".") if not parts or isinstance(parts[-1], int) else path


def _sentence(error: Mapping[str, Any]) -> str:
    if error["type"] == "json_invalid":
        return "the body is not JSON"
    return str(error["msg"]).removeprefix("Value error, ")


def _tags() -> frozenset[str]:
    """What pydantic puts into an error's path for the branch of a union, which is no place in the body."""
    from typing import get_args

    channels = {model.model_fields["channel_type"].default for model in get_args(get_args(ChannelConfig)[0])}
    return frozenset({"one", "many", "text", "object", *channels, *get_args(AlertType)})


_TAGS = _tags()
