"""Answers in JSON, for the doors whose clients read it."""

from __future__ import annotations

import orjson

from quality_platform.api.ingest.contract import Answer, RefusedError


def as_json(value: object, *, status: int = 200) -> Answer:
    """`value` as the body."""
    return Answer(status, orjson.dumps(value))


def refused_as_json(error: RefusedError) -> Answer:
    """What was wrong and what would be accepted."""
    return as_json({"detail": error.message, "reason": error.reason}, status=error.status)
