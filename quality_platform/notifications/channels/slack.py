"""The Slack channel: an incoming webhook. Slack knows no message id, so a message that may be a repeat says so."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson

from quality_platform.errors import DeliveryError
from quality_platform.model.channels import SlackChannel
from quality_platform.notifications.delivery import Delivery, Receipt, Sender
from quality_platform.notifications.formats import slack
from quality_platform.notifications.http import post_json
from quality_platform.notifications.network import Network
from quality_platform.notifications.secrets import Secrets, revealed
from quality_platform.notifications.signature import Keys, keys_of, signed


def build(config: SlackChannel, network: Network, secrets: Secrets) -> Sender:
    """A sender to the configured webhook. A signature is for what stands between here and Slack."""
    url = revealed(config.configuration.webhook_url, secrets, channel=config.name, field="webhook_url")
    keys = keys_of(config.signing_secret, secrets, channel=config.name)
    return lambda delivery: send(delivery, url=url, network=network, keys=keys)


def send(delivery: Delivery, *, url: str, network: Network, keys: Keys) -> Receipt:
    """POST the message once. Slack says `ok`; a 200 with other words comes from something before it."""
    body = orjson.dumps(slack.render(delivery.message, repeated=delivery.attempt > 1))
    headers = signed(delivery.message_id, datetime.now(UTC), body, keys) if keys else None
    answer = post_json(url, body, network, headers)
    if answer.body.strip() != b"ok":
        raise DeliveryError(
            f"The answer {answer.status} is not Slack's ok.",
            retry=True,
            status=answer.status,
            hint="Check that webhook_url is an incoming webhook of Slack.",
        )
    return Receipt(answer.status, "accepted by Slack")
