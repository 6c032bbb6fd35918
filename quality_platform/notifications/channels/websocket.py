"""The WebSocket channel: live clients see alerts in the feed of the API, which pushes every event of an alert.

The event is in the state database before its message is in the outbox, so there is nothing left to send: a route that
leads here says that live clients are enough. Does not belong here: the feed (`api/`).
"""

from __future__ import annotations

from quality_platform.model.channels import WebsocketChannel
from quality_platform.notifications.delivery import Delivery, Receipt, Sender
from quality_platform.notifications.network import Network
from quality_platform.notifications.secrets import Secrets


def build(config: WebsocketChannel, network: Network, secrets: Secrets) -> Sender:
    """A sender that only says where the message is to be seen."""
    return send


def send(delivery: Delivery) -> Receipt:
    """Note that an alert is in the feed; what is no alert is not shown there."""
    if delivery.kind.startswith("alert."):
        return Receipt(None, "in the feed of the live clients")
    return Receipt(None, "nothing to send: live clients read the alerts themselves")
