"""A delivery as an e-mail: text, HTML with its plots inside, attachments. Composing only; no connection."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import cast

from quality_platform.model.message import Plot
from quality_platform.model.time import as_utc
from quality_platform.notifications.alert_group import alerts_of, episode
from quality_platform.notifications.delivery import Delivery
from quality_platform.notifications.formats import html, text
from quality_platform.notifications.plain import cleaned, single_line
from quality_platform.notifications.plots.pictures import png
from quality_platform.notifications.tones import headline


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the channel puts around every mail: from whom, to whom, which list it is, how to get off it."""

    sender: str
    recipients: Sequence[str]
    list_name: str = "alerts"
    unsubscribe: str | None = None

    @property
    def domain(self) -> str:
        """The sender's domain, under which mails and the list are named."""
        return self.sender.rpartition("@")[2].strip("> ") or "localhost"

    @property
    def list_id(self) -> str:
        """RFC 2919: a name that filters can go by, the same in every mail of the channel."""
        label = re.sub(r"[^a-z0-9]+", "-", self.list_name.lower()).strip("-") or "channel"
        return f"<{label[:60]}.quality-platform.{self.domain}>"

    @property
    def way_out(self) -> str:
        """RFC 2369: the URL or address of those who want no more of it."""
        given = single_line(self.unsubscribe or parseaddr(self.sender)[1])
        return f"<{given}>" if ":" in given else f"<mailto:{given}?subject=unsubscribe>"


def composed(delivery: Delivery, envelope: Envelope) -> EmailMessage:
    """The mail. Message-ID and Date follow from the delivery, so that a repeat is seen as one.

    Mails about one episode of an alert refer to one root, and to the first of them where the payload names it under
    `first_message_id`: mail clients show them as one thread.
    """
    mark = _mark(delivery.message_id)
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = single_line(headline(cleaned(delivery.message)), 200)
    mail["From"] = envelope.sender
    mail["To"] = ", ".join(envelope.recipients)
    mail["Date"] = format_datetime(as_utc(delivery.created_at))
    mail["Message-ID"] = f"<{mark}@{envelope.domain}>"
    for name, value in _thread(delivery, envelope.domain):
        mail[name] = value
    mail["List-Id"] = envelope.list_id
    mail["List-Unsubscribe"] = envelope.way_out
    # RFC 3834: keeps absence notes from answering.
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text.render(delivery.message))
    _add_page(mail, delivery, mark)
    for attachment in delivery.attachments:
        kind, _, subtype = attachment.media_type.partition("/")
        mail.add_attachment(attachment.content, kind, subtype, filename=single_line(attachment.filename, 100))
    return mail


def _mark(identity: str) -> str:
    return hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest()[:32]


def _thread(delivery: Delivery, domain: str) -> Iterator[tuple[str, str]]:
    """In-Reply-To and References of a mail about alerts; none for a report or a test.

    No mail has the root's own id: it is there although the first mail may never have been sent to this channel.
    """
    group = alerts_of(delivery)
    if group is None:
        return
    alert = group.alerts[0] if len(group.alerts) == 1 else {}
    root = episode(alert) or f"group/{group.key or delivery.message_id}"
    chain = [f"<thread-{_mark(root)}@{domain}>"]
    first = str(delivery.payload.get("first_message_id") or "")
    if first and first != delivery.message_id:
        chain.append(f"<{_mark(first)}@{domain}>")
    yield "In-Reply-To", chain[-1]
    yield "References", " ".join(chain)


def _add_page(mail: EmailMessage, delivery: Delivery, mark: str) -> None:
    """The HTML part; pictures as parts beside it, since mail clients show no SVG and fetch nothing."""
    plots = [block for block in delivery.message.blocks if isinstance(block, Plot)]
    names = [f"plot-{place}@{mark}" for place in range(1, len(plots) + 1)]
    mail.add_alternative(html.render(delivery.message, [f"cid:{name}" for name in names]), subtype="html")
    page = cast("list[EmailMessage]", mail.get_payload())[-1]
    for name, plot in zip(names, plots, strict=True):
        page.add_related(
            png(plot), "image", "png", cid=f"<{name}>", disposition="inline", filename=f"{name.partition('@')[0]}.png"
        )
