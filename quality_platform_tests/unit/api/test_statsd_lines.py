"""Lines of StatsD and DogStatsD, one by one, and that no bytes break the decoder."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.api.ingest.contract import Decoded, Decoding
from quality_platform.api.ingest.statsd import door, lines
from quality_platform.api.ingest.statsd.lines import Check, Event, Metric, parse
from quality_platform.spool.item import Entry

NOW = int(datetime(2026, 5, 1, tzinfo=UTC).timestamp() * 1e6)
THEN = NOW // 1_000_000 - 60


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (b"a:1|c", Metric("a", "c", (1.0,))),
        (b"a.b:1.5|c|@0.1", Metric("a.b", "c", (1.5,), rate=0.1)),
        (b"a:1:2:3|ms|#x:1,y", Metric("a", "ms", (1.0, 2.0, 3.0), tags=(("x", "1"), ("y", "")))),
        (b"a:-2|g", Metric("a", "g", (-2.0,), signed=True)),
        (b"a:+2|g", Metric("a", "g", (2.0,), signed=True)),
        (b"a:1|g|T1600000000", Metric("a", "g", (1.0,), time=1600000000)),
        (b"a:ann|s", Metric("a", "s", members=("ann",))),
        (b"a:1|d|#url:http://x|c:abc|e:it|card:low", Metric("a", "d", (1.0,), tags=(("url", "http://x"),))),
        ("größe:1|h".encode(), Metric("größe", "h", (1.0,))),
        (b"_sc|db.up|2", Check("db.up", 2)),
        (b"_sc|db.up|0|d:1600000000|h:db-1|#a:b|m:slow|er", Check("db.up", 0, 1600000000, "db-1", (("a", "b"),))),
        (b"_e{2,3}:hi|abc", Event("hi", "abc")),
        (b"_e{2,4}:hi|a\\nb|d:1600000000|h:web|p:low|t:error|#x:y",
         Event("hi", "a\nb", 1600000000, (("host", "web"), ("priority", "low"), ("alert_type", "error")), (("x", "y"),))),
        ("_e{3,1}:ü!|x".encode(), Event("ü!", "x")),
        (b"_e{3,3}:a|b|c|d", Event("a|b", "c|d")),
    ],
)  # fmt: skip
def test_lines(line: bytes, found: object) -> None:
    assert parse(line) == found


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (b"a", lines.SYNTAX),
        (b"a:|c", lines.SYNTAX),
        (b":1|c", lines.NO_NAME),
        (b"x" * 191 + b":1|c", lines.NO_NAME),
        (b"a:1", lines.UNKNOWN_TYPE),
        (b"a:1|m", lines.UNKNOWN_TYPE),
        (b"a:one|c", lines.NO_NUMBER),
        (b"a:nan|g", lines.NO_NUMBER),
        (b"a:inf|g", lines.NO_NUMBER),
        (b"a:1:x|ms", lines.NO_NUMBER),
        (b"a:1|c|@0", lines.NO_RATE),
        (b"a:1|c|@2", lines.NO_RATE),
        (b"a:1|c|@1e-300", lines.NO_RATE),
        (b"a:1|c|@x", lines.NO_RATE),
        (b"_sc|a|9", lines.NO_CHECK),
        (b"_sc||0", lines.NO_CHECK),
        (b"_sc|a", lines.NO_CHECK),
        (b"_e{9,9}:hi|abc", lines.NO_EVENT),
        (b"_e{0,1}:|a", lines.NO_EVENT),
        (b"_e{x}:hi|abc", lines.NO_EVENT),
    ],
)
def test_lines_that_are_refused(line: bytes, fault: lines.Fault) -> None:
    assert parse(line) == fault


def decoded(body: bytes, **meta: object) -> Decoded:
    return door.decode(Entry("shop", "statsd", NOW, body, meta), Decoding(b"s" * 32))


def samples(found: Decoded) -> list[tuple[object, ...]]:
    """Metric, labels, microseconds after the group came, value, kind."""
    rows = [row for group in found.groups for table, row in group.rows if table == "metric_samples"]
    return [(row[0], json.loads(row[2]), row[3] - NOW, row[4], row[5]) for row in rows]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"a:1|c\na:2|c|@0.5\na:1|c|#x:1", [("a", {}, 0, 5.0, "count"), ("a", {"x": "1"}, 0, 1.0, "count")]),
        (b"a:1|g\na:7|g", [("a", {}, 0, 7.0, "gauge")]),
        (b"a:0|g\na:-7|g", [("a", {}, 0, -7.0, "gauge")]),
        (b"a:-7|g|#x:1", [("a", {"x": "1"}, 0, -7.0, "gauge")]),
        (
            b"a:5|ms|@0.5\na:5|ms",
            [("a.count", {}, 0, 3.0, "count"), ("a.ms", {}, 0, 5.0, "gauge"), ("a.ms", {}, 1, 5.0, "gauge")],
        ),
        (b"a:5|h", [("a.count", {}, 0, 1.0, "count"), ("a", {}, 0, 5.0, "gauge")]),
        (b"a:x|s\na:y|s\na:x|s", [("a", {}, 0, 2.0, "gauge")]),
        (b"a:1|c|T%d" % THEN, [("a", {}, -60_000_000, 1.0, "count")]),
        (b"a:1|c|#token:hunter2", [("a", {"token": "[secret]"}, 0, 1.0, "count")]),
        (b"_sc|db|1|#x:1", [("service_check", {"check": "db", "x": "1"}, 0, 1.0, "gauge")]),
    ],
)
def test_what_a_group_sums_up_to(body: bytes, found: list[tuple[object, ...]]) -> None:
    result = decoded(body)
    assert samples(result) == found
    assert result.received == {"metric": len(found)}
    assert result.refused == []


@pytest.mark.parametrize("body", [b"a:-7|g", b"a:+7|g", b"a:5|c\na:+7|g"])
def test_a_change_of_an_unknown_gauge_is_refused(body: bytes) -> None:
    assert [refusal.reason for refusal in decoded(body).refused] == ["gauge_change"]


def test_what_a_client_says_it_dropped_is_a_loss() -> None:
    found = decoded(b"datadog.dogstatsd.client.packets_dropped:3|c|#client:py")
    assert [(loss.category, loss.reason, loss.quantity) for loss in found.lost] == [("metric", "packets_dropped", 3)]
    assert decoded(b"datadog.dogstatsd.client.packets_dropped:0|c").lost == []


def test_over_quota_nothing_is_stored() -> None:
    found = decoded(b"a:1|c\n_e{1,1}:a|b", over_quota=["metric"])
    assert [(group.category, len(group.rows)) for group in found.groups] == [("event", 1)]
    assert [(refusal.reason, refusal.quantity) for refusal in found.refused] == [("over_quota", 1)]


def test_refused_lines_are_quoted_without_secrets() -> None:
    assert b"hunter2" not in (decoded(b"login password=hunter2").refused[0].original or b"")


PARTS = [
    "a",
    ":",
    "1",
    "-1",
    "1e308",
    "nan",
    "|",
    "c",
    "g",
    "ms",
    "s",
    "h",
    "@",
    "0.1",
    "#",
    "x:y",
    ",",
    "\n",
    "_e{1,1}:a|b",
    "_sc|a|0",
    "T1",
]


@given(
    st.binary(max_size=100) | st.lists(st.sampled_from(PARTS), max_size=40).map(lambda parts: "".join(parts).encode())
)
def test_whatever_comes_each_item_ends_somewhere(body: bytes) -> None:
    found = decoded(body)

    ended: Counter[str] = Counter()
    for group in found.groups:
        ended[group.category] += len(group.rows)
    for refusal in found.refused:
        ended[refusal.category] += refusal.quantity
    assert ended == found.received
    metrics = [row[:4] for group in found.groups for table, row in group.rows if table == "metric_samples"]
    assert len(set(metrics)) == len(metrics)
