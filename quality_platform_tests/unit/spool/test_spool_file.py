"""The spool's file: what goes in comes out, in order, under places that are never given twice, and unreadable to others."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.settings import Settings
from quality_platform.spool.database import ERASED, SpoolFile
from quality_platform.spool.item import Entry
from quality_platform.spool.sealing import Sealing
from quality_platform.spool.segment import pack, unpack

ENTRIES = st.lists(
    st.builds(
        Entry,
        project=st.text(min_size=1, max_size=10),
        door=st.sampled_from(("sentry", "metrics")),
        received_at=st.integers(0, 2**60),
        body=st.binary(max_size=200),
        meta=st.dictionaries(st.text(max_size=5), st.integers(0, 9) | st.text(max_size=5), max_size=3),
    ),
    max_size=20,
)


def entry(text: str, project: str = "shop") -> Entry:
    return Entry(project, "metrics", 1, text.encode(), {"path": "/x"})


def bodies(file: SpoolFile, after: int = 0, most: int = 1000) -> list[tuple[int, bytes]]:
    return [(each.place, each.entry.body) for each in file.read(after, most=most, most_bytes=10**9)]


@pytest.fixture
def file(tmp_path: Path) -> SpoolFile:
    return SpoolFile(Settings(home=tmp_path), writable=True)


@given(ENTRIES)
def test_a_segment_gives_back_what_was_packed(entries: list[Entry]) -> None:
    assert list(unpack(pack(entries))) == entries


def test_entries_come_back_in_order_with_growing_places(file: SpoolFile) -> None:
    assert file.add([entry("a"), entry("b")]) == 2
    assert file.add([entry("c")]) == 3

    assert bodies(file) == [(1, b"a"), (2, b"b"), (3, b"c")]
    assert bodies(file, after=1) == [(2, b"b"), (3, b"c")]
    assert file.waiting() == (3, 1)


def test_reading_stops_after_the_segment_that_is_enough(file: SpoolFile) -> None:
    file.add([entry("a"), entry("b")])
    file.add([entry("c")])

    assert bodies(file, most=1) == [(1, b"a"), (2, b"b")]


def test_a_place_is_never_given_twice(file: SpoolFile, tmp_path: Path) -> None:
    file.add([entry("a"), entry("b")])
    file.drop(2)
    file.close()
    again = SpoolFile(Settings(home=tmp_path), writable=True)

    assert again.id == file.id
    assert again.newest() == 0
    assert again.add([entry("c")]) == 3


def test_only_whole_segments_up_to_a_place_are_dropped(file: SpoolFile) -> None:
    file.add([entry("a"), entry("b")])
    file.add([entry("c")])

    file.drop(1)
    assert [place for place, _ in bodies(file)] == [1, 2, 3]
    file.drop(2)
    assert [place for place, _ in bodies(file)] == [3]


def test_an_erased_entry_leaves_its_place_empty(file: SpoolFile) -> None:
    file.add([entry("a"), entry("b", "other"), entry("c")])

    assert file.drop_matching(lambda each: each.project == "other") == 1
    found = file.read(0, most=10, most_bytes=10**9)
    assert [(each.place, each.entry.door, each.entry.body) for each in found] == [
        (1, "metrics", b"a"), (2, ERASED, b""), (3, "metrics", b"c"),
    ]  # fmt: skip


def test_nothing_readable_is_on_the_disk(file: SpoolFile, tmp_path: Path) -> None:
    file.add([entry("hunter2 4111111111111111")])

    for path in tmp_path.rglob("*"):
        assert not path.is_file() or b"hunter2" not in path.read_bytes()


def test_what_was_sealed_with_another_key_does_not_open() -> None:
    sealed = Sealing(b"one").seal(b"text")

    assert Sealing(b"one").open(sealed) == b"text"
    with pytest.raises(InvalidTag):
        Sealing(b"other").open(sealed)
