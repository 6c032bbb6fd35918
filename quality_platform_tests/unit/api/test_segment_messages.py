"""Segment's door: paths and keys, what a message becomes, what is answered."""

from __future__ import annotations

import base64
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quality_platform.api.ingest.contract import RefusedError
from quality_platform.api.ingest.segment.door import DOOR, MOST_MESSAGES
from quality_platform.collectors.pseudonym import pseudonym
from quality_platform_tests.data.doors import NOW, SECRET, assert_adds_up, assert_safe, decoded, inbound, rows, taken

MINUTE = 60_000_000


def one(message: dict[str, Any], path: str = "/v1/batch", **batch: Any) -> dict[str, Any]:
    body = {"batch": [message], **batch} if path == "/v1/batch" else message
    (row,) = rows(taken(DOOR, body, path=path), "usage_events")
    return row


def basic(user: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{user}:".encode()).decode()}


def test_the_key_is_the_user_of_basic_authentication_or_in_the_body() -> None:
    assert DOOR.key(inbound(DOOR, {}, headers=basic("k"))) == "k"
    assert DOOR.key(inbound(DOOR, {"writeKey": "k"})) == "k"
    assert DOOR.key(inbound(DOOR, {"writeKey": "other"}, headers=basic("k"))) == "k"
    assert DOOR.key(inbound(DOOR, {"writeKey": 7})) is None


@pytest.mark.parametrize(
    ("message", "name"),
    [
        ({"type": "track", "event": "Order Completed"}, "Order Completed"),
        ({"type": "page", "name": "Index"}, "$page"),
        ({"type": "screen", "name": "Home"}, "$screen"),
        ({"type": "identify"}, "$identify"),
        ({"type": "group", "groupId": "g"}, "$group"),
        ({"type": "alias", "previousId": "p"}, "$alias"),
    ],
)
def test_a_message_is_called_by_its_event_or_its_type(message: dict[str, Any], name: str) -> None:
    assert one({**message, "userId": "u"})["event_name"] == name
    single = {key: value for key, value in message.items() if key != "type"}
    assert one(single, f"/v1/{message['type']}")["event_name"] == name
    assert one(single, f"/v1/{message['type'][0]}/")["event_name"] == name


def test_a_message_says_what_it_was_sent_with_and_nothing_of_the_person() -> None:
    row = one({
        "type": "page", "messageId": "m-1", "userId": "bob@example.com", "anonymousId": "a", "name": "Index",
        "category": "Docs", "traits": {"name": "Bob"},
        "properties": {"url": "https://x/?name=Bob", "items": 3, "feature": "docs", "email": "Bob"},
        "context": {
            "ip": "203.0.113.77", "userAgent": "Bob's browser", "traits": {"name": "Bob"}, "sessionId": "s-1",
            "app": {"version": "1.2"}, "page": {"path": "/", "url": "https://x/?name=Bob"},
            "device": {"id": "Bob's", "type": "ios"}, "library": {"name": "l"},
        },
    })  # fmt: skip

    assert (row["event_id"], row["session_id"], row["release"], row["feature"]) == ("m-1", "s-1", "1.2", "docs")
    assert row["user_key"] == pseudonym(SECRET, "shop", "bob@example.com")
    properties = orjson.loads(row["properties"])
    assert (properties["name"], properties["category"], properties["items"]) == ("Index", "Docs", 3)
    assert properties["page"] == {"path": "/", "url": "https://x/?[query]"}
    assert properties["device"] == {"type": "ios"}
    assert "Bob" not in row["properties"]
    assert "203.0.113" not in row["properties"]


def test_an_unknown_visitor_has_the_anonymous_id_or_todays_hash_and_an_alias_can_be_joined() -> None:
    assert one({"type": "page", "anonymousId": "a"})["user_key"] == pseudonym(SECRET, "shop", "a")
    assert one({"type": "page"})["user_key"] == "visitor-of-today"
    alias = one({"type": "alias", "userId": 17, "previousId": "a"})
    assert alias["user_key"] == pseudonym(SECRET, "shop", "17")
    assert orjson.loads(alias["properties"])["previousId"] == pseudonym(SECRET, "shop", "a")


def test_the_time_is_the_clients_corrected_by_its_clock() -> None:
    slow = {"type": "page", "timestamp": (NOW - 61 * MINUTE) / 1e6}

    assert abs(one(slow, sentAt=(NOW - 60 * MINUTE) / 1e6)["event_time"] - (NOW - MINUTE)) < 1000
    assert abs(one({**slow, "sentAt": (NOW - 60 * MINUTE) / 1e6})["event_time"] - (NOW - MINUTE)) < 1000
    assert one({"type": "page", "timestamp": "soon"})["event_time"] == NOW


@pytest.mark.parametrize(
    ("message", "field"),
    [
        (7, None),
        ({}, "type"),
        ({"type": "buy"}, "type"),
        ({"type": {}}, "type"),
        ({"type": "track"}, "event"),
        ({"type": "track", "event": ""}, "event"),
        ({"type": "track", "event": {}}, "event"),
    ],
)
def test_a_bad_message_is_put_aside_and_the_good_beside_it_kept(message: object, field: str | None) -> None:
    found = taken(DOOR, {"batch": [message, {"type": "page"}]})

    assert [each.field for each in found.refused] == [field]
    assert len(rows(found, "usage_events")) == 1
    assert_adds_up(found)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b'{"batch":7}', b'{"batch":[]}', b"\xff"])
def test_a_body_without_messages_is_refused(body: bytes) -> None:
    with pytest.raises(RefusedError) as error:
        DOOR.check(inbound(DOOR, body))
    assert error.value.status == 400
    said = orjson.loads(DOOR.refused(error.value).body)
    assert said["success"] is False
    assert {"code", "message"} <= set(said)


def test_too_many_messages_are_refused_and_counted() -> None:
    with pytest.raises(RefusedError) as error:
        DOOR.check(inbound(DOOR, {"batch": [{}] * (MOST_MESSAGES + 1)}))
    assert (error.value.status, error.value.items) == (413, {"event": MOST_MESSAGES + 1})


def test_nothing_of_a_refused_message_that_tells_of_a_person_goes_to_quarantine() -> None:
    said = "bob@example.com 4111111111111111 203.0.113.77 password=hunter2"
    bad = {"type": "buy", "userId": "Bob", "traits": {"x": "Bob"}, "context": {"ip": "Bob"}, "said": said}
    found = taken(DOOR, {"batch": [bad, said]})

    assert len(found.refused) == 2
    assert_safe(found, "Bob")


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text("aé\0 ", max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=3), inner, max_size=3),
    max_leaves=8,
)
NAMES = (
    "type", "event", "messageId", "userId", "anonymousId", "previousId", "timestamp", "sentAt", "context", "properties",
    "traits", "name", "groupId",
)  # fmt: skip
MESSAGES = st.builds(
    lambda fields, kind, context: {**fields, "type": kind, "context": context},
    st.dictionaries(st.sampled_from(NAMES), VALUES),
    st.sampled_from(("track", "page", "alias", "buy")) | VALUES,
    st.dictionaries(st.sampled_from(("app", "device", "page", "sessionId", "os", "library")), VALUES) | VALUES,
)


@settings(max_examples=300, deadline=None)
@given(batch=st.lists(MESSAGES | VALUES, max_size=5), sent_at=VALUES)
def test_whatever_the_messages_are_each_ends_once(batch: list[Any], sent_at: Any) -> None:
    request = inbound(DOOR, {"batch": [*batch, {"type": "track", "event": "good"}], "sentAt": sent_at})
    checked = DOOR.check(request)
    found = decoded(DOOR, request, checked)

    assert dict(found.received) == dict(checked.items)
    assert_adds_up(found)
    assert "good" in [row["event_name"] for row in rows(found, "usage_events")]


@settings(max_examples=200, deadline=None)
@given(body=st.binary(max_size=100), path=st.sampled_from(DOOR.paths))
def test_whatever_the_bytes_are_nothing_but_a_refusal_is_raised(body: bytes, path: str) -> None:
    request = inbound(DOOR, body, path=path)
    try:
        DOOR.key(request)
        checked = DOOR.check(request)
    except RefusedError:
        return
    assert_adds_up(decoded(DOOR, request, checked))
