"""Prometheus' text format and OpenMetrics: what is read, what is left out and why, what no page can do to us."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import prometheus_client as client
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.exposition import generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics

from quality_platform.collectors.scrape import exposition
from quality_platform.collectors.scrape.exposition import Exposition, Shown, UnreadableError, read
from quality_platform.collectors.scrape.rows import exposed_rows, kind_of
from quality_platform.model.live_sources import ScrapeTarget

OPEN = "application/openmetrics-text; version=1.0.0; charset=utf-8"
PLAIN = "text/plain; version=0.0.4"
TARGET = ScrapeTarget(name="shop", url="http://127.0.0.1/metrics", labels={"zone": "eu"})


def page(text: str, media_type: str = PLAIN) -> Exposition:
    return read(text.encode(), media_type, 10.0)


def found(text: str, media_type: str = PLAIN) -> dict[tuple[str, str], tuple[float, str]]:
    rows, _ = exposed_rows(page(text, media_type), TARGET, 1)
    return {(metric, labels): (value, kind) for metric, _, labels, _, value, kind in rows}


@pytest.fixture
def registry() -> client.CollectorRegistry:
    registry = client.CollectorRegistry()
    client.Counter("orders", "Orders.", ["kind"], registry=registry).labels('a"b\\c\nd').inc(3)
    client.Gauge("queue_depth", "Depth.", registry=registry).set(-2.5)
    client.Histogram("latency_seconds", "Latency.", buckets=(0.1, 1), registry=registry).observe(
        0.5, {"trace_id": "t1"}
    )
    client.Summary("size_bytes", "Size.", registry=registry).observe(10)
    client.Info("build", "Build.", registry=registry).info({"version": "1.2"})
    client.Enum("state", "State.", states=["up", "down"], registry=registry).state("up")
    return registry


@pytest.mark.parametrize(("write", "media_type"), [(generate_latest, PLAIN), (generate_openmetrics, OPEN)])
def test_what_the_client_shows_is_read_alike_in_both_formats(
    registry: client.CollectorRegistry, write: Callable[[client.CollectorRegistry], bytes], media_type: str
) -> None:
    shown = read(write(registry), media_type, 10.0)
    assert shown.faults == []
    rows, rejected = exposed_rows(shown, ScrapeTarget(name="shop", url="http://h/"), 7)
    assert rejected == []
    assert {row[1] for row in rows} == {"shop"}
    assert {row[3] for row in rows} == {7}
    values = {(row[0], row[2]): (row[4], row[5]) for row in rows if not row[0].endswith("_created")}
    assert values == {
        ("orders_total", '{"kind":"a\\"b\\\\c\\nd"}'): (3.0, "counter"),
        ("queue_depth", "{}"): (-2.5, "gauge"),
        ("latency_seconds_bucket", '{"le":"0.1"}'): (0.0, "counter"),
        ("latency_seconds_bucket", '{"le":"1.0"}'): (1.0, "counter"),
        ("latency_seconds_bucket", '{"le":"+Inf"}'): (1.0, "counter"),
        ("latency_seconds_count", "{}"): (1.0, "counter"),
        ("latency_seconds_sum", "{}"): (0.5, "counter"),
        ("size_bytes_count", "{}"): (1.0, "counter"),
        ("size_bytes_sum", "{}"): (10.0, "counter"),
        ("build_info", '{"version":"1.2"}'): (1.0, "gauge"),
        ("state", '{"state":"up"}'): (1.0, "gauge"),
        ("state", '{"state":"down"}'): (0.0, "gauge"),
    }


@pytest.mark.parametrize(
    ("name", "declared", "kind"),
    [
        ("a_total", "counter", "counter"), ("a", "counter", "counter"), ("a_created", "counter", "gauge"),
        ("a_bucket", "histogram", "counter"), ("a_sum", "histogram", "counter"), ("a_count", "summary", "counter"),
        ("a", "summary", "gauge"), ("a_created", "histogram", "gauge"), ("a_gcount", "gaugehistogram", "gauge"),
        ("a_bucket", "gaugehistogram", "gauge"), ("a_total", "gauge", "gauge"), ("a_total", "unknown", "counter"),
        ("a_bucket", "unknown", "counter"), ("a", "unknown", "gauge"), ("a_info", "info", "gauge"),
    ],
)  # fmt: skip
def test_kinds(name: str, declared: str, kind: str) -> None:
    assert kind_of(name, declared) == kind


def test_labels_of_the_target_are_added_and_win() -> None:
    assert found('a{zone="x",b="y"} 1\n') == {("a", '{"b":"y","zone":"eu"}'): (1.0, "gauge")}


def test_labels_are_scrubbed() -> None:
    labels = next(iter(found('a{user="bob@example.com",api_token="hunter2",path="/x?secret=1"} 1\n')))[1]
    assert labels == '{"api_token":"[secret]","path":"/x?[query]","user":"[email]","zone":"eu"}'


def test_a_wrong_line_costs_itself_alone() -> None:
    text = "# TYPE a counter\na_total 1\nthis is {no sample\n# TYPE b gauge\nb 2\n# HELP\nc_total 3 # {x} y\n"
    shown = page(text)
    assert [(one.name, one.value, one.type) for one in shown.samples] == [
        ("a_total", 1.0, "counter"),
        ("b", 2.0, "gauge"),
        ("c_total", 3.0, "unknown"),
    ]
    assert shown.faults == [("line 3", "It is no sample.")]


def test_openmetrics_without_its_end_is_read_as_far_as_it_goes() -> None:
    text = '# TYPE a histogram\na_bucket{le="+Inf"} 5 # {trace_id="x"} 0.5 1.5\na_count 5 1779005103.5\n# TYPE b counter\nb_total 1'
    assert found(text, OPEN) == {
        ("a_bucket", '{"le":"+Inf","zone":"eu"}'): (5.0, "counter"),
        ("a_count", '{"zone":"eu"}'): (5.0, "counter"),
        ("b_total", '{"zone":"eu"}'): (1.0, "counter"),
    }


def test_the_instant_of_a_page_is_not_taken() -> None:
    assert found("a 1 1395066363000\n") == {("a", '{"zone":"eu"}'): (1.0, "gauge")}


def test_numbers_that_are_none_are_left_out_in_silence() -> None:
    rows, rejected = exposed_rows(page("a NaN\nb +Inf\nc -Inf\nd 1\n"), TARGET, 1)
    assert ([row[0] for row in rows], rejected) == (["d"], [])


def test_a_series_that_is_there_twice_is_stored_once() -> None:
    rows, rejected = exposed_rows(page('a{b="1"} 1\na{b="1"} 2\n'), TARGET, 1)
    assert [row[4] for row in rows] == [1.0]
    assert [item.field for item in rejected] == ["labels"]


def test_names_that_are_too_long_are_refused() -> None:
    rows, rejected = exposed_rows(page(f"{'a' * 201} 1\nb 1\n"), TARGET, 1)
    assert [row[0] for row in rows] == ["b"]
    assert [item.field for item in rejected] == ["metric"]


def test_samples_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exposition, "SAMPLE_LIMIT", 10)
    shown = page("".join(f"a{n} 1\n" for n in range(20)))
    assert len(shown.samples) == 10
    assert "more than 10" in shown.faults[0][1]


def test_a_page_that_was_cut_loses_its_last_line_alone() -> None:
    shown = read(b"a 1\nb 2\nc_is_cut 1", PLAIN, 10.0, cut=True)
    assert [one.name for one in shown.samples] == ["a", "b"]
    assert shown.faults[0][0] == "body"


def test_lines_beyond_the_limit_are_left_out_and_cost_no_time() -> None:
    labels = ",".join(f'l{n}="\\"\\"\\""' for n in range(100_000))
    started = time.process_time()
    shown = page(f"a 1\nb{{{labels}}} 1\nc 1\n")
    assert [one.name for one in shown.samples] == ["a", "c"]
    assert shown.faults[0][0] == "line 2"
    assert time.process_time() - started < 20


@pytest.mark.parametrize("text", ["<html><body>Not found</body></html>", "{}", '{"status": "ok"}\n', "\x00\xff"])
def test_what_is_no_page_of_metrics_is_said_so(text: str) -> None:
    with pytest.raises(UnreadableError):
        page(text)


@pytest.mark.parametrize(("text", "media_type"), [("", PLAIN), ("# EOF\n", OPEN), ("\n\n", PLAIN)])
def test_a_page_without_metrics_is_none_the_less_one(text: str, media_type: str) -> None:
    assert page(text, media_type) == Exposition()


@given(st.text(max_size=400), st.sampled_from([PLAIN, OPEN]))
def test_no_text_breaks_the_reading(text: str, media_type: str) -> None:
    try:
        shown = page(text, media_type)
    except UnreadableError:
        return
    rows, _ = exposed_rows(shown, TARGET, 1)
    assert all(math.isfinite(row[4]) for row in rows)


NAMES = st.from_regex(r"[a-z_][a-z0-9_]{0,20}", fullmatch=True)
LABELS = st.dictionaries(
    st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True), st.text(st.characters(codec="utf-8"), max_size=20), max_size=4
)


@given(
    st.lists(st.tuples(NAMES, LABELS, st.floats(allow_nan=False, allow_infinity=False)), max_size=8), st.integers(0, 8)
)
def test_good_lines_survive_beside_any_bad_one(samples: list[tuple[str, dict[str, str], float]], at: int) -> None:
    def escaped(value: str) -> str:
        return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")

    lines = [
        name + "{" + ",".join(f'{key}="{escaped(text)}"' for key, text in labels.items()) + "} " + repr(value)
        for name, labels, value in samples
    ]
    lines.insert(min(at, len(lines)), "{no sample")
    lines.append("last 1")
    shown = page("\n".join(lines) + "\n")
    good = [Shown(name, labels, value, "unknown") for name, labels, value in samples]
    assert [one for one in shown.samples if one.name != "last"] == [one for one in good if one.name != "last"]
