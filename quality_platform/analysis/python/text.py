"""From the bytes of a Python file to its text. Does not belong here: lines or tokens."""

from __future__ import annotations

import io
import tokenize


def decoded(content: bytes) -> str:
    """The text of a Python file, by its byte order mark or cookie; Latin-1 where those are wrong."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        return io.TextIOWrapper(io.BytesIO(content), encoding).read()
    except (SyntaxError, UnicodeDecodeError, LookupError):
        return io.TextIOWrapper(io.BytesIO(content), "latin-1").read()
