"""PostHog's door: where a key stands, which forms a body has, what an event becomes, what is answered."""

from __future__ import annotations

import base64
import gzip
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quality_platform.api.ingest.contract import RefusedError
from quality_platform.api.ingest.posthog.body import MOST_EVENTS
from quality_platform.api.ingest.posthog.door import DOOR
from quality_platform.collectors.pseudonym import pseudonym
from quality_platform_tests.data.doors import (
    NOW,
    SECRET,
    assert_adds_up,
    assert_safe,
    decoded,
    inbound,
    rows,
    taken,
)

MINUTE = 60_000_000


def one(event: dict[str, Any], **batch: Any) -> dict[str, Any]:
    (row,) = rows(taken(DOOR, {"api_key": "k", "batch": [event], **batch}), "usage_events")
    return row


def iso(instant: int) -> str:
    return f"{instant / 1e6:.6f}"


@pytest.mark.parametrize(
    ("body", "given"),
    [
        ({"api_key": "k", "batch": []}, {}),
        ({"token": "k", "event": "e"}, {}),
        ({"event": "e", "properties": {"token": "k"}}, {}),
        ([{"event": "e", "properties": {"token": "k"}}], {}),
        ({"batch": [{"event": "e", "properties": {"token": "k"}}]}, {}),
        ({"batch": [{"event": "e", "api_key": "k"}]}, {}),
        ([], {"query": {"token": "k"}}),
        ([], {"query": {"api_key": "k"}}),
        ([], {"headers": {"authorization": "Bearer k"}}),
        (b"", {"path": "/array/k/config", "method": "GET"}),
    ],
)
def test_the_key_is_found_where_a_client_puts_it(body: object, given: dict[str, Any]) -> None:
    assert DOOR.key(inbound(DOOR, body, **given)) == "k"


@pytest.mark.parametrize("body", [[], {}, 7, "text", None, {"batch": 7}, {"batch": [7]}, {"api_key": 7}, [[]]])
def test_without_a_key_there_is_none(body: object) -> None:
    assert DOOR.key(inbound(DOOR, body)) is None


EVENT = orjson.dumps({"event": "é", "properties": {"token": "k", "distinct_id": "u"}})


@pytest.mark.parametrize(
    "body",
    [
        EVENT,
        b"[" + EVENT + b"]",
        b'{"batch":[' + EVENT + b"]}",
        urlencode({"data": EVENT.decode()}).encode(),
        urlencode({"data": base64.b64encode(EVENT).decode(), "compression": "base64"}).encode(),
        b"data=" + base64.b64encode(EVENT),
        urlencode({"data": base64.b64encode(gzip.compress(EVENT)).decode()}).encode(),
    ],
)
def test_every_form_of_a_body_is_the_same_event(body: bytes) -> None:
    (row,) = rows(taken(DOOR, body, media_type="application/x-www-form-urlencoded"), "usage_events")

    assert (row["event_name"], row["user_key"]) == ("é", pseudonym(SECRET, "shop", "u"))


def test_an_event_in_the_query_of_a_get() -> None:
    found = taken(DOOR, b"", method="GET", path="/e/", query={"data": base64.b64encode(EVENT).decode()})

    assert [row["event_name"] for row in rows(found, "usage_events")] == ["é"]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"data=", b"data=!", b"data=&" * 30, b"data=" + base64.b64encode(b"no"), b"\xff" * 9]
)
def test_a_body_that_is_none_of_it_is_refused(body: bytes) -> None:
    with pytest.raises(RefusedError) as error:
        DOOR.check(inbound(DOOR, body))
    assert (error.value.status, error.value.items) == (400, {"event": 1})


def test_too_many_events_are_refused_and_counted() -> None:
    with pytest.raises(RefusedError) as error:
        DOOR.check(inbound(DOOR, {"batch": [{}] * (MOST_EVENTS + 1)}))
    assert (error.value.status, error.value.items) == (413, {"event": MOST_EVENTS + 1})


@pytest.mark.parametrize("path", ["/flags/", "/flags", "/decide/", "/array/k/config"])
def test_questions_are_answered_and_bring_nothing(path: str) -> None:
    checked = DOOR.check(inbound(DOOR, {"token": "k"}, path=path))

    assert (checked.answer.status, dict(checked.items)) == (200, {})
    answer = orjson.loads(checked.answer.body)
    assert answer["supportedCompression"] == ["gzip", "gzip-js"]
    assert path.startswith("/array/") or (answer["flags"], answer["featureFlags"]) == ({}, {})


def test_the_configurations_script_cannot_be_left() -> None:
    said = DOOR.check(inbound(DOOR, b"", path='/array/"</script><b>/config.js')).answer

    assert said.media_type == "text/javascript"
    assert b"<" not in said.body.replace(b"||{}", b"")


def test_an_extensions_script_says_where_to_have_it_and_needs_no_key() -> None:
    for path in ("/static/1.2.3/surveys.js", "/static/surveys.js"):
        with pytest.raises(RefusedError) as error:
            DOOR.key(inbound(DOOR, b"", path=path, method="GET"))
        said = DOOR.refused(error.value)
        assert (said.status, said.media_type) == (200, "text/javascript")
        assert b"no-external" in said.body


@pytest.mark.parametrize("path", ["/s/", "/engage/", "/i/v1/logs"])
def test_what_is_not_kept_is_answered_as_if_it_were_and_counted(path: str) -> None:
    with pytest.raises(RefusedError) as error:
        DOOR.check(inbound(DOOR, {"api_key": "k", "data": []}, path=path))
    assert (error.value.reason, DOOR.refused(error.value).status) == ("not_kept", 200)


def test_the_newest_form_is_told_of_each_event() -> None:
    batch = [{"event": "e", "uuid": "a"}, {"event": "", "uuid": "b"}, {"event": "e"}, 7]
    said = DOOR.check(inbound(DOOR, {"batch": batch}, path="/i/v1/analytics/events")).answer

    assert orjson.loads(said.body) == {"results": {"a": {"result": "ok"}, "b": {"result": "drop"}}}


def test_an_event_says_what_it_was_sent_with_and_nothing_of_the_person() -> None:
    row = one({
        "event": "checkout", "uuid": "u-1", "distinct_id": "bob@example.com", "$set": {"name": "Bob"},
        "properties": {
            "items": 3, "$session_id": "s-1", "$app_version": "1.2", "environment": "production", "feature": "cart",
            "$set": {"name": "Bob"}, "$set_once": {"name": "Bob"}, "$ip": "203.0.113.77", "token": "k",
            "$current_url": "https://shop.example/cart?user=Bob#Bob", "$raw_user_agent": "Bob's browser",
            "$anon_distinct_id": "bob@example.com", "$elements": [{"text": "Bob"}], "$sdk_debug_x": "Bob",
        },
    })  # fmt: skip

    assert row["event_id"] == "u-1"
    assert row["user_key"] == pseudonym(SECRET, "shop", "bob@example.com")
    assert (row["session_id"], row["release"], row["environment"]) == ("s-1", "1.2", "production")
    assert row["feature"] == "cart"
    properties = orjson.loads(row["properties"])
    assert properties["$current_url"] == "https://shop.example/cart?[query]"
    assert properties["$anon_distinct_id"] == row["user_key"]
    assert properties["items"] == 3
    assert "Bob" not in row["properties"]


def test_identities_come_from_uuid_or_insert_id_and_else_from_nowhere() -> None:
    batch = [
        {"event": "e", "uuid": "a"},
        {"event": "e", "properties": {"$insert_id": "b"}},
        {"event": "e"},
        {"event": "$exception", "uuid": "a"},
    ]
    found = taken(DOOR, {"batch": batch})

    assert [group.identity for group in found.groups] == ["a", "b", None, "a"]
    assert [group.category for group in found.groups] == ["event", "event", "event", "error"]
    assert found == taken(DOOR, {"batch": batch})


@pytest.mark.parametrize(
    ("event", "batch", "time"),
    [
        ({"timestamp": iso(NOW - MINUTE)}, {}, NOW - MINUTE),
        # an hour slow: sent_at says so
        ({"timestamp": iso(NOW - 61 * MINUTE)}, {"sent_at": iso(NOW - 60 * MINUTE)}, NOW - MINUTE),
        ({"timestamp": iso(NOW + 59 * MINUTE)}, {"sent_at": iso(NOW + 60 * MINUTE)}, NOW - MINUTE),
        ({"offset": 60_000, "timestamp": "1999-01-01"}, {}, NOW - MINUTE),
        ({"properties": {"time": (NOW - MINUTE) // 1_000_000}}, {}, (NOW - MINUTE) // 1_000_000 * 1_000_000),
        ({"timestamp": "tomorrow"}, {}, NOW),
        ({"timestamp": "1999-01-01T00:00:00Z"}, {}, NOW),
        ({}, {}, NOW),
    ],
)  # fmt: skip
def test_the_time_is_the_clients_corrected_by_its_clock(
    event: dict[str, Any], batch: dict[str, Any], time: int
) -> None:
    assert abs(one({"event": "e", **event}, **batch)["event_time"] - time) < 1000


def test_the_time_of_sending_may_stand_in_the_query() -> None:
    body = {"batch": [{"event": "e", "timestamp": iso(NOW - 61 * MINUTE)}]}
    (row,) = rows(taken(DOOR, body, query={"_": str((NOW - 60 * MINUTE) // 1000)}), "usage_events")

    assert abs(row["event_time"] - (NOW - MINUTE)) < 2000


def test_an_exception_has_its_chain_root_first_and_its_frames() -> None:
    frame = {"filename": "pay.py", "function": "pay", "module": "shop", "lineno": 7, "in_app": True,
             "platform": "python", "context_line": "secret = 'hunter2'", "pre_context": ["hunter2"]}  # fmt: skip
    properties = {
        "$exception_list": [
            {
                "type": "ValueError",
                "value": "no card",
                "mechanism": {"handled": False},
                "stacktrace": {"frames": [frame]},
            },
            {"type": "KeyError", "value": "'x'"},
        ],
        "$exception_level": "fatal",
    }
    found = taken(DOOR, {"batch": [{"event": "$exception", "distinct_id": "u", "properties": properties}]})

    (row,) = rows(found, "error_events")
    assert (row["type"], row["message"], row["level"], row["handled"]) == ("ValueError", "no card", "fatal", False)
    assert (row["culprit"], row["platform"]) == ("shop.pay", "python")
    assert [each["type"] for each in orjson.loads(row["exceptions"])] == ["KeyError", "ValueError"]
    assert row["user_key"] == pseudonym(SECRET, "shop", "u")
    assert_safe(found)


def test_an_old_exception_has_a_type_and_a_message_alone() -> None:
    properties = {"$exception_type": "TypeError", "$exception_message": "x is null", "$lib": "web"}
    (row,) = rows(taken(DOOR, {"batch": [{"event": "$exception", "properties": properties}]}), "error_events")

    assert (row["type"], row["message"], row["platform"]) == ("TypeError", "x is null", "javascript")


def test_a_category_over_its_quota_is_refused_and_the_other_kept() -> None:
    request = inbound(DOOR, {"batch": [{"event": "e"}, {"event": "$exception"}, {"event": "e"}]})
    checked = DOOR.check(request)
    found = decoded(DOOR, request, checked, over_quota=["event"])

    assert dict(checked.items) == {"event": 2, "error": 1}
    assert [(each.category, each.reason) for each in found.refused] == [("event", "over_quota")] * 2
    assert [group.category for group in found.groups] == ["error"]
    assert_adds_up(found)


def test_nothing_of_a_refused_event_that_tells_of_a_person_goes_to_quarantine() -> None:
    said = "bob@example.com 4111111111111111 203.0.113.77 password=hunter2"
    found = taken(
        DOOR, {"batch": [{"event": "", "distinct_id": "Bob", "properties": {"x": "Bob"}, "said": said}, said]}
    )

    assert len(found.refused) == 2
    assert_safe(found, "Bob")


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text("aB$é\0 ", max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab$", max_size=3), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.dictionaries(
    st.sampled_from((
        "event", "uuid", "distinct_id", "timestamp", "offset", "$session_id", "$exception_list", "$exception_level",
        "$insert_id", "mechanism", "stacktrace", "frames", "platform", "type", "value", "$set", "alias",
    )),
    VALUES,
)  # fmt: skip
EVENTS = FIELDS | st.builds(
    lambda event, name, properties: {**event, "event": name, "properties": properties},
    FIELDS,
    st.sampled_from(("e", "$exception", "$identify", "", 7)),
    FIELDS | st.builds(lambda chain: {"$exception_list": chain}, st.lists(FIELDS | VALUES, max_size=3)) | VALUES,
)


@settings(max_examples=300, deadline=None)
@given(
    batch=st.lists(EVENTS | VALUES, max_size=5),
    sent_at=VALUES,
    path=st.sampled_from(("/batch/", "/i/v1/analytics/events")),
)
def test_whatever_the_events_are_each_ends_once(batch: list[Any], sent_at: Any, path: str) -> None:
    request = inbound(
        DOOR, {"api_key": "k", "batch": [*batch, {"event": "good", "uuid": "g"}], "sent_at": sent_at}, path=path
    )
    checked = DOOR.check(request)
    found = decoded(DOOR, request, checked)

    assert dict(found.received) == dict(checked.items)
    assert_adds_up(found)
    assert "good" in [row["event_name"] for row in rows(found, "usage_events")]
    assert found == decoded(DOOR, request, checked)


@settings(max_examples=300, deadline=None)
@given(
    body=st.binary(max_size=100) | st.builds(lambda rest: b"data=" + rest, st.binary(max_size=60)),
    data=st.none() | st.text(max_size=40),
)
def test_whatever_the_bytes_are_nothing_but_a_refusal_is_raised(body: bytes, data: str | None) -> None:
    request = inbound(
        DOOR, body, method="GET" if data is not None else "POST", query={"data": data} if data is not None else {}
    )
    try:
        DOOR.key(request)
        checked = DOOR.check(request)
    except RefusedError:
        return
    assert_adds_up(decoded(DOOR, request, checked))
