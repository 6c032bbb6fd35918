"""Slack refuses a whole message that passes one of its limits, so none may, however much there is to say."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quality_platform.model.message import Cell, Facts, Grid, Heading, Item, Items, Link, Message, Paragraph
from quality_platform.notifications.formats import slack
from quality_platform_tests.data.messages import MESSAGES, hostile, series

LONG = "&<>" * 4000
HUGE = {
    "long texts": hostile(LONG),
    "many blocks": Message("t", "s", "info", (Heading("h"), Paragraph("p")) * 100),
    "many facts": Message("t", "s", "info", (Facts(((LONG, LONG),) * 45),)),
    "many items": Message(
        "t", "s", "info", (Items((Item(LONG, "critical", LONG, "https://e.example/" + "a&" * 900),) * 90),)
    ),
    "many rows": Message("t", "s", "info", (Grid((LONG,) * 9, ((Cell(LONG),) * 9,) * 500, ()),)),
    "empty texts": hostile(""),
    "bad links": Message("t", "s", "info", (Link("", ""), Link("x", "https://e.example/" + "a" * 1990))),
    "plots": Message("t", "s", "info", (series(marks=((series().times[0], LONG),) * 200),)),
}


@pytest.mark.parametrize("repeated", [False, True])
@pytest.mark.parametrize("message", [*HUGE.values(), *MESSAGES.values()], ids=[*HUGE, *MESSAGES])
def test_a_message_keeps_the_limits(message: Message, repeated: bool) -> None:
    sent = slack.render(message, repeated=repeated)
    blocks: list[Any] = [*sent["blocks"], *sent["attachments"][0]["blocks"]]  # type: ignore[misc, index]
    assert 1 <= len(blocks) <= 50
    for block in blocks:
        _check(block)
    assert 1 <= len(str(sent["text"])) <= 3000
    assert json.loads(json.dumps(sent)) == sent


def _check(block: dict[str, Any]) -> None:
    assert block["type"] in {"header", "section", "divider", "context"}
    if block["type"] == "context":
        assert 1 <= len(block["elements"]) <= 10
    if block["type"] == "header":
        assert block["text"]["type"] == "plain_text"
        assert 1 <= len(block["text"]["text"]) <= 150
    if "text" in block:
        assert 1 <= len(block["text"]["text"]) <= 3000
    if "fields" in block:
        assert 1 <= len(block["fields"]) <= 10
        assert all(1 <= len(field["text"]) <= 2000 for field in block["fields"])
    assert block["type"] != "section" or "text" in block or "fields" in block


def test_what_is_left_out_is_counted() -> None:
    many = json.dumps(slack.render(HUGE["many blocks"]), ensure_ascii=False)
    # 100 headings (a rule and a text each), 100 paragraphs, the summary: 301; 48 and this sentence fit.
    assert "… and 253 more parts" in many
    assert "… and 460 more rows." in json.dumps(slack.render(HUGE["many rows"]), ensure_ascii=False)


def test_the_bar_has_the_tone_s_colour() -> None:
    assert slack.render(MESSAGES["alert"])["attachments"][0]["color"] == "#a8201a"  # type: ignore[index]
