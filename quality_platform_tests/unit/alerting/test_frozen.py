"""A message comes back from the outbox exactly as it went in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.alerting.delivery.frozen import freeze, thaw
from quality_platform.model.message import (
    Cell,
    Facts,
    Grid,
    Heading,
    Item,
    Items,
    Link,
    Message,
    Paragraph,
    Plot,
)
from quality_platform.notifications.delivery import Attachment, Delivery

NOON = datetime(2026, 3, 2, 12, 0, 0, 1, tzinfo=UTC)
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
TONES = st.sampled_from(["critical", "warning", "info", "good", "neutral"])
INSTANTS = st.integers(0, 4 * 10**9).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
CELLS = st.builds(Cell, WORDS, TONES, st.none() | WORDS)
POINTS = st.lists(st.tuples(INSTANTS, st.none() | st.floats(allow_nan=False, allow_infinity=False)), max_size=5)
PLOTS = st.builds(
    lambda title, points, threshold, marks, tone: Plot(
        title, "%", tuple(at for at, _ in points), tuple(value for _, value in points), threshold, tuple(marks), tone
    ),
    WORDS, POINTS, st.none() | st.floats(-1, 1), st.lists(st.tuples(INSTANTS, WORDS), max_size=2), TONES,
)  # fmt: skip
BLOCKS = st.one_of(
    st.builds(Heading, WORDS, st.sampled_from([1, 2, 3])),
    st.builds(Paragraph, WORDS, TONES),
    st.builds(Facts, st.lists(st.tuples(WORDS, WORDS), max_size=3).map(tuple)),
    st.builds(
        Grid, st.just(("a", "b")), st.lists(st.tuples(CELLS, CELLS), max_size=3).map(tuple), st.just((1,)), WORDS
    ),
    st.builds(Items, st.lists(st.builds(Item, WORDS, TONES, st.none() | WORDS, st.none() | WORDS)).map(tuple), WORDS),
    PLOTS,
    st.builds(Link, WORDS, WORDS),
)
MESSAGES = st.builds(Message, WORDS, WORDS, TONES, st.lists(BLOCKS, max_size=5).map(tuple))


@given(MESSAGES, st.binary(max_size=50))
def test_every_message_survives(message: Message, content: bytes) -> None:
    attachment = Attachment("report.pdf", "application/pdf", content)
    frozen = freeze("report.daily", message, {"a": [1, None]}, [attachment])
    assert thaw(frozen, "id", NOON) == Delivery("id", message, "report.daily", NOON, {"a": [1, None]}, (attachment,))
    assert thaw(frozen, "id", NOON, 7).attempt == 7


def test_equal_messages_freeze_to_equal_text() -> None:
    message = Message("t", "s", "info", (Paragraph("x"),))
    assert freeze("k", message, {"b": 1, "a": 2}) == freeze("k", message, {"b": 1, "a": 2})


def test_a_number_that_is_none_becomes_null() -> None:
    frozen = freeze("k", Message("t", "s", "info"), {"nan": float("nan"), "inf": float("inf")})
    assert thaw(frozen, "id", NOON).payload == {"nan": None, "inf": None}


@pytest.mark.parametrize("payload", ["", "{}", "[]", '{"kind": "x", "message": {}, "data": {}, "attachments": []}'])
def test_what_was_not_frozen_here_is_refused(payload: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        thaw(payload, "id", NOON)
