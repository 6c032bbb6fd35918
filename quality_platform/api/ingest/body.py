"""A request's body: read within bounds, decompressed within bounds.

Belongs here: Content-Encoding, compressed bytes that nobody announced, bombs. Does not belong here: what is inside.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable

import brotli
import cramjam

from quality_platform.api.ingest.contract import RefusedError

GZIP_MAGIC = b"\x1f\x8b"
_CHUNK = 64 * 1024


def decompressed(body: bytes, encoding: str, limit: int) -> bytes:
    """The plain bytes. Raises RefusedError: 413 when they would exceed `limit`, 415 for an encoding that is unknown,
    400 for bytes that are not what they claim.

    gzip is recognised by its first bytes too: some browser clients compress without saying so.
    """
    plain = body
    for name in reversed([part.strip().lower() for part in encoding.split(",") if part.strip()]):
        if name == "identity":
            continue
        if name not in _DECODERS:
            raise RefusedError(415, "encoding", f"Content-Encoding {name[:40]!r} is not known; send gzip, br or none.")
        if name in ("gzip", "x-gzip") and not plain.startswith(GZIP_MAGIC):
            continue  # announced, but already undone by a proxy
        plain = _DECODERS[name](plain, limit)
    if not encoding.strip() and plain.startswith(GZIP_MAGIC):
        plain = _gzip(plain, limit)
    if len(plain) > limit:
        raise too_large(limit)
    return plain


def too_large(limit: int) -> RefusedError:
    """The refusal of a body beyond `limit` bytes."""
    return RefusedError(413, "too_large", f"The body is larger than {limit:,} bytes, the limit; send smaller batches.")


def _inflate(body: bytes, limit: int, window: int) -> bytes:
    engine = zlib.decompressobj(window)
    try:
        plain = engine.decompress(body, limit + 1)
        if engine.eof and engine.unused_data.startswith(GZIP_MAGIC) and len(plain) <= limit:
            return plain + _inflate(engine.unused_data, limit - len(plain), window)
    except zlib.error as error:
        raise _broken("gzip") from error
    if len(plain) > limit or engine.unconsumed_tail:
        raise too_large(limit)
    if not engine.eof:
        raise _broken("gzip")
    return plain


def _gzip(body: bytes, limit: int) -> bytes:
    return _inflate(body, limit, zlib.MAX_WBITS | 16)


def _deflate(body: bytes, limit: int) -> bytes:
    # some send raw deflate, some with zlib's header
    return _inflate(body, limit, zlib.MAX_WBITS if body[:1] == b"\x78" else -zlib.MAX_WBITS)


def _brotli(body: bytes, limit: int) -> bytes:
    engine = brotli.Decompressor()
    parts, size, rest = [], 0, body
    try:
        while not engine.is_finished():
            part = engine.process(rest, output_buffer_limit=_CHUNK)
            rest = b""
            size += len(part)
            if size > limit:
                raise too_large(limit)
            if not part and engine.can_accept_more_data():
                raise _broken("br")
            parts.append(part)
    except brotli.error as error:
        raise _broken("br") from error
    return b"".join(parts)


def _snappy(body: bytes, limit: int) -> bytes:
    """Raw snappy, as Prometheus sends it. The size stands before the content, and the library believes it."""
    try:
        if cramjam.snappy.decompress_raw_len(body) > limit:
            raise too_large(limit)
        return bytes(cramjam.snappy.decompress_raw(body))
    except cramjam.DecompressionError as error:
        raise _broken("snappy") from error


def _broken(name: str) -> RefusedError:
    return RefusedError(400, "encoding", f"The body is not complete {name}; Content-Encoding says it is.")


_DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gzip, "x-gzip": _gzip, "deflate": _deflate, "br": _brotli, "snappy": _snappy,
}  # fmt: skip
