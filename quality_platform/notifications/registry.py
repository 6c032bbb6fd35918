"""Every channel type and how its sender is built. A new channel is one module and one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from quality_platform.model.channels import ChannelConfig
from quality_platform.notifications.channels import (
    apprise,
    console,
    email,
    ntfy,
    pagerduty,
    slack,
    webhook,
    websocket,
)
from quality_platform.notifications.delivery import Sender
from quality_platform.notifications.network import Network
from quality_platform.notifications.secrets import Secrets

CHANNELS: Mapping[str, Callable[[Any, Network, Secrets], Sender]] = MappingProxyType(
    {
        "apprise": apprise.build,
        "console": console.build,
        "email": email.build,
        "ntfy": ntfy.build,
        "pagerduty": pagerduty.build,
        "slack": slack.build,
        "webhook": webhook.build,
        "websocket": websocket.build,
    }
)


def build_sender(config: ChannelConfig, network: Network, secrets: Secrets) -> Sender:
    """The sender of a channel; raises `ConfigurationError` where its configuration cannot be used."""
    if "timeout_s" in config.model_fields_set and config.timeout_s != network.total_seconds:
        seconds = config.timeout_s
        network = replace(network, total_seconds=seconds, connect_seconds=min(network.connect_seconds, seconds))
    return CHANNELS[config.channel_type](config, network, secrets)
