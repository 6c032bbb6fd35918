"""Encryption of what lies in the spool, because clients send secrets that are only scrubbed on the way to the lake.

AES-256-GCM; the key is derived (HKDF-SHA256, RFC 5869) from the platform's secret, so that the spool is worth nothing
without it. The tag also tells whether a record is whole, as a checksum would.
"""

from __future__ import annotations

import secrets

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12


class Sealing:
    """Seals and opens bytes with one key."""

    def __init__(self, secret: bytes) -> None:
        derive = HKDF(hashes.SHA256(), 32, salt=None, info=b"quality_platform spool")
        self._cipher = AESGCM(derive.derive(secret))

    def seal(self, plain: bytes, label: bytes | None = None) -> bytes:
        """Nonce and ciphertext. `label` stands beside it, readable, and must be the same to open it."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, label)

    def open(self, sealed: bytes, label: bytes | None = None) -> bytes:
        """The plain bytes. Raises cryptography's InvalidTag for another key, another label, or changed bytes."""
        return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], label)
