"""The webhook channel: signed JSON as Standard Webhooks 1.0 describes it.

The id stays the same at every attempt, so that a receiver can drop repeats; timestamp and signature are new
each time, so that it can refuse old ones.
"""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime

import orjson

from quality_platform.errors import ConfigurationError
from quality_platform.model.channels import WebhookChannel
from quality_platform.notifications.delivery import Delivery, Receipt, Sender
from quality_platform.notifications.formats import text
from quality_platform.notifications.http import post_json
from quality_platform.notifications.network import Network
from quality_platform.notifications.plain import cleaned
from quality_platform.notifications.secrets import Secrets, revealed

# Standard Webhooks asks for keys of 24 to 64 bytes.
SHORTEST_KEY, LONGEST_KEY = 24, 64


def build(config: WebhookChannel, network: Network, secrets: Secrets) -> Sender:
    """A sender to the configured URL; several secrets apart by spaces sign side by side while one is replaced."""
    settings = config.configuration
    url = revealed(settings.url, secrets, channel=config.name, field="url")
    keys: tuple[bytes, ...] = ()
    if settings.signing_secret is not None:
        secret = revealed(settings.signing_secret, secrets, channel=config.name, field="signing_secret")
        keys = tuple(_key(part, config.name) for part in secret.split())
    return lambda delivery: send(delivery, url=url, keys=keys, network=network)


def send(delivery: Delivery, *, url: str, keys: tuple[bytes, ...], network: Network) -> Receipt:
    """POST the delivery once."""
    body = encoded(delivery)
    answer = post_json(url, body, network, signed(delivery.message_id, datetime.now(UTC), body, keys))
    return Receipt(answer.status, f"accepted with {answer.status}")


def encoded(delivery: Delivery) -> bytes:
    """The body: `type`, `timestamp` of the message and its `data`. Equal deliveries give equal bytes."""
    message = cleaned(delivery.message)
    words = {"title": message.title, "summary": message.summary, "tone": message.tone, "text": text.render(message)}
    return orjson.dumps(
        {
            "type": delivery.kind,
            "timestamp": delivery.created_at,
            "data": {**words, **delivery.payload},
        },
        option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC,
    )


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
