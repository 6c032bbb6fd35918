"""Encryption of secrets that the state database keeps, such as the addresses and passwords of channels.

AES-256-GCM under a key derived (HKDF-SHA256, RFC 5869) from the platform's secret, so that a copy of the database alone
gives none of them away. `place` names what a text belongs to: sealed in one place, it cannot be opened in another.

Belongs here: sealing text and opening it. Does not belong here: what is secret (`model/`), the spool's own key.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from functools import cached_property
from typing import TYPE_CHECKING

from quality_platform.errors import StateError
from quality_platform.settings import Settings

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PREFIX = "sealed:1:"
NONCE_BYTES = 12


class Seal:
    """Seals and opens text with the platform's secret. Cheap to make: the key is derived when first used."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def seal(self, plain: str, place: str) -> str:
        """What may be kept of `plain`."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, plain.encode(), place.encode())
        return PREFIX + base64.b64encode(sealed).decode()

    def open(self, sealed: str, place: str) -> str:
        """The plain text. Raises StateError where the secret is another one, or the text was changed or moved."""
        from cryptography.exceptions import InvalidTag

        try:
            content = base64.b64decode(sealed.removeprefix(PREFIX), validate=True)
            return self._cipher.decrypt(content[:NONCE_BYTES], content[NONCE_BYTES:], place.encode()).decode()
        except (InvalidTag, binascii.Error, ValueError):
            raise StateError(
                f"What is kept of {place} cannot be opened with this platform's secret.",
                hint="Is QUALITY_PLATFORM_SECRET_KEY, or secret.key in the home, the one that it was made with?",
            ) from None

    @cached_property
    def _cipher(self) -> AESGCM:
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        derive = HKDF(hashes.SHA256(), 32, salt=None, info=b"quality_platform state")
        return AESGCM(derive.derive(self._settings.secret))
