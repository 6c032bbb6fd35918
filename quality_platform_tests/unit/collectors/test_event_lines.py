"""Usage events from JSON lines: mapping, identity, time, refusals, privacy."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quality_platform.collectors.events import COLLECTOR
from quality_platform.collectors.events.usage_event import EventReader, RefusedEventError
from quality_platform.collectors.pseudonym import pseudonym
from quality_platform.collectors.tail import lines as lines_module
from quality_platform.model.configuration import EventMapping, QualityConfig

Config = Callable[..., QualityConfig]
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
BOB = pseudonym(b"secret", "shop", "bob")
EVENT = {"event_id": "e1", "event": "click", "timestamp": "2026-01-02T03:04:05Z", "user": "bob"}


def line(**changes: Any) -> str:
    return json.dumps({name: value for name, value in {**EVENT, **changes}.items() if value is not None}) + "\n"


def test_an_event_as_the_platform_writes_it(usage_of: Callable[..., list[dict[str, Any]]], tmp_path: Path) -> None:
    (row,) = usage_of(line(session="s1", feature="scan", release="1.0", environment="prod", duration_ms=12, plan="pro"))
    assert row == {
        "event_id": "e1", "event_time": AT, "event_name": "click", "user_key": BOB, "session_id": "s1",
        "properties": '{"duration_ms":12,"plan":"pro"}', "feature": "scan", "release": "1.0", "environment": "prod",
        "source_file": str(tmp_path / "events.txt"), "source_line": 1,
    }  # fmt: skip


def test_a_mapping_reaches_into_objects_and_leaves_the_rest(usage_of: Callable[..., list[dict[str, Any]]]) -> None:
    mapping = EventMapping(
        event_id="uuid", event_name="meta.name", event_time="meta.at", user="user.id", session="ctx.session.id"
    )
    text = json.dumps(
        {
            "uuid": "e1", "meta": {"name": "click", "at": 1767323045, "x": 1}, "user": {"id": 7},
            "ctx": {"session": {"id": "s"}, "page": "/a?b=c"}, "event": "kept", "a.b": 1,
        }
    )  # fmt: skip
    (row,) = usage_of(text + "\n", mapping=mapping)
    assert (row["event_name"], row["event_time"], row["session_id"]) == ("click", AT, "s")
    assert row["user_key"] == pseudonym(b"secret", "shop", "7")
    assert json.loads(row["properties"]) == {
        "meta": {"x": 1}, "ctx": {"page": "/a?[query]"}, "event": "kept", "a.b": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("user", "identifier"),
    [("bob", "bob"), (" bob ", "bob"), (7, "7"), (7.0, "7"), ("7", "7"), ("größe@x.de", "größe@x.de")],
)
def test_the_same_person_has_the_same_key_however_it_is_written(
    user: object, identifier: str, usage_of: Callable[..., list[dict[str, Any]]]
) -> None:
    (row,) = usage_of(line(user=user))
    assert row["user_key"] == pseudonym(b"secret", "shop", identifier)


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"event": None}, "event_name", "The field 'event' is missing (mapping.event_name)."),
    ({"event": " "}, "event_name", "The field 'event' is missing (mapping.event_name)."),
    ({"timestamp": None}, "event_time", "The field 'timestamp' is missing (mapping.event_time)."),
    ({"timestamp": "soon"}, "event_time",
     "The field 'timestamp' is no time; write ISO 8601 or seconds since 1970 (mapping.event_time)."),
    ({"timestamp": 12}, "event_time",
     "The field 'timestamp' is no time; write ISO 8601 or seconds since 1970 (mapping.event_time)."),
    ({"user": None}, "user", "The field 'user' is missing (mapping.user)."),
    ({"user": ""}, "user", "The field 'user' is missing (mapping.user)."),
    ({"user": {"id": "bob"}}, "user",
     "The field 'user' is neither text nor a whole number; map a field inside it, such as user.id (mapping.user)."),
    ({"user": True}, "user",
     "The field 'user' is neither text nor a whole number; map a field inside it, such as user.id (mapping.user)."),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "field", "reason"), REFUSED)
def test_what_an_event_lacks_is_named_and_its_neighbours_are_kept(
    changes: dict[str, Any], field: str, reason: str, usage_of: Callable[..., list[dict[str, Any]]], memory: Any
) -> None:
    rows = usage_of(line(event_id="a") + line(**changes, email="bob@example.com") + line(event_id="b"))
    assert [row["event_id"] for row in rows] == ["a", "b"]
    (refused,) = memory.rejected
    assert (refused.table, refused.position, refused.field, refused.reason) == ("usage_events", "line 2", field, reason)
    shown = json.loads(refused.original)
    assert shown["user"] == "[user]"
    assert b"bob" not in refused.original


@pytest.mark.parametrize(
    ("text", "reason", "shape"),
    [
        ('{"user": "bob"', "The line is not valid JSON: ", b'{"x": "x"'),
        ('{"user": "bob", "n": NaN}', "The line is not valid JSON: ", b'{"x": "x", "x": x}'),
        ('{"user": "bob", "n": 1e999}', "The line is not valid JSON: ", b'{"x": "x", "x": x}'),
        ('["bob"]', "The line is valid JSON, but not an object.", b'["x"]'),
        ("bob", "The line is not valid JSON: ", b"x"),
    ],
)
def test_a_line_that_cannot_be_read_is_kept_without_its_values(
    text: str, reason: str, shape: bytes, usage_of: Callable[..., list[dict[str, Any]]], memory: Any
) -> None:
    rows = usage_of(text + "\n\n" + line())
    assert [row["source_line"] for row in rows] == [3]
    (refused,) = memory.rejected
    assert refused.reason.startswith(reason)
    assert refused.original == shape


def test_without_an_identity_place_and_content_give_one(
    usage_of: Callable[..., list[dict[str, Any]]], memory: Any
) -> None:
    first, second = usage_of(line(event_id=None) * 2)
    assert first["event_id"] != second["event_id"]
    assert all(len(row["event_id"]) == 32 for row in (first, second))
    memory.batches.clear()
    memory.cursors.clear()
    assert usage_of(line(event_id=None) * 2) == [first, second]


def test_a_long_identity_is_hashed_not_cut(usage_of: Callable[..., list[dict[str, Any]]]) -> None:
    first, second, short = usage_of(line(event_id="x" * 300 + "1") + line(event_id="x" * 300 + "2") + line(event_id=17))
    assert len(first["event_id"]) == 64
    assert first["event_id"] != second["event_id"]
    assert short["event_id"] == "17"


def test_old_events_keep_their_time_and_future_ones_become_now(
    usage_of: Callable[..., list[dict[str, Any]]], memory: Any
) -> None:
    old, near, ahead = usage_of(
        line(timestamp="2011-01-01") + line(timestamp="2026-03-01T12:04:59Z") + line(timestamp="2026-03-02")
    )
    assert old["event_time"] == datetime(2011, 1, 1, tzinfo=UTC)
    assert near["event_time"] == NOW + timedelta(seconds=299)
    assert ahead["event_time"] == NOW
    assert memory.batches[0].read_from["counts"]["clock_ahead"] == 1


def test_nothing_personal_is_stored(usage_of: Callable[..., list[dict[str, Any]]], memory: Any) -> None:
    text = line(
        user="bob@example.com", ip="203.0.113.77", note="call bob@example.com at 203.0.113.77", password="hunter2",
        deep={"card": "4111111111111111"}, numbers=["4111 1111 1111 1111"], event="click",
    )  # fmt: skip
    text += line(user="bob@example.com", event=None, password="hunter2", note="4111111111111111", ip="203.0.113.77")
    text += '{"user": "bob@example.com", "password": "hunter2", "4111111111111111": "203.0.113.77"\n'
    assert len(usage_of(text)) == 1
    stored = repr(
        [(batch.tables["usage_events"].to_pylist(), batch.rejected, batch.read_from) for batch in memory.batches]
    )
    for secret in ("bob", "hunter2", "4111", "203.0.113.77"):
        assert secret not in stored.replace("/bob", "")


def test_dropped_properties_are_not_stored(usage_of: Callable[..., list[dict[str, Any]]]) -> None:
    (row,) = usage_of(line(a=1, b={"c": 2, "d": 3}, e=4), drop=("a", "b.c"))
    assert json.loads(row["properties"]) == {"b": {"d": 3}, "e": 4}


def test_too_many_properties_are_cut_and_counted(usage_of: Callable[..., list[dict[str, Any]]], memory: Any) -> None:
    (row,) = usage_of(line(**{f"p{index}": "x" * 1000 for index in range(40)}))
    assert len(row["properties"].encode()) <= 16 * 1024
    assert "_cut" in json.loads(row["properties"])
    assert memory.batches[0].read_from["counts"]["cut"] == 1


@settings(max_examples=40, deadline=None)
@given(count=st.integers(0, 12), cuts=st.lists(st.integers(0, 1200), max_size=6), block=st.sampled_from([2, 50_000]))
def test_json_lines_in_pieces_give_what_the_whole_gives(
    count: int, cuts: list[int], block: int, new_memory: Any, event_config: Config, tmp_path_factory: Any
) -> None:
    content = "".join(line(event_id=None, n=index) if index % 3 else "bad\n" for index in range(count)).encode()
    path = tmp_path_factory.mktemp("jsonl") / "events.jsonl"
    config = event_config(path)
    path.write_bytes(content)
    whole = new_memory()
    whole.collect(COLLECTOR, config, now=NOW)
    path.unlink()
    pieces = new_memory()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines_module, "MAX_LINES", block)
        for start, stop in zip([0, *sorted(cuts)], [*sorted(cuts), len(content)], strict=True):
            with path.open("ab") as file:
                file.write(content[start:stop])
            os.utime(path, (NOW.timestamp(), NOW.timestamp()))
            pieces.collect(COLLECTOR, config, now=NOW + timedelta(seconds=1))
    assert pieces.rows == whole.rows
    assert [item.position for item in pieces.rejected] == [item.position for item in whole.rejected]


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "a.b", "email", "é"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([*EVENT, "session", "feature", "release", "x", "user.id", "password"]), json_values, max_size=6
    )
)
def test_any_values_make_an_event_or_a_refusal(fields: dict[str, Any]) -> None:
    reader = EventReader(EventMapping(), ("x.id",), project="shop", secret=b"s", now=NOW)
    record = {**EVENT, **fields}
    try:
        event = reader.read(record)
    except RefusedEventError as error:
        refusal = error
    else:
        assert json.loads(event.properties) is not None
        assert event.time <= NOW.timestamp() * 1e6 + 300e6
        return
    assert refusal.field in {"event_name", "event_time", "user"}
    assert json.loads(reader.shown(record))["user"] == "[user]"
