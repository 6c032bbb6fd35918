"""The ntfy channel: push messages to phones, published as JSON.

Limits are ntfy's: a message of 4,096 bytes (a longer one would arrive as a file), three actions, topics of 64
characters. It knows no message id, so a message that may be there already says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

import orjson

from quality_platform.errors import ConfigurationError, DeliveryError
from quality_platform.model.channels import NtfyChannel
from quality_platform.model.message import Link, Message, Tone
from quality_platform.notifications.delivery import Delivery, Receipt, Sender
from quality_platform.notifications.formats import push
from quality_platform.notifications.http import post_json
from quality_platform.notifications.network import Network
from quality_platform.notifications.plain import safe_url, single_line
from quality_platform.notifications.replies import says
from quality_platform.notifications.secrets import Secrets, revealed
from quality_platform.notifications.tones import headline

TOPIC = re.compile(r"[-_A-Za-z0-9]{1,64}")
LONGEST_MESSAGE_BYTES = 4000
LONGEST_TITLE = 200
MOST_ACTIONS = 3
PRIORITY: Mapping[Tone, int] = MappingProxyType({"critical": 5, "warning": 4, "info": 3, "good": 3, "neutral": 2})
# names of emoji, which ntfy puts before the title
SIGN: Mapping[Tone, str] = MappingProxyType(
    {"critical": "rotating_light", "warning": "warning", "info": "information_source", "good": "white_check_mark",
     "neutral": "bar_chart"}
)  # fmt: skip


def build(config: NtfyChannel, network: Network, secrets: Secrets) -> Sender:
    """A sender to the configured topic."""
    settings, headers = config.configuration, {}
    topic = revealed(settings.topic, secrets, channel=config.name, field="topic")
    if not TOPIC.fullmatch(topic):
        raise ConfigurationError(
            f"Channel {config.name}: topic has other characters than letters, digits, _ and -, or more than 64."
        )
    if settings.token is not None:
        token = revealed(settings.token, secrets, channel=config.name, field="token")
        headers["Authorization"] = f"Bearer {token}"
    server = f"{settings.server.rstrip('/')}/"
    return lambda delivery: send(delivery, server=server, topic=topic, headers=headers, network=network)


def send(delivery: Delivery, *, server: str, topic: str, headers: Mapping[str, str], network: Network) -> Receipt:
    """Publish the message once. ntfy answers with the message as it took it."""
    answer = post_json(server, orjson.dumps(published(delivery, topic)), network, headers)
    if not says(answer.body, "event", "message"):
        raise DeliveryError(
            f"The answer {answer.status} is not ntfy's.",
            retry=True,
            status=answer.status,
            hint="Check that server is the address of an ntfy server, without the topic.",
        )
    return Receipt(answer.status, "accepted by ntfy")


def published(delivery: Delivery, topic: str) -> dict[str, object]:
    """The JSON that ntfy is given. A tap opens the first link."""
    message = delivery.message
    links = _links(message)
    tags = [SIGN[message.tone], *(["repeat"] if delivery.attempt > 1 else [])]
    content: dict[str, object] = {
        "topic": topic,
        "title": single_line(headline(message), LONGEST_TITLE),
        "message": push.render(message, LONGEST_MESSAGE_BYTES),
        "priority": PRIORITY[message.tone],
        "tags": tags,
    }
    if links:
        content["click"] = links[0][1]
        content["actions"] = [
            {"action": "view", "label": label, "url": url, "clear": False} for label, url in links[:MOST_ACTIONS]
        ]
    return content


def _links(message: Message) -> list[tuple[str, str]]:
    links = [(block.text, safe_url(block.url)) for block in message.blocks if isinstance(block, Link)]
    return [(single_line(text, 60) or "Open", url) for text, url in links if url]
