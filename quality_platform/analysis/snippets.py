"""What a place in a file is known by wherever it moves to. Does not belong here: what is found there."""

from __future__ import annotations

import hmac
from collections.abc import Sequence


def snippet_hash(lines: Sequence[bytes], line: int, secret: bytes) -> str | None:
    """Keyed hash of the line without white space: a line may hold a password, which nobody is to find by trying."""
    if not 1 <= line <= len(lines):
        return None
    return hmac.digest(secret, b"".join(lines[line - 1].split()), "sha256").hex()[:32]
