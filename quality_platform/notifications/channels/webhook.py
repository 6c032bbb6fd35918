"""The webhook channel: JSON by POST, signed, in our own form or in one that other receivers know.

Does not belong here: the signature (`signature.py`), the forms of other programs (`formats/`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType

import orjson

from quality_platform.errors import ConfigurationError
from quality_platform.model.channels import BodyFormat, WebhookChannel
from quality_platform.notifications.delivery import Delivery, Receipt, Sender
from quality_platform.notifications.formats import alertmanager, slack, text
from quality_platform.notifications.http import post_json
from quality_platform.notifications.network import Network
from quality_platform.notifications.plain import cleaned
from quality_platform.notifications.secrets import Secrets, revealed
from quality_platform.notifications.signature import Keys, keys_of, signed

Body = Callable[[Delivery], bytes]
# dates are written with Z; the same delivery gives the same bytes
_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC


def build(config: WebhookChannel, network: Network, secrets: Secrets) -> Sender:
    """A sender to the configured URL."""
    settings = config.configuration
    url = revealed(settings.url, secrets, channel=config.name, field="url")
    if config.signing_secret is not None and settings.signing_secret is not None:
        raise ConfigurationError(f"Channel {config.name}: signing_secret is given twice.", hint="Keep one of the two.")
    keys = keys_of(config.signing_secret or settings.signing_secret, secrets, channel=config.name)
    body = BODIES[config.format or "quality_platform.v1"](config.name)
    return lambda delivery: send(delivery, url=url, keys=keys, network=network, body=body)


def send(delivery: Delivery, *, url: str, keys: Keys, network: Network, body: Body) -> Receipt:
    """POST the delivery once."""
    content = body(delivery)
    answer = post_json(url, content, network, signed(delivery.message_id, datetime.now(UTC), content, keys))
    return Receipt(answer.status, f"accepted with {answer.status}")


def encoded(delivery: Delivery) -> bytes:
    """The body of our own form: `type`, `timestamp` of the message and its `data`."""
    message = cleaned(delivery.message)
    words = {"title": message.title, "summary": message.summary, "tone": message.tone, "text": text.render(message)}
    content = {
        "type": delivery.kind,
        "timestamp": delivery.created_at,
        "data": {**words, **delivery.payload},
    }
    return orjson.dumps(content, option=_OPTIONS)


def _as_alertmanager(receiver: str) -> Body:
    return lambda delivery: orjson.dumps(alertmanager.render(delivery, receiver), option=_OPTIONS)


def _as_slack(delivery: Delivery) -> bytes:
    return orjson.dumps(slack.render(delivery.message), option=_OPTIONS)


BODIES: Mapping[BodyFormat, Callable[[str], Body]] = MappingProxyType(
    {
        "quality_platform.v1": lambda _receiver: encoded,
        "alertmanager.v4": _as_alertmanager,
        "slack.blocks": lambda _receiver: _as_slack,
    }
)
"""How each form of the body is made, given the channel's name."""
