"""Secrets that are shown once: made at random, kept as a digest.

SHA-256 without salt or stretching is enough, because what is hashed has 160 random bits: there is nothing to guess.
"""

from __future__ import annotations

import hashlib
import secrets

SHOWN = 8
"""Characters after the prefix that lists show, so that a person can tell secrets apart."""


def new(prefix: str) -> str:
    """`prefix` and 40 hexadecimal digits; letters, digits and `_` alone, which every client takes."""
    return f"{prefix}{secrets.token_hex(20)}"


def digest(secret: str) -> str:
    """What is kept of it."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def shown(secret: str, prefix: str) -> str:
    """The beginning, for lists."""
    return secret[: len(prefix) + SHOWN]
