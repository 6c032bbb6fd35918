"""The senders of all channels. One that cannot be built fails its own messages, not the others'."""

from __future__ import annotations

from quality_platform.alerting.plan import Plan
from quality_platform.errors import ConfigurationError, DeliveryError
from quality_platform.notifications.delivery import Delivery, Receipt, Sender
from quality_platform.notifications.network import Network
from quality_platform.notifications.registry import build_sender
from quality_platform.notifications.secrets import Secrets


def build_senders(plan: Plan, network: Network, secrets: Secrets) -> dict[str, Sender]:
    """A sender for every channel that a message may go to, by the channel's name."""
    found = {}
    for name, config in plan.reachable.items():
        try:
            found[name] = build_sender(config, network, secrets)
        except ConfigurationError as error:
            found[name] = _unusable(error)
    return found


def _unusable(cause: ConfigurationError) -> Sender:
    """Says why, each time. To be tried again: a secret may be missing in this process alone."""

    def refuse(_delivery: Delivery) -> Receipt:
        raise DeliveryError(cause.message, retry=True, hint=cause.hint)

    return refuse
