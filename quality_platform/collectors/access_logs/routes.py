"""From the request that a client sent to the route that it took: the path without query, identities and tokens.

Belongs here: what of a path is its shape and what is somebody's value. Does not belong here: where it stands in a line.

Without this every customer's page is a series of its own, and addresses and tokens in paths would be stored.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote

from quality_platform.collectors.fields import printable
from quality_platform.collectors.privacy.text import scrub

ID = "{id}"
INVALID = "(invalid)"
ROUTE_LIMIT = 1000
SEGMENT_LIMIT = 30
"""Segments of a path that are kept: deeper ones come from scanners and loops of links."""

_CACHED = 512
_METHOD = re.compile(r"[A-Z][A-Z_-]{0,19}")
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]{0,20}://[^/?#]*+", re.IGNORECASE)
_UUID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.IGNORECASE)
_HEXADECIMAL = re.compile(r"(?=[a-f]*\d|.{16})[0-9a-f]{8,}", re.IGNORECASE)
_TOKEN = re.compile(r"[\w~-]{20,}=*")
_TURN = re.compile(r"[A-Za-z](?=\d)|\d(?=[A-Za-z])")
_ADDRESS = re.compile(r"[^@]@[^@]")


def request_of(line: str) -> tuple[str | None, str]:
    """Method and route of a request line (`GET /a/7?b HTTP/1.1`); what is none has the route `(invalid)`."""
    return _request(line) if len(line) <= _CACHED else _request.__wrapped__(line)


def route_of(target: str) -> str:
    """The route of a request's target: a path, or a whole URL."""
    return _route(target) if len(target) <= _CACHED else _route.__wrapped__(target)


def method_of(name: str) -> str | None:
    """The name of a method; None when it is none."""
    return name if _METHOD.fullmatch(name) else None


@lru_cache(maxsize=16_384)
def _request(line: str) -> tuple[str | None, str]:
    method, _, rest = line.partition(" ")
    target = rest.rpartition(" ")[0] if " HTTP/" in rest else rest
    if not target or not _METHOD.fullmatch(method):
        return None, INVALID
    return method, _route.__wrapped__(target)


@lru_cache(maxsize=16_384)
def _route(target: str) -> str:
    path = _ORIGIN.sub("", target, count=1).partition("?")[0].partition("#")[0] or "/"
    segments = path.split("/", SEGMENT_LIMIT + 1)
    if len(segments) > SEGMENT_LIMIT + 1:
        segments[-1] = "…"
    shape = "/".join(_segment(segment) if segment else "" for segment in segments)
    return printable(scrub(shape[: 4 * ROUTE_LIMIT]), ROUTE_LIMIT) or INVALID


def _segment(text: str) -> str:
    """A segment, or `{id}` where it names one thing among many; the ending of a file stays."""
    text = text.partition(";")[0]
    plain = unquote(text) if "%" in text else text
    if _is_id(plain):
        return ID
    stem, dot, ending = plain.partition(".")
    if dot and _is_id(stem) and not ending[:1].isdigit():
        return f"{ID}.{ending}"
    if dot:
        return ".".join(ID if _HEXADECIMAL.fullmatch(part) else part for part in text.split("."))
    return text


def _is_id(text: str) -> bool:
    if text.isdigit() or _UUID.fullmatch(text) or _HEXADECIMAL.fullmatch(text) or _ADDRESS.search(text):
        return True
    # words joined by dashes turn from letters to digits once or twice, random text all the time
    return len(text) >= 20 and bool(_TOKEN.fullmatch(text)) and len(_TURN.findall(text)) >= 3
