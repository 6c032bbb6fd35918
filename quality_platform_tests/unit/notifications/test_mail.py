"""Mails are read back with the standard library, as a mail client would."""

from __future__ import annotations

import email
import re
from email.message import EmailMessage
from email.policy import default
from typing import cast

import pytest

from quality_platform.model.message import Message
from quality_platform.notifications.delivery import Attachment
from quality_platform.notifications.mail import Envelope, composed
from quality_platform.notifications.plots.pictures import png
from quality_platform_tests.data.messages import ALERT, HOSTILE, REPORT, delivery, hostile, series
from quality_platform_tests.data.pages import Page

SENDER, TO = "Quality <quality@example.org>", ("ada@example.org", "bob@example.org")
ENVELOPE = Envelope(SENDER, TO, "Team Mail")


def received(message: Message = ALERT, **more: object) -> EmailMessage:
    """The mail after a journey as bytes."""
    mail = email.message_from_bytes(composed(delivery(message, **more), ENVELOPE).as_bytes(), policy=default)
    return cast("EmailMessage", mail)


def test_headers() -> None:
    mail = received()
    assert mail["Subject"] == "Critical: Test coverage of flask: 45.25% is below 50%"
    assert mail["From"] == SENDER
    assert mail["To"] == "ada@example.org, bob@example.org"
    assert mail["Date"] == "Mon, 23 Mar 2026 07:00:00 +0000"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert re.fullmatch(r"<[0-9a-f]{32}@example\.org>", mail["Message-ID"])


def test_the_identity_follows_from_the_delivery() -> None:
    assert received()["Message-ID"] == received()["Message-ID"]
    assert received()["Message-ID"] != received(message_id="other")["Message-ID"]


def test_text_and_page_say_the_same() -> None:
    mail = received(REPORT)
    plain, page = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert page is not None
    shown = Page(page.get_content())
    for fact in ("45.3%", "1,204", "78.2", "Test coverage fell from 86% to 45.3%", "src/flask/views.py"):
        assert fact in plain.get_content()
        assert fact in shown.text


def test_every_plot_is_a_picture_that_the_page_shows() -> None:
    mail = received(REPORT)
    pictures = {part["Content-ID"].strip("<>"): part for part in mail.walk() if part.get_content_type() == "image/png"}
    page = mail.get_body(("html",))
    assert page is not None
    assert Page(page.get_content()).sources == [f"cid:{name}" for name in pictures]
    first = next(iter(pictures.values()))
    assert first.get_content() == png(REPORT.blocks[8])  # type: ignore[arg-type]
    assert {part.get_content_disposition() for part in pictures.values()} == {"inline"}
    assert mail.get_content_type() == "multipart/alternative"


def test_a_message_without_plots_has_no_pictures() -> None:
    parts = [part.get_content_type() for part in received(Message("t", "s", "info")).walk()]
    assert parts == ["multipart/alternative", "text/plain", "text/html"]


def test_files_stand_beside_the_message() -> None:
    mail = received(attachments=(Attachment("report\r\n.pdf", "application/pdf", b"%PDF-1.7 \x00\xff"),))
    (file,) = mail.iter_attachments()
    assert file.get_content_type() == "application/pdf"
    assert file.get_filename() == "report .pdf"
    assert file.get_content() == b"%PDF-1.7 \x00\xff"
    assert mail.get_body(("html",)) is not None


def test_hostile_text_makes_no_header_and_no_markup() -> None:
    mail = received(hostile(), message_id=HOSTILE)
    assert set(mail.keys()) == set(received().keys())
    assert mail["Bcc"] is None
    assert "\n" not in mail["Subject"]
    assert len(mail["Subject"]) <= 200
    page = mail.get_body(("html",))
    assert page is not None
    assert not {"script", "iframe", "object"} & Page(page.get_content()).tags


@pytest.mark.parametrize("sender", ["a@example.org", "A B <a@example.org>", '"A, B" <a@example.org>'])
def test_the_identity_has_the_sender_s_domain(sender: str) -> None:
    assert composed(delivery(), Envelope(sender, TO))["Message-ID"].endswith("@example.org>")


def test_international_text_survives() -> None:
    mail = received(Message("Größe über 中文 😀", "naïve", "warning", (series(3),)))
    assert mail["Subject"] == "Warning: Größe über 中文 😀"
    body = mail.get_body(("plain",))
    assert body is not None
    assert "naïve" in body.get_content()


# --- threads and lists -----------------------------------------------------------------------------------------------


def about(alert: str, event: str, **more: object) -> EmailMessage:
    """A mail about one alert."""
    payload = {"alerts": [{"id": alert, "fingerprint": "f1", "status": "active"}], "event": event, **more}
    return received(message_id=f"{alert}-{event}", kind=f"alert.{event}", payload=payload)


def test_mails_about_one_episode_are_one_thread() -> None:
    fired, resolved, other = about("a1", "firing"), about("a1", "resolved"), about("a2", "firing")
    assert fired["References"] == resolved["References"] == fired["In-Reply-To"]
    assert other["References"] != fired["References"]
    assert len({mail["Message-ID"] for mail in (fired, resolved, other)}) == 3


def test_a_later_mail_answers_the_first_where_it_is_known() -> None:
    first = about("a1", "firing", first_message_id="a1-firing")
    later = about("a1", "resolved", first_message_id="a1-firing")
    assert later["In-Reply-To"] == first["Message-ID"]
    assert later["References"].split() == [first["References"], first["Message-ID"]]


def test_a_group_is_a_thread_of_its_own() -> None:
    two = [{"id": "a1"}, {"id": "a2"}]
    mails = [
        received(message_id=f"m{place}", payload={"alerts": two, "group": {"key": key}})
        for place, key in enumerate(("g", "g", "h"))
    ]
    assert mails[0]["References"] == mails[1]["References"] != mails[2]["References"]


def test_a_report_belongs_to_no_thread() -> None:
    assert received(REPORT, kind="report.daily")["References"] is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (None, "<mailto:quality@example.org?subject=unsubscribe>"),
        ("lists@example.org", "<mailto:lists@example.org?subject=unsubscribe>"),
        ("https://example.org/off?list=1", "<https://example.org/off?list=1>"),
        ("https://example.org/\r\nBcc: x@evil.example", "<https://example.org/ Bcc: x@evil.example>"),
    ],
)
def test_the_list_says_how_to_leave_it(given: str | None, said: str) -> None:
    mail = composed(delivery(), Envelope(SENDER, TO, "Team Mail\r\n!", given))
    assert mail["List-Unsubscribe"] == said
    assert mail["List-Id"] == "<team-mail.quality-platform.example.org>"
    assert mail["Bcc"] is None
