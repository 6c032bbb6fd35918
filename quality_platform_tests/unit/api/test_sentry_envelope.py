"""Envelopes' framing: lengths given, absent and wrong, line ends, broken headers, bounds."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.api.ingest.contract import RefusedError
from quality_platform.api.ingest.sentry.envelope import MOST_ITEMS, parse


def items(body: bytes) -> list[tuple[str, bytes, str | None]]:
    return [(item.type, body[item.start : item.end], item.fault) for item in parse(body).items]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{}\n{"type":"event"}\n{"a":1}\n', [("event", b'{"a":1}', None)]),
        (b'{}\n{"type":"event"}\n{"a":1}', [("event", b'{"a":1}', None)]),
        (b'{}\n{"type":"event","length":7}\n{"a":1}\n', [("event", b'{"a":1}', None)]),
        (b'{}\n{"type":"event","length":7}\n{"a":1}', [("event", b'{"a":1}', None)]),
        (b'{}\r\n{"type":"event","length":7}\r\n{"a":1}\r\n', [("event", b'{"a":1}', None)]),
        (b'{}\r\n{"type":"event"}\r\n{"a":1}\r\n\r\n', [("event", b'{"a":1}', None)]),
        (b'{}\n{"type":"event"}\n{"a":1}\n\n\n', [("event", b'{"a":1}', None)]),
        (b'{}\n{"type":"x","length":0}\n\n{"type":"y"}\n{}', [("x", b"", None), ("y", b"{}", None)]),
        (b'{}\n{"type":"x"}\n\n{"type":"y"}\n{}', [("x", b"", None), ("y", b"{}", None)]),
        (b'{}\n{"type":"x","length":null}\n{}', [("x", b"{}", None)]),
        (
            b'{}\n{"type":"attachment","length":3}\na\nb\n{"type":"y"}\n{}',
            [("attachment", b"a\nb", None), ("y", b"{}", None)],
        ),
        (b"{}", []),
        (b"{}\n\n", []),
    ],
)
def test_items_are_found(body: bytes, expected: list[tuple[str, bytes, str | None]]) -> None:
    assert items(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # in characters, not in bytes
        ('{}\n{"type":"event","length":9}\n{"a":"öü"}\n{"type":"y"}\n{}'.encode(),
         [("event", '{"a":"öü"}'.encode(), None), ("y", b"{}", None)]),
        (b'{}\n{"type":"event","length":99}\n{"a":1}\n{"type":"y"}\n{}', [("event", b'{"a":1}', "truncated"), ("y", b"{}", None)]),
        (b'{}\n{"type":"attachment","length":99}\na\n{"type":"y"}\n', [("attachment", b'a\n{"type":"y"}\n', "truncated")]),
        (b'{}\n{"type":"event","length":-1}\n{"a":1}\n', [("event", b'{"a":1}', None)]),
    ],
)  # fmt: skip
def test_a_wrong_length_costs_no_other_item(body: bytes, expected: list[tuple[str, bytes, str | None]]) -> None:
    assert items(body) == expected


@pytest.mark.parametrize("header", [b"no header", b"[]", b'{"no":"type"}', b'{"type":5}', b"\xff"])
@pytest.mark.parametrize("payload", [b"", b'{"type":"event","message":"a payload"}\n', b"what\nis\nthis\n"])
def test_after_a_broken_header_the_next_item_is_found(header: bytes, payload: bytes) -> None:
    body = b'{}\n{"type":"a"}\n{}\n' + header + b"\n" + payload + b'{"type":"b","length":2}\n{}\n'

    assert items(body) == [("a", b"{}", None), ("", header, "item_header"), ("b", b"{}", None)]


@pytest.mark.parametrize(
    "body", [b"", b"\n", b"[]\n", b"text", b"\x1f\x8b", b"{" * 5000, b'{"a":' + b" " * 70_000 + b"1}"]
)
def test_without_a_header_nothing_is_taken(body: bytes) -> None:
    with pytest.raises(RefusedError) as refused:
        parse(body)
    assert (refused.value.status, refused.value.reason) == (400, "envelope")


def test_nobody_is_held_up_by_lines_that_look_like_headers() -> None:
    for line in (b"x\n", b'{"type":5}\n', b'"type"\n'):
        body = b"{}\n" + 500_000 * line
        start = time.process_time()

        assert all(item.fault for item in parse(body).items)
        assert time.process_time() - start < 20  # a square would take hours


def test_there_is_a_limit_to_items() -> None:
    item = b'{"type":"x"}\n{}\n'
    assert len(parse(b"{}\n" + MOST_ITEMS * item).items) == MOST_ITEMS

    with pytest.raises(RefusedError) as refused:
        parse(b"{}\n" + (MOST_ITEMS + 1) * item)
    assert refused.value.status == 413


@given(st.lists(st.binary(max_size=30).filter(lambda payload: b"\r" not in payload), max_size=6), st.booleans())
def test_what_was_put_in_comes_out(payloads: list[bytes], final: bool) -> None:
    lines = [b"{}"]
    for payload in payloads:
        lines += [b'{"type":"x","length":%d}' % len(payload), payload]
    body = b"\n".join(lines) + (b"\n" if final else b"")

    assert items(body) == [("x", payload, None) for payload in payloads]
