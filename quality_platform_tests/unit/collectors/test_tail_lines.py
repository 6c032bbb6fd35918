"""Blocks of bytes into complete lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.collectors.tail import lines as lines_module
from quality_platform.collectors.tail.lines import LINE_LIMIT, MAX_LINES, cut

content = st.lists(st.sampled_from([b"a", b"bc", b"", b"\r", b"\0", b"\xff", b"\n", b"\n\n"]), max_size=30).map(
    b"".join
)


@pytest.mark.parametrize(
    ("data", "at_end", "closed", "items", "starts", "whole"),
    [
        (b"a\nbc\n", True, False, [b"a", b"bc"], [10, 12, 15], True),
        (b"a\nbc", True, False, [b"a"], [10, 12], False),
        (b"a\nbc", True, True, [b"a", b"bc"], [10, 12, 14], True),
        (b"a\nbc", False, True, [b"a"], [10, 12], False),
        (b"\n\n", True, False, [b"", b""], [10, 11, 12], True),
    ],
)
def test_complete_lines(
    data: bytes, at_end: bool, closed: bool, items: list[bytes], starts: list[int], whole: bool
) -> None:
    piece = cut(data, 10, inside=False, at_end=at_end, closed=closed)
    assert piece is not None
    assert (piece.items, piece.starts, piece.whole, piece.inside) == (items, starts, whole, False)


def test_nothing_complete_is_nothing() -> None:
    assert cut(b"abc", 0, inside=False, at_end=True, closed=False) is None
    assert cut(b"abc", 0, inside=False, at_end=False, closed=True) is None


@given(content, st.integers(1, 7))
def test_any_blocks_give_the_lines_that_splitting_gives(data: bytes, block: int) -> None:
    """Oracle: bytes.split. Blocks grow until they hold a line, as the reader lets them."""
    found: list[bytes] = []
    offset = 0
    size = block
    while offset < len(data):
        chunk = data[offset : offset + size]
        piece = cut(chunk, offset, inside=False, at_end=offset + len(chunk) >= len(data), closed=True)
        if piece is None:
            size += block
            continue
        assert [
            data[start : start + len(item)] for start, item in zip(piece.starts, piece.items, strict=False)
        ] == piece.items
        found += piece.items
        offset, size = piece.starts[-1], block
    expected = data.split(b"\n")
    assert found == (expected[:-1] if expected[-1] == b"" else expected)


def test_a_line_that_is_too_long_is_cut_and_marked() -> None:
    long = b"x" * (LINE_LIMIT + 1)
    piece = cut(b"a\n" + long + b"\nb\n", 0, inside=False, at_end=True, closed=False)
    assert piece is not None
    assert [len(item) for item in piece.items] == [1, LINE_LIMIT, 1]
    assert piece.oversized == {1}
    assert piece.starts == [0, 2, LINE_LIMIT + 4, LINE_LIMIT + 6]


def test_a_line_longer_than_a_block_is_left_in_pieces_and_counts_once() -> None:
    first = cut(b"x" * (LINE_LIMIT + 5), 0, inside=False, at_end=False, closed=False)
    assert first is not None
    assert (first.inside, len(first.items), first.starts[-1]) == (True, 1, LINE_LIMIT + 5)
    second = cut(b"xxx", 100, inside=True, at_end=False, closed=False)
    assert second is not None
    assert (second.inside, second.items, second.starts) == (True, [], [103])
    third = cut(b"xx\nnext\n", 103, inside=True, at_end=True, closed=False)
    assert third is not None
    assert (third.inside, third.items, third.starts, third.whole) == (False, [b"next"], [106, 111], True)


def test_a_block_has_at_most_so_many_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_LINES == 50_000
    monkeypatch.setattr(lines_module, "MAX_LINES", 3)
    piece = cut(b"a\nb\nc\nd\ne", 0, inside=False, at_end=True, closed=True)
    assert piece is not None
    assert (piece.items, piece.starts[-1], piece.whole) == ([b"a", b"b", b"c"], 6, False)


def test_a_byte_order_mark_is_no_part_of_the_first_line() -> None:
    piece = cut(b"\xef\xbb\xbfa\n\xef\xbb\xbfb\n", 0, inside=False, at_end=True, closed=False)
    assert piece is not None
    assert piece.items == [b"a", b"\xef\xbb\xbfb"]
    assert piece.starts == [0, 5, 10]
