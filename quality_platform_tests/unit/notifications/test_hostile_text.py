"""Text from repositories, logs and payloads stays text, whatever it is rendered as."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from quality_platform.notifications.formats import html, markdown, slack, text
from quality_platform.notifications.plain import cleaned, printable
from quality_platform_tests.data.messages import HOSTILE, REPORT, hostile
from quality_platform_tests.data.pages import Page

SHOWN = " ".join(printable(HOSTILE).split())
nasty = st.text(alphabet=st.sampled_from("<>&\"'`*_~[]()!#|\\@\r\n\t\x00\x1b{}%$ -+=.1a:/"), min_size=1, max_size=30)


def test_html_shows_it_as_text() -> None:
    ordinary, page = Page(html.render(REPORT, ["cid:1", "cid:2"])), Page(html.render(hostile(), ["cid:1"]))
    assert page.tags <= ordinary.tags
    assert page.attributes <= ordinary.attributes
    assert page.text.count(SHOWN) >= 14
    assert page.sources == ["cid:1"]
    assert set(page.links) == {'https://e.example/?a="><b>|]', "https://e.example/a?b=<c>&d", "https://e.example/ok"}


@given(nasty)
@settings(max_examples=60, deadline=None)
def test_html_of_anything_has_no_new_tag(value: str) -> None:
    page = Page(html.render(hostile(value), ["cid:1"]))
    assert page.tags <= Page(html.render(REPORT, ["cid:1"])).tags


def test_markdown_shows_it_as_text() -> None:
    page = Page(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(markdown.render(hostile())))
    assert page.tags <= {
        "h1",
        "h2",
        "p",
        "br",
        "ul",
        "li",
        "strong",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "code",
        "a",
    }
    assert page.text.replace("\u2060", "").count(SHOWN) >= 14
    assert all(link.startswith("https://e.example/") for link in page.links)


@given(nasty)
@settings(max_examples=200, deadline=None)
def test_markdown_of_anything_reads_as_it_was(value: str) -> None:
    source = markdown.escaped(value)
    page = Page(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(source))
    assert page.tags <= {"p"}
    assert page.text.replace("\u2060", "") == " ".join(printable(value).split())


def test_markdown_mentions_nobody() -> None:
    assert not re.search(r"@\w", markdown.render(hostile("ask @ada and @org/team")))


def test_slack_calls_nobody() -> None:
    message = json.dumps(slack.render(hostile()))
    marked = [part["text"] for part in _texts(slack.render(hostile())) if part["type"] == "mrkdwn"]
    assert marked
    assert "\\u001b" not in message
    links = re.compile(r"<https://[^<>|]+\|[^<>]*>")
    assert not any(re.search(r"[<>]", links.sub("", part)) for part in marked)
    assert all(part.get("verbatim") for part in _texts(slack.render(hostile())) if part["type"] == "mrkdwn")
    marked = [part["text"] for part in _texts(slack.render(hostile("```"))) if part["type"] == "mrkdwn"]
    assert {part.count("```") for part in marked} == {0, 2}


def _texts(value: object) -> list[dict[str, str]]:
    """Every text object in a Slack message."""
    if isinstance(value, list):
        return [found for entry in value for found in _texts(entry)]
    if not isinstance(value, dict):
        return []
    if value.get("type") in {"mrkdwn", "plain_text"}:
        return [value]
    return [found for entry in value.values() for found in _texts(entry)]


def test_text_cannot_forge_a_line_of_its_own_nor_steer_a_terminal() -> None:
    rendered = text.render(hostile("one\nCritical: forged\x1b[2J"))
    assert "\x1b" not in rendered
    # only a paragraph may have lines, and its first one carries the tone
    assert [line for line in rendered.splitlines() if line.startswith("Critical: forged")] == ["Critical: forged[2J"]


@given(st.text())
@settings(max_examples=200)
def test_printable_leaves_no_control(value: str) -> None:
    shown = printable(value)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029\ud800-\udfff]", shown)
    assert printable(shown) == shown
    shown.encode()


@pytest.mark.parametrize(
    ("given_", "shown"),
    [
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("a\tb", "a b"),
        ("a\x1b[31mb", "a[31mb"),
        ("\u202eabc", "abc"),
        ("caf\udce9", "caf\ufffd"),
        ("👩\u200d🔬 ok", "👩\u200d🔬 ok"),
        ("中文", "中文"),
    ],
)
def test_printable(given_: str, shown: str) -> None:
    assert printable(given_) == shown


def test_a_cleaned_message_is_clean_throughout() -> None:
    message = cleaned(hostile())
    assert cleaned(message) == message
    assert "\x1b" not in repr(message)
    assert "\\ud800" not in repr(message)
