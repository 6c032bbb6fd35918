"""A delivery as an e-mail: text, HTML with its plots inside, attachments. Composing only; no connection."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import cast

from quality_platform.model.message import Plot
from quality_platform.model.time import as_utc
from quality_platform.notifications.delivery import Delivery
from quality_platform.notifications.formats import html, text
from quality_platform.notifications.plain import cleaned, single_line
from quality_platform.notifications.plots.pictures import png
from quality_platform.notifications.tones import headline


def composed(delivery: Delivery, sender: str, recipients: Sequence[str]) -> EmailMessage:
    """The mail. Message-ID and Date follow from the delivery, so that a repeat is seen as one."""
    mark = hashlib.sha256(delivery.message_id.encode("utf-8", "replace")).hexdigest()[:32]
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = single_line(headline(cleaned(delivery.message)), 200)
    mail["From"] = sender
    mail["To"] = ", ".join(recipients)
    mail["Date"] = format_datetime(as_utc(delivery.created_at))
    mail["Message-ID"] = f"<{mark}@{sender.rpartition('@')[2].strip('> ')}>"
    # RFC 3834: keeps absence notes from answering.
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text.render(delivery.message))
    _add_page(mail, delivery, mark)
    for attachment in delivery.attachments:
        kind, _, subtype = attachment.media_type.partition("/")
        mail.add_attachment(attachment.content, kind, subtype, filename=single_line(attachment.filename, 100))
    return mail


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
