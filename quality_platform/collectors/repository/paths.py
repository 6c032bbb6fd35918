"""Paths as text. Git's are bytes in any encoding; the lake's are text.

A path in UTF-8 stands as it is. Any other, and one that begins with a double quote, stands as git itself
quotes it: in double quotes, with `\\"`, `\\\\` and `\\ooo` (three octal digits) for each byte that is no UTF-8.
That keeps it readable, and the bytes can be had back.
"""

from __future__ import annotations

PATH_LIMIT = 4096
"""Characters; the longest path that Linux opens."""


def readable(path: bytes) -> str:
    """`path` as text, quoted where it must be."""
    try:
        text = path.decode("utf-8")
    except UnicodeDecodeError:
        return _quoted(path)
    return _quoted(path) if text.startswith('"') else text


def _quoted(path: bytes) -> str:
    text = path.replace(b"\\", b"\\\\").replace(b'"', b'\\"').decode("utf-8", "surrogateescape")
    escaped = (f"\\{ord(char) - 0xDC00:03o}" if "\udc80" <= char <= "\udcff" else char for char in text)
    return f'"{"".join(escaped)}"'
