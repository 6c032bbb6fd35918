"""Keyed hashes in place of identifiers, so that a person's name never reaches the lake.

Belongs here: the one function that every collector hashes people with, so that the same person has the same
key in logs, usage events and commits of a project. Does not belong here: making or keeping the secret.
"""

from __future__ import annotations

import hmac

KEY_LENGTH = 32
"""Hexadecimal digits kept: 128 bits, so that two people never share a key by accident."""


def pseudonym(secret: bytes, project: str, identifier: str) -> str:
    """HMAC-SHA256 (RFC 2104) of project and identifier: 32 hexadecimal digits.

    The project is part of the message, so that keys of two projects cannot be joined. Without the secret
    nobody can find an identifier by trying candidates.
    """
    message = f"{project}\0{identifier}".encode("utf-8", "surrogateescape")
    return hmac.digest(secret, message, "sha256").hex()[:KEY_LENGTH]
