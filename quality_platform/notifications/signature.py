"""Signing what is sent, as Standard Webhooks 1.0 describes it.

The id stays the same at every attempt, so that a receiver can drop repeats; timestamp and signature are new each time,
so that it can refuse old ones. While a secret is replaced, the old and the new one sign side by side.
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime

from pydantic import SecretStr

from quality_platform.errors import ConfigurationError
from quality_platform.notifications.secrets import Secrets, revealed

# Standard Webhooks asks for keys of 24 to 64 bytes.
SHORTEST_KEY, LONGEST_KEY = 24, 64


class Keys(tuple[bytes, ...]):
    """Keys to sign with, not shown by `repr`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"Keys({len(self)})"


def keys_of(secret: SecretStr | None, secrets: Secrets, *, channel: str) -> Keys:
    """The keys that a signing secret names, several apart by spaces; none without a secret.

    Raises ConfigurationError where one is none.
    """
    if secret is None:
        return Keys()
    text = revealed(secret, secrets, channel=channel, field="signing_secret")
    return Keys(_key(part, channel) for part in text.split())


def signed(message_id: str, moment: datetime, body: bytes, keys: tuple[bytes, ...]) -> dict[str, str]:
    """The headers; without keys only id and timestamp."""
    from standardwebhooks import Webhook

    headers = {"webhook-id": message_id, "webhook-timestamp": str(int(moment.timestamp()))}
    if keys:
        content = body.decode()
        headers["webhook-signature"] = " ".join(Webhook(key).sign(message_id, moment, content) for key in keys)
    return headers


def _key(secret: str, channel: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        key = b""
    if not SHORTEST_KEY <= len(key) <= LONGEST_KEY:
        raise ConfigurationError(
            f"Channel {channel}: signing_secret must be whsec_ and {SHORTEST_KEY} to {LONGEST_KEY} bytes in base64.",
            hint="Make one with: echo whsec_$(head -c 32 /dev/urandom | base64)",
        )
    return key
