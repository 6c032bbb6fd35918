"""A lock screen has little room, and none for what is said twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.model.message import Facts, Heading, Item, Items, Message, Paragraph
from quality_platform.notifications.formats import push
from quality_platform_tests.data.messages import hostile


def test_what_follows_a_heading_is_left_out() -> None:
    message = Message("t", "summary", "info", (Paragraph("one\ntwo"), Heading("more"), Paragraph("three")))
    assert push.render(message, 4000) == "summary\none two"


def test_a_long_list_is_counted() -> None:
    message = Message("t", "s", "info", (Items(tuple(Item(str(place), "critical") for place in range(13))),))
    assert push.render(message, 4000).splitlines()[-2:] == ["• Critical: 9", "… and 3 more"]


def test_facts_stand_in_for_a_missing_summary() -> None:
    assert push.render(Message("t", "", "info", (Facts((("Value", "5"),)),)), 4000) == "Value: 5"
    assert push.render(Message("t", "", "info"), 4000) == "t"
    assert push.render(Message("", "", "info"), 4000) == "-"


@given(st.text(min_size=0, max_size=400), st.integers(10, 300))
def test_it_keeps_to_its_bytes(text: str, most: int) -> None:
    content = push.render(Message(text, text, "info", (Paragraph(text),)), most).encode()
    assert 1 <= len(content) <= most


@pytest.mark.parametrize("most", [10, 500, 4000])
def test_hostile_text_steers_nothing(most: int) -> None:
    shown = push.render(hostile(), most)
    assert not {"\x1b", "\x00", "\r", "\u202e"} & set(shown)
