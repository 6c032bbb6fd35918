"""The console channel: prints to the terminal, or to the log of the run that it is part of."""

from __future__ import annotations

import sys
from typing import TextIO

from quality_platform.model.channels import ConsoleChannel
from quality_platform.notifications.delivery import Delivery, Receipt, Sender
from quality_platform.notifications.formats import text
from quality_platform.notifications.network import Network
from quality_platform.notifications.secrets import Secrets
from quality_platform.notifications.tones import TERMINAL


def build(config: ConsoleChannel, network: Network, secrets: Secrets) -> Sender:
    """A sender to standard output."""
    return lambda delivery: send(delivery, sys.stdout)


def send(delivery: Delivery, stream: TextIO) -> Receipt:
    """Print the message, its title in the tone's colour where `stream` is a terminal."""
    from rich.console import Console
    from rich.text import Text

    title, _, rest = text.render(delivery.message).partition("\n")
    # soft_wrap: the terminal wraps, so that a log keeps whole lines
    console = Console(file=stream, soft_wrap=True, highlight=False)
    console.print(Text(title, style=TERMINAL[delivery.message.tone]))
    console.print(Text(rest))
    return Receipt(None, "printed")
