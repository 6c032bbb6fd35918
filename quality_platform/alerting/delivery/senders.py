"""The senders of all channels, and how each may be used. One that cannot be built fails its own messages alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from quality_platform.alerting.delivery.bucket import Rate
from quality_platform.alerting.plan import Plan
from quality_platform.errors import ConfigurationError, DeliveryError
from quality_platform.model.channels import ChannelConfig
from quality_platform.notifications.delivery import Delivery, Receipt, Sender
from quality_platform.notifications.network import Network
from quality_platform.notifications.registry import build_sender
from quality_platform.notifications.secrets import Secrets

# how many messages a service is handed side by side; one where it is not named
PARALLEL: Mapping[str, int] = MappingProxyType(
    {"webhook": 16, "pagerduty": 4, "ntfy": 4, "slack": 4, "apprise": 2, "email": 2}
)


@dataclass(frozen=True, slots=True)
class Channel:
    """A sender and what its channel bears: messages side by side, their rate, whether several may become one."""

    send: Sender
    parallel: int = 1
    rate: Rate | None = None
    folds: bool = True

    def __call__(self, delivery: Delivery) -> Receipt:
        """Send, so that a channel can be used as a sender is."""
        return self.send(delivery)


def channel_of(sender: Sender) -> Channel:
    """What is known of a sender: nothing, where it is only that."""
    return sender if isinstance(sender, Channel) else Channel(sender)


def build_senders(plan: Plan, network: Network, secrets: Secrets) -> dict[str, Sender]:
    """A sender for every channel that a message may go to, by the channel's name."""
    return {name: _channel(config, network, secrets) for name, config in plan.reachable.items()}


def _channel(config: ChannelConfig, network: Network, secrets: Secrets) -> Channel:
    try:
        send = build_sender(config, network, secrets)
    except ConfigurationError as error:
        send = _unusable(error)
    limit = config.rate_limit
    rate = None if limit is None else Rate(limit.per_second, limit.burst)
    return Channel(send, PARALLEL.get(config.channel_type, 1), rate, config.groups)


def _unusable(cause: ConfigurationError) -> Sender:
    """Says why, each time. To be tried again: a secret may be missing in this process alone."""

    def refuse(_delivery: Delivery) -> Receipt:
        raise DeliveryError(cause.message, retry=True, hint=cause.hint)

    return refuse
