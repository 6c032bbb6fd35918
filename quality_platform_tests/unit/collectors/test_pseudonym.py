"""The keyed hash in place of an identifier."""

from __future__ import annotations

import hashlib
import hmac

from quality_platform.collectors.pseudonym import pseudonym


def test_it_is_the_published_hmac_of_project_and_identifier() -> None:
    """Oracle: HMAC written out as RFC 2104 defines it."""
    key, message = b"secret".ljust(64, b"\0"), "shop\0jörg".encode()
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key) + message).digest()
    outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in key) + inner).hexdigest()
    assert pseudonym(b"secret", "shop", "jörg") == outer[:32]


def test_project_secret_and_identifier_all_matter() -> None:
    keys = {
        pseudonym(b"s", "a", "bob"),
        pseudonym(b"s", "b", "bob"),
        pseudonym(b"t", "a", "bob"),
        pseudonym(b"s", "a", "eve"),
    }
    assert len(keys) == 4
    assert all(len(key) == 32 for key in keys)


def test_an_identifier_that_is_no_valid_text_is_hashed_too() -> None:
    assert pseudonym(b"s", "a", "\udcff") == hmac.digest(b"s", b"a\0\xff", "sha256").hex()[:32]
