"""Where clients put the ingest key: bearer token, basic user, header, query, body. One function for each habit."""

from __future__ import annotations

import base64
import binascii

from quality_platform.api.ingest.contract import Inbound


def from_header(inbound: Inbound) -> str | None:
    """`Authorization: Bearer KEY`, `Authorization: Basic base64(KEY:)` or `X-Quality-Key: KEY`."""
    given = inbound.headers.get("x-quality-key")
    if given:
        return given.strip()
    scheme, _, value = inbound.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip() or None
    return _basic_user(value) if scheme.lower() == "basic" else None


def _basic_user(value: str) -> str | None:
    """The user, or the password where there is no user."""
    try:
        user, _, password = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return user or password or None
