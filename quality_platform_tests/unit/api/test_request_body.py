"""Bodies as clients send them: every encoding, none announced, broken ones, and ones that grow beyond the limit."""

from __future__ import annotations

import gzip
import zlib

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.api.ingest.body import decompressed
from quality_platform.api.ingest.contract import RefusedError

PLAIN = b'{"metric": "a", "value": 1}' * 10
LIMIT = 10_000
RAW_DEFLATE = zlib.compress(PLAIN)[2:-4]


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("", PLAIN),
        ("identity", PLAIN),
        ("gzip", gzip.compress(PLAIN, mtime=0)),
        ("GZIP", gzip.compress(PLAIN, mtime=0)),
        ("x-gzip", gzip.compress(PLAIN, mtime=0)),
        ("", gzip.compress(PLAIN, mtime=0)),
        ("gzip", PLAIN),
        ("gzip", gzip.compress(PLAIN[:100], mtime=0) + gzip.compress(PLAIN[100:], mtime=0)),
        ("deflate", zlib.compress(PLAIN)),
        ("deflate", RAW_DEFLATE),
        ("br", brotli.compress(PLAIN)),
        ("gzip, br", brotli.compress(gzip.compress(PLAIN, mtime=0))),
    ],
)
def test_a_body_is_read_however_it_was_compressed(encoding: str, body: bytes) -> None:
    assert decompressed(body, encoding, LIMIT) == PLAIN


@pytest.mark.parametrize("compress", [gzip.compress, zlib.compress, brotli.compress])
def test_a_bomb_is_refused_before_it_unfolds(compress: object) -> None:
    encoding = {"gzip": "gzip", "zlib": "deflate"}.get(compress.__module__, "br")
    bomb = compress(b"\0" * 50_000_000)

    with pytest.raises(RefusedError) as refused:
        decompressed(bomb, encoding, LIMIT)
    assert refused.value.status == 413


@pytest.mark.parametrize(
    ("encoding", "body", "status"),
    [
        ("zstd", PLAIN, 415),
        ("gzip", gzip.compress(PLAIN, mtime=0)[:-8], 400),
        ("br", brotli.compress(PLAIN)[:-3], 400),
        ("deflate", b"\x78nonsense", 400),
        ("", b"x" * (LIMIT + 1), 413),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(encoding: str, body: bytes, status: int) -> None:
    with pytest.raises(RefusedError) as refused:
        decompressed(body, encoding, LIMIT)
    assert refused.value.status == status


@given(st.binary(max_size=300), st.sampled_from(("", "gzip", "br", "deflate", "gzip,br")))
def test_any_bytes_are_read_or_refused(body: bytes, encoding: str) -> None:
    try:
        size, status = len(decompressed(body, encoding, LIMIT)), 400
    except RefusedError as refused:
        size, status = 0, refused.status
    assert size <= LIMIT
    assert status in (400, 413)
