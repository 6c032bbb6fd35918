"""Access logs as text: what nginx and Apache write, what people add, what clients plant."""

from __future__ import annotations

import gzip
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from quality_platform.collectors.access_logs import COLLECTOR
from quality_platform.collectors.access_logs.text_line import text_access
from quality_platform.model.configuration import ProjectConfig, QualityConfig
from quality_platform.model.live_sources import AccessLogSource

ROOT = Path(__file__).parents[3]
REAL_LOG = Path(os.environ.get("CONFORMANCE_DIR", ROOT / "../shared/conformance")) / "usage" / "access_log_10k.log.gz"
LONG_AGO = 1_700_000_000
TIME = "[17/May/2026:10:05:03 +0200]"
REQUEST = '"GET /orders/17?token=hunter2 HTTP/1.1" 200 512'
COMBINED = f'203.0.113.77 - - {TIME} {REQUEST} "https://example.com/?q=bob@example.com" "Mozilla/5.0"'


def requests_of(memory: Any, path: Path, text: str, **options: Any) -> list[dict[str, Any]]:
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    os.utime(path, (LONG_AGO, LONG_AGO))
    source = AccessLogSource(paths=(str(path),), **options)
    memory.collect(COLLECTOR, QualityConfig(projects=(ProjectConfig(id="shop", access_logs=(source,)),)))
    return list(memory.rows)


def test_a_combined_line_becomes_a_request(memory: Any, tmp_path: Path) -> None:
    (row,) = requests_of(memory, tmp_path / "access.log", COMBINED + "\n", service="web", environment="production")
    assert len(row.pop("event_id")) == 32
    assert row.pop("event_time").isoformat() == "2026-03-01T12:00:00+00:00"  # ahead of the tests' clock: ours
    assert {name: value for name, value in row.items() if value is not None} == {
        "operation": "http.server",
        "service": "web",
        "route": "/orders/{id}",
        "method": "GET",
        "status": 200,
        "is_error": False,
        "response_bytes": 512,
        "environment": "production",
        "source_file": str(tmp_path / "access.log"),
        "source_line": 1,
    }


def test_nothing_of_who_asked_is_kept_but_a_hash_of_who_is_logged_in(memory: Any, tmp_path: Path) -> None:
    lines = [COMBINED, COMBINED.replace("- -", "- bob"), COMBINED.replace("- -", "- bob"), "203.0.113.77 nonsense"]
    rows = requests_of(memory, tmp_path / "access.log", "\n".join(lines) + "\n")
    keys = [row["user_key"] for row in rows]
    assert keys[0] is None
    assert keys[1] == keys[2] != "bob"
    kept = repr(rows) + repr(memory.rejected)
    assert not [word for word in ("203.0.113.77", "hunter2", "bob", "Mozilla") if word in kept]


@pytest.mark.parametrize(
    "head",
    [
        "192.0.2.1 - - ",
        "2001:db8::1 - - ",
        "shop.example.com:443 192.0.2.1 - - ",
        "192.0.2.1, 198.51.100.2 - - ",
        "May 17 10:05:03 web1 nginx: 192.0.2.1 - - ",
        "<190>May 17 10:05:03 web1 nginx[12]: 192.0.2.1 - - ",
        "<134>1 2026-05-17T10:05:03.123Z web1 httpd 12 - - 192.0.2.1 - - ",
        "",
    ],
)
def test_what_stands_before_the_time_does_not_matter(head: str) -> None:
    access = text_access(f"{head}{TIME} {REQUEST}", "auto")
    assert not isinstance(access, str), access
    assert (access.route, access.status, access.size, access.user) == ("/orders/{id}", 200, 512, None)
    assert access.time == 1_779_005_103_000_000


@pytest.mark.parametrize(
    ("head", "user"),
    [
        ("192.0.2.1 - bob ", "bob"),
        ("192.0.2.1 - Bob Smith ", "Bob Smith"),
        ("shop:80 192.0.2.1 - bob ", "bob"),
        ("192.0.2.1 identd bob ", "bob"),
        ("192.0.2.1 198.51.100.2 ", None),
        ('192.0.2.1 - "" ', None),
    ],
)
def test_the_user_stands_behind_the_dash(head: str, user: str | None) -> None:
    access = text_access(f"{head}{TIME} {REQUEST}", "auto")
    assert not isinstance(access, str), access
    assert access.user == user


@pytest.mark.parametrize(
    ("tail", "unit", "expected"),
    [
        ("", "auto", None),
        (' "-" "UA"', "auto", None),
        (' "-" "UA" rt=0.005 uct="0.001" urt="0.004"', "auto", 5.0),
        (' "-" "UA" "192.0.2.9" rt="1.5"', "auto", 1500.0),
        (' "-" "UA" request_time=0.25', "auto", 250.0),
        (' "-" "UA" 0.123', "auto", 123.0),
        (' "-" "UA" 0.123 0.100', "auto", 123.0),
        (' "-" "UA" 316 0.003 [shop-80] [] 192.0.2.8:80 612 0.003 200 abcdef', "auto", 3.0),
        (' "-" "UA" 42 "router@docker" "http://192.0.2.8" 12ms', "auto", 12.0),
        (' "-" "UA" 12345', "auto", None),
        (' "-" "UA" 12345', "microseconds", 12.345),
        (' "-" "UA" 12345', "milliseconds", 12345.0),
        (' 2500 "-" "UA"', "microseconds", 2.5),
        (' "-" "UA" 0.5', "seconds", 500.0),
        (' "-" "UA" 99999999999', "seconds", None),
        (' "-" "rt=9.0 "', "auto", None),
        (' "rt=9.0" "UA" rt=0.010', "auto", 10.0),
        (' "-" "\\" 7.0 rt=7.0"', "auto", None),
        (' "-" "7.0"', "auto", None),
    ],
)
def test_durations_are_taken_where_they_are_certain_and_never_from_a_client(
    tail: str, unit: Any, expected: float | None
) -> None:
    access = text_access(f"192.0.2.1 - - {TIME} {REQUEST}{tail}", unit)
    assert not isinstance(access, str), access
    assert access.duration_ms == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize(
    ("request_and_status", "expected"),
    [
        ('"-" 408 0', (None, "(invalid)", 408, 0)),
        ('"" 400 -', (None, "(invalid)", 400, None)),
        ('"\\x16\\x03\\x01" 400 150', (None, "(invalid)", 400, 150)),
        ('"GET /a\\"b HTTP/1.1" 404 5', ("GET", '/a\\"b', 404, 5)),
        ('"GET / HTTP/1.1" - -', ("GET", "/", None, None)),
        ('"GET / HTTP/1.1" 000 0', ("GET", "/", None, 0)),
        ('"POST /x HTTP/2.0" 502 9', ("POST", "/x", 502, 9)),
        ('"GET /only" 200 1', ("GET", "/only", 200, 1)),
    ],
)
def test_strange_requests_are_requests_too(request_and_status: str, expected: tuple[Any, ...]) -> None:
    access = text_access(f"192.0.2.1 - - {TIME} {request_and_status}", "auto")
    assert not isinstance(access, str), access
    assert (access.method, access.route, access.status, access.size) == expected


def test_lines_that_are_none_are_refused_beside_good_ones(memory: Any, tmp_path: Path) -> None:
    text = f"{COMBINED}\nno access log\n\n192.0.2.1 - - [99/May/2026:10:05:03 +0000] {REQUEST}\n192.0.2.1 {TIME} x\n"
    rows = requests_of(memory, tmp_path / "access.log", text)
    assert [row["source_line"] for row in rows] == [1]
    assert [item.position for item in memory.rejected] == ["line 2", "line 4", "line 5"]
    assert memory.batches[0].read_from["counts"] == {"lines": 5, "clock_ahead": 1}


def test_the_same_file_gives_the_same_identities_in_any_pieces(new_memory: Any, tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    at_once = {row["event_id"] for row in requests_of(new_memory(), path, f"{COMBINED}\n" * 5)}
    pieces = new_memory()
    for count in (2, 5):
        rows = requests_of(pieces, path, f"{COMBINED}\n" * count)
    assert len(at_once) == 5
    assert {row["event_id"] for row in rows} == at_once


@pytest.mark.conformance
def test_ten_thousand_real_requests_are_all_read(memory: Any, tmp_path: Path) -> None:
    if not REAL_LOG.is_file():
        pytest.skip(f"{REAL_LOG} is not there; set CONFORMANCE_DIR")
    text = gzip.decompress(REAL_LOG.read_bytes()).decode("utf-8", "surrogateescape")
    rows = requests_of(memory, tmp_path / "access.log", text)
    assert len(rows) == text.count("\n") == 10_000
    assert memory.rejected == []
    # independently: the status is the word behind the quoted request
    assert Counter(row["status"] for row in rows) == Counter(int(line.split('" ')[1][:3]) for line in text.splitlines())
    assert not [row["route"] for row in rows if "?" in row["route"]]
