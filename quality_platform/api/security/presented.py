"""Where a client puts its secret: a bearer token, or the password of basic authentication.

Alertmanager's own clients know both and nothing else; with basic authentication the user's name says nothing.

Belongs here: reading the header. Does not belong here: whose secret it is (`bearer.py`).
"""

from __future__ import annotations

import base64
import binascii


def secret_of(authorization: str | None) -> str | None:
    """The secret in an `Authorization` header; None where there is none that can be read."""
    scheme, _, value = (authorization or "").strip().partition(" ")
    if scheme.lower() == "bearer":
        return value.strip() or None
    return _password(value.strip()) if scheme.lower() == "basic" else None


def _password(value: str) -> str | None:
    try:
        user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return password or user or None
