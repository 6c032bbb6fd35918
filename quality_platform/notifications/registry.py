"""Every channel type and how its sender is built. A new channel is one module and one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from quality_platform.model.channels import ChannelConfig
from quality_platform.notifications.channels import console, email, slack, webhook
from quality_platform.notifications.delivery import Sender
from quality_platform.notifications.network import Network
from quality_platform.notifications.secrets import Secrets

CHANNELS: Mapping[str, Callable[[Any, Network, Secrets], Sender]] = MappingProxyType(
    {"console": console.build, "email": email.build, "slack": slack.build, "webhook": webhook.build}
)


def build_sender(config: ChannelConfig, network: Network, secrets: Secrets) -> Sender:
    """The sender of a channel; raises `ConfigurationError` where its configuration cannot be used."""
    return CHANNELS[config.channel_type](config, network, secrets)
