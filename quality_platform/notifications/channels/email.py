"""The e-mail channel: one mail to all recipients, and who of them has it.

A mail that some recipients got is tried again only for those who were refused for now (greylisting), as long as this
process remembers the others. After a restart all get it under the same Message-ID, which mail systems show once: a
repeat is better than a recipient who is never told. An address that is refused for good is named in the error.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from email.utils import parseaddr

from quality_platform.errors import ConfigurationError
from quality_platform.model.channel_settings import EmailSettings
from quality_platform.model.channels import EmailChannel
from quality_platform.notifications.channels.smtp import connected, explained, refusal
from quality_platform.notifications.delivery import Delivery, Receipt, Sender
from quality_platform.notifications.mail import Envelope, composed
from quality_platform.notifications.network import Network
from quality_platform.notifications.plain import single_line
from quality_platform.notifications.secrets import Secrets, revealed

# Mails that are under way to a part of their recipients; one is kept until it is through or these are newer.
MOST_REMEMBERED = 1000


class Having:
    """Who has got which mail so far. Shared by all senders of this process, since these are built again and again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._got: OrderedDict[tuple[str, str], frozenset[str]] = OrderedDict()

    def missing(self, key: tuple[str, str], recipients: Iterable[str]) -> tuple[str, ...]:
        """Those of `recipients` who have not got it; all of them where all have it, as after a replay."""
        with self._lock:
            got = self._got.get(key, frozenset())
        return tuple(to for to in recipients if to not in got) or tuple(recipients)

    def note(self, key: tuple[str, str], recipients: Iterable[str], *, done: bool) -> None:
        """These have got it now; `done` when nobody is left."""
        with self._lock:
            self._got[key] = self._got.pop(key, frozenset()) | frozenset(recipients)
            if done:
                del self._got[key]
            while len(self._got) > MOST_REMEMBERED:
                self._got.popitem(last=False)


HAVING = Having()


def build(config: EmailChannel, network: Network, secrets: Secrets) -> Sender:
    """A sender through the configured server."""
    settings, password = config.configuration, None
    if settings.password is not None:
        password = revealed(settings.password, secrets, channel=config.name, field="password")
    if password is not None and settings.username is None:
        raise ConfigurationError(f"Channel {config.name}: password needs username.")
    for field, address in (("sender", settings.sender), *(("recipients", to) for to in settings.recipients)):
        if "@" not in parseaddr(address)[1] or address != single_line(address):
            raise ConfigurationError(f"Channel {config.name}: {field} has {address!r}, which is no mail address.")
    envelope = Envelope(settings.sender, settings.recipients, config.name, settings.unsubscribe)
    return lambda delivery: send(
        delivery, settings=settings, envelope=envelope, password=password, network=network, having=HAVING
    )


def send(
    delivery: Delivery,
    *,
    settings: EmailSettings,
    envelope: Envelope,
    password: str | None,
    network: Network,
    having: Having,
) -> Receipt:
    """Deliver once to the recipients who have not got it yet."""
    mail, key = composed(delivery, envelope), (envelope.list_name, delivery.message_id)
    addresses = [parseaddr(to)[1] for to in envelope.recipients]
    to = having.missing(key, addresses)
    with explained(settings.host), connected(settings, network) as server:
        if settings.username is not None and password is not None:
            server.login(settings.username, password)
        refused = server.send_message(mail, to_addrs=to)
    accepted = [address for address in to if address not in refused]
    # also of a mail that is given up: sent again by hand, it is for those who have not got it
    having.note(key, accepted, done=not refused)
    if refused:
        raise refusal(settings.host, refused, rest=" The other recipients got it.")
    return Receipt(250, f"accepted for {', '.join(accepted)}")
