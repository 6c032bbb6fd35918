"""The Slack channel: an incoming webhook. Slack knows no message id, so a repeat cannot be told apart."""

from __future__ import annotations

import orjson

from quality_platform.errors import DeliveryError
from quality_platform.model.channels import SlackChannel
from quality_platform.notifications.delivery import Delivery, Receipt, Sender
from quality_platform.notifications.formats import slack
from quality_platform.notifications.http import post_json
from quality_platform.notifications.network import Network
from quality_platform.notifications.secrets import Secrets, revealed


def build(config: SlackChannel, network: Network, secrets: Secrets) -> Sender:
    """A sender to the configured webhook."""
    url = revealed(config.configuration.webhook_url, secrets, channel=config.name, field="webhook_url")
    return lambda delivery: send(delivery, url=url, network=network)


def send(delivery: Delivery, *, url: str, network: Network) -> Receipt:
    """POST the message once. Slack says `ok`; a 200 with other words comes from something before it."""
    answer = post_json(url, orjson.dumps(slack.render(delivery.message)), network)
    if answer.body.strip() != b"ok":
        raise DeliveryError(
            f"The answer {answer.status} is not Slack's ok.",
            retry=True,
            status=answer.status,
            hint="Check that webhook_url is an incoming webhook of Slack.",
        )
    return Receipt(answer.status, "accepted by Slack")
