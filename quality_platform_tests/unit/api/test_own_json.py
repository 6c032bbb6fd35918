"""The three doors of own JSON: which bodies hold which items, what is refused and why, which identity an item has."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quality_platform.api.ingest import own_errors, own_events, own_metrics
from quality_platform.api.ingest.contract import Door, RefusedError
from quality_platform.api.ingest.own_bodies import MOST_ITEMS
from quality_platform_tests.data.doors import NOW, assert_adds_up, assert_safe, decoded, inbound, rows, taken

METRICS, ERRORS, EVENTS = own_metrics.DOOR, own_errors.DOOR, own_events.DOOR
DOORS = (METRICS, ERRORS, EVENTS)
GOOD = {METRICS.name: {"metric": "m", "value": 1}, ERRORS.name: {"message": "m"}, EVENTS.name: {"event": "e"}}

KINDS = {METRICS: own_metrics.SAMPLES, ERRORS: own_errors.ERRORS, EVENTS: own_events.EVENTS}


def answer(door: Door, body: object, **kept: Any) -> tuple[int, dict[str, Any]]:
    checked = door.check(inbound(door, body, **kept))
    return checked.answer.status, orjson.loads(checked.answer.body)


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
def test_one_object_a_list_an_envelope_and_lines_are_the_same(door: Door) -> None:
    good = GOOD[door.name]
    line = orjson.dumps(good)
    bodies = [
        (line, "application/json"),
        (orjson.dumps([good]), "application/json"),
        (orjson.dumps({door.name: [good]}), "application/json"),
        (line + b"\n\n", "application/x-ndjson"),
        (line, ""),
    ]
    for body, media_type in bodies:
        found = taken(door, body, media_type=media_type)
        assert found.received == {KINDS[door].category: 1}
        assert len(rows(found, door.tables[0])) == 1


def test_lines_under_the_content_type_of_one_document_are_lines() -> None:
    assert len(rows(taken(METRICS, b'{"metric":"a","value":1}\n{"metric":"b","value":2}\n'), "metric_samples")) == 2


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
def test_the_documented_example_is_taken_as_it_is(door: Door) -> None:
    assert answer(door, dict(KINDS[door].example)) == (202, {"accepted": 1, "rejected": 0, "errors": []})


@pytest.mark.parametrize(
    ("body", "reason"),
    [(b"", "json"), (b"{", "json"), (b"[]", "empty"), (b'{"metrics":[]}', "empty"), (b"\xff\xfe", "json")],
)
def test_a_body_without_items_is_refused_as_a_whole(body: bytes, reason: str) -> None:
    with pytest.raises(RefusedError) as error:
        METRICS.check(inbound(METRICS, body))
    assert (error.value.status, error.value.reason, error.value.items) == (400, reason, {"metric": 1})


def test_too_many_items_are_refused_and_counted() -> None:
    with pytest.raises(RefusedError) as error:
        METRICS.check(inbound(METRICS, [GOOD["metrics"]] * (MOST_ITEMS + 1)))
    assert (error.value.status, error.value.items) == (413, {"metric": MOST_ITEMS + 1})


def test_nothing_but_post_brings_items() -> None:
    checked = METRICS.check(inbound(METRICS, b"", method="GET"))

    assert (checked.answer.status, checked.answer.headers, checked.items) == (405, {"allow": "POST, OPTIONS"}, {})


@pytest.mark.parametrize(
    ("door", "item", "field", "message"),
    [
        (METRICS, {"value": 1}, "metric", "metric must be a name of 1 to 200 characters."),
        (METRICS, {"metric": "", "value": 1}, "metric", "metric must be a name of 1 to 200 characters."),
        (METRICS, {"metric": "m"}, "value", "value must be a finite number."),
        (METRICS, {"metric": "m", "value": "1"}, "value", "value must be a finite number."),
        (METRICS, {"metric": "m", "value": True}, "value", "value must be a finite number."),
        (METRICS, {"metric": "m", "value": 1, "labels": ["a"]}, "labels", "labels must be an object of at most 64 texts or numbers."),
        (METRICS, {"metric": "m", "value": 1, "labels": {"a": {}}}, "labels", "labels must be an object of at most 64 texts or numbers."),
        (METRICS, {"metric": "m", "value": 1, "kind": "sum"}, "kind", "kind must be one of gauge, rate, count (since the last sample) or counter (since its start)."),
        (METRICS, {"metric": "m", "value": 1, "observed_at": "soon"}, "observed_at", "observed_at must be ISO 8601 or a number since 1970; else now."),
        (ERRORS, {"message": 7}, "message", "message must be a text."),
        (ERRORS, {"message": "m", "level": "loud"}, "level", "level must be one of fatal, error, warning, info, debug, or their usual other names; else error."),
        (ERRORS, {"message": "m", "stack": [7]}, "stack", "stack must be a stack trace as text, or a list of frames, outermost call first."),
        (ERRORS, {"message": "m", "user": {"id": 7}}, "user", "user must be a text or a whole number; kept as a keyed hash, never as it is."),
        (EVENTS, {"user": "u"}, "event", "event must be a name of 1 to 500 characters."),
        (EVENTS, {"event": "e", "properties": []}, "properties", "properties must be an object; secrets and personal data in it are hidden."),
        (EVENTS, {"event": "e", "event_id": True}, "event_id", "event_id must be a text or a whole number; an event is stored once for each."),
    ],
)  # fmt: skip
def test_a_bad_item_is_named_with_what_would_be_right_and_the_good_beside_it_kept(
    door: Door, item: dict[str, object], field: str, message: str
) -> None:
    status, body = answer(door, [GOOD[door.name], item])

    assert status == 202
    assert body == {"accepted": 1, "rejected": 1, "errors": [{"index": 1, "field": field, "message": message}]}
    found = taken(door, [GOOD[door.name], item])
    assert [(each.reason, each.field, each.table) for each in found.refused] == [
        (f"invalid_{field}", field, door.tables[0])
    ]
    assert_adds_up(found)


@pytest.mark.parametrize("item", [7, None, "text", [1], {}, {"level": "error"}])
def test_an_error_that_says_nothing_is_refused_with_an_example(item: object) -> None:
    status, body = answer(ERRORS, [item])

    assert (status, body["errors"][0]["field"]) == (400, None)
    assert body["errors"][0]["message"].startswith("An item is an object such as {")


def test_no_more_than_100_refusals_are_named_and_all_are_counted() -> None:
    status, body = answer(METRICS, [{}] * 300)

    assert (status, body["rejected"], len(body["errors"])) == (400, 300, 100)


@pytest.mark.parametrize("door", [ERRORS, EVENTS], ids=lambda door: door.name)
def test_an_item_is_known_by_its_event_id_or_else_by_the_key_and_its_place(door: Door) -> None:
    own, other = {**GOOD[door.name], "event_id": "a1"}, GOOD[door.name]
    without = taken(door, [own, other])
    keyed = taken(door, [own, other], headers={"idempotency-key": "k1"})
    again = taken(door, [own, other], headers={"x-idempotency-key": "k1"})

    assert [group.identity for group in without.groups] == ["a1", None]
    assert keyed.groups[0].identity == "a1"
    assert keyed.groups[1].identity
    assert keyed == again
    assert taken(door, other, headers={"idempotency-key": "k2"}).groups[0].identity not in (
        None,
        keyed.groups[1].identity,
    )
    ids = [row["event_id"] for row in rows(without, door.tables[0])]
    assert ids[0] == "a1"
    assert len(set(ids)) == 2


def test_samples_are_known_by_the_requests_key_alone_and_a_request_of_none_takes_it_from_nobody() -> None:
    assert taken(METRICS, GOOD["metrics"]).groups[0].identity is None
    assert taken(METRICS, GOOD["metrics"], headers={"idempotency-key": "k"}).groups[0].identity
    assert taken(METRICS, {}, headers={"idempotency-key": "k"}).groups == []


def test_an_identity_that_tells_of_a_person_or_is_too_long_is_hashed() -> None:
    found = taken(EVENTS, [{"event": "e", "event_id": "bob@example.com"}, {"event": "e", "event_id": "x" * 500}])

    assert_safe(found)
    assert [len(str(group.identity)) for group in found.groups] == [32, 32]


def test_a_sample_says_all_that_it_was_sent_with() -> None:
    item = {
        "metric": "queue.depth", "value": 3, "subject": 7, "labels": {"b": 1, "a": True, "c": None},
        "observed_at": NOW // 1_000_000 - 60, "kind": "counter",
    }  # fmt: skip

    (row,) = rows(taken(METRICS, item), "metric_samples")

    assert row == {
        "metric": "queue.depth", "subject": "7", "labels": '{"a":"True","b":"1","c":""}', "value": 3,
        "observed_at": (NOW // 1_000_000 - 60) * 1_000_000, "kind": "counter",
    }  # fmt: skip


def test_a_frame_list_and_a_text_make_the_same_exception() -> None:
    text = (
        'Traceback (most recent call last):\n  File "/app/shop/pay.py", line 12, in pay\n    x()\nValueError: no card'
    )
    frames = [{"file": "/app/shop/pay.py", "line": 12, "function": "pay"}]
    one, other = rows(
        taken(ERRORS, [{"stack": text}, {"stack": frames, "type": "ValueError", "message": "no card"}]), "error_events"
    )

    assert one["type"] == other["type"] == "ValueError"
    assert one["message"] == other["message"] == "no card"
    assert one["frames"] == other["frames"]
    assert one["culprit"] == "shop.pay.pay"


def test_a_frame_may_say_itself_which_module_it_is_of_and_whether_it_is_the_applications() -> None:
    frames = [
        {"file": "a.rb", "module": "Shop::Cart", "function": "add", "in_app": True},
        {"function": "call", "in_app": False},
    ]
    (row,) = rows(taken(ERRORS, {"stack": frames, "type": "KeyError"}), "error_events")

    assert row["culprit"] == "Shop::Cart.add"
    assert [frame["in_app"] for frame in orjson.loads(row["frames"])] == [True, False]


def test_an_error_says_all_that_it_was_sent_with() -> None:
    (row,) = rows(taken(ERRORS, dict(own_errors.ERRORS.example)), "error_events")

    assert row["level"] == "error"
    assert (row["logger"], row["release"], row["environment"]) == ("shop.pay", "1.2.0", "production")
    assert (row["session_id"], row["trace_id"], row["handled"]) == ("s-4", "0af7651916cd43dd8448eb211c80319c", True)
    assert row["user_key"] not in (None, "u-17")


def test_a_user_is_one_key_in_errors_and_events_and_an_unknown_visitor_todays() -> None:
    (error,) = rows(taken(ERRORS, {"message": "m", "user": "u-17"}), "error_events")
    known, unknown = rows(taken(EVENTS, [{"event": "e", "user": " u-17 "}, {"event": "e"}]), "usage_events")

    assert error["user_key"] == known["user_key"]
    assert unknown["user_key"] == "visitor-of-today"


def test_secrets_and_people_are_nowhere() -> None:
    said = "bob@example.com paid with 4111111111111111 from 203.0.113.77, password=hunter2"
    everywhere = {
        "message": said, "type": said, "logger": said, "user": "bob@example.com", "session": said, "release": said,
        "stack": f"Error: {said}\n    at pay (https://shop.example/a.js?token=hunter2:1:2)", "event_id": said,
    }  # fmt: skip
    frame = {"file": "/home/bob@example.com/x.py", "function": "f?password=hunter2", "module": said}
    event = {
        "event": said, "user": "bob@example.com", "feature": said, "session": said, "environment": said,
        "properties": {"email": "bob@example.com", "password": "hunter2", said: said, "deep": [{"card": 4111111111111111}]},
    }  # fmt: skip
    sample = {"metric": said, "value": 1, "subject": said, "labels": {"password": "hunter2", "who": said, said: "x"}}
    bad = {
        "user": "bob",
        "session": "of-bob",
        "message": 7,
        "event": 7,
        "metric": 7,
        "password": "hunter2",
        "said": said,
    }

    for door, items in (
        (ERRORS, [everywhere, {"message": said, "stack": [frame]}, bad]),
        (EVENTS, [event, bad]),
        (METRICS, [sample, bad, said]),
    ):
        found = taken(door, items)
        assert_safe(found, "of-bob")
        assert_adds_up(found)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


def items_of(door: Door) -> st.SearchStrategy[Any]:
    fields = [*KINDS[door].wanted]
    fixed = st.fixed_dictionaries(
        {name: st.just(value) for name, value in GOOD[door.name].items()},
        optional={name: JSON_VALUES for name in fields if name not in GOOD[door.name]},
    )
    return JSON_VALUES | fixed | st.dictionaries(st.sampled_from(fields), JSON_VALUES, max_size=6)


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_whatever_the_items_are_each_ends_once_and_good_ones_are_kept(door: Door, data: st.DataObject) -> None:
    items = [*data.draw(st.lists(items_of(door), max_size=5)), GOOD[door.name]]
    request = inbound(
        door, orjson.dumps(items, option=orjson.OPT_PASSTHROUGH_DATACLASS) if _is_json(items) else b"[{}]"
    )
    checked = door.check(request)
    found = decoded(door, request, checked)

    assert_adds_up(found)
    assert found == decoded(door, request, checked)
    assert dict(found.received) == dict(checked.items)
    accepted = orjson.loads(checked.answer.body)["accepted"]
    assert accepted == sum(len(group.rows) for group in found.groups)


def _is_json(items: object) -> bool:
    try:
        orjson.dumps(items)
    except (TypeError, ValueError):  # half characters, integers beyond 64 bits
        return False
    return True


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
@settings(max_examples=150, deadline=None)
@given(
    body=st.binary(max_size=200), media_type=st.sampled_from(["application/json", "application/x-ndjson", "text/plain"])
)
def test_whatever_the_bytes_are_nothing_but_a_refusal_is_raised(door: Door, body: bytes, media_type: str) -> None:
    request = inbound(door, body, media_type=media_type)
    try:
        checked = door.check(request)
    except RefusedError:
        return
    assert_adds_up(decoded(door, request, checked))
