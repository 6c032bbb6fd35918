"""Identities: sortable ones for what happens, stable ones for what is watched."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from datetime import datetime


def new_id(now: datetime) -> str:
    """A UUID of version 7 (RFC 9562, 5.7): sorts by `now` to the millisecond, random beyond."""
    milliseconds = int(now.timestamp() * 1000)
    bits = milliseconds << 80 | 7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=bits))


def fingerprint(rule_key: str, series_key: str) -> str:
    """Identity of one rule on one series, the same in every process: 32 hexadecimal digits."""
    return hashlib.sha256(f"{rule_key}\0{series_key}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
