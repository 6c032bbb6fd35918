"""The spool's log: what goes in comes out, in order, under places that are never given twice, whatever was cut off."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quality_platform.settings import Settings
from quality_platform.spool import log as module
from quality_platform.spool.failure import SpoolError
from quality_platform.spool.files import listed
from quality_platform.spool.item import UNREADABLE, Entry
from quality_platform.spool.log import SKIPPED_PLACES, SpoolLog
from quality_platform.spool.reader import SpoolReader
from quality_platform.spool.record import pack, unpack
from quality_platform.spool.sealing import Sealing

ENTRIES = st.lists(
    st.builds(
        Entry,
        project=st.text(min_size=1, max_size=10),
        door=st.sampled_from(("sentry", "metrics")),
        received_at=st.integers(1, 2**60),
        body=st.binary(max_size=200),
        meta=st.dictionaries(st.text(max_size=5), st.integers(0, 9) | st.text(max_size=5), max_size=3),
    ),
    max_size=20,
)


def entry(text: str) -> Entry:
    return Entry("shop", "metrics", 7, text.encode(), {"path": "/x"})


@pytest.fixture
def small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FILE_BYTES", 400)
    monkeypatch.setattr(module, "RENEW_BYTES", 100)


@pytest.fixture
def here(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


@pytest.fixture
def log(here: Settings) -> Iterator[SpoolLog]:
    opened = SpoolLog(here)
    yield opened
    opened.close()


def bodies(here: Settings, after: int = 0, most: int = 1000) -> list[tuple[int, str]]:
    found = SpoolReader(here).read(after, most=most, most_bytes=10**9)
    return [(each.place, each.entry.body.decode()) for each in found]


@given(ENTRIES)
def test_entries_come_out_of_their_form_as_they_went_in(entries: list[Entry]) -> None:
    assert list(unpack(pack(entries))) == entries


def test_entries_come_back_in_order_with_growing_places(log: SpoolLog, here: Settings) -> None:
    assert log.add([entry("a"), entry("b")]) == 2
    assert log.add([entry("c")]) == 3

    assert bodies(here) == [(1, "a"), (2, "b"), (3, "c")]
    assert bodies(here, after=1) == [(2, "b"), (3, "c")]
    assert log.waiting == (3, 7)
    assert log.newest == 3


def test_reading_goes_on_where_it_ended_while_the_log_grows(log: SpoolLog, here: Settings, small_files: None) -> None:
    reader, seen, after = SpoolReader(here), [], 0
    for number in range(50):
        log.add([entry(f"{number} {'x' * 50}")])
        for each in reader.read(after, most=1, most_bytes=10**9):
            seen.append(each.entry.body.split()[0])
            after = each.place
    assert seen == [str(n).encode() for n in range(50)]
    assert len(listed(here.spool_dir / "log")) > 10


def test_reading_stops_after_the_record_that_is_enough(log: SpoolLog, here: Settings) -> None:
    log.add([entry("a"), entry("b")])
    log.add([entry("c")])

    assert bodies(here, most=1) == [(1, "a"), (2, "b")]


def test_a_place_is_never_given_twice(log: SpoolLog, here: Settings) -> None:
    log.add([entry("a"), entry("b")])
    log.drop(2)
    log.close()
    for start in (1, 2):
        again = SpoolLog(here)
        assert again.id == log.id
        place = again.add([entry("c")])
        assert place > start * SKIPPED_PLACES
        again.drop(place)
        again.close()
    reopened = SpoolLog(here)
    assert reopened.add([entry("d")]) > place
    reopened.close()


def test_files_go_when_all_of_them_is_in_the_lake(log: SpoolLog, here: Settings, small_files: None) -> None:
    folder = here.spool_dir / "log"
    for number in range(20):
        log.add([entry(f"{number} {'x' * 100}")])
    before = log.bytes_used

    log.drop(10)
    assert bodies(here, after=10)[0][0] == 11
    assert log.bytes_used < before
    log.drop(20)
    assert bodies(here) == []
    assert len(listed(folder)) == 1
    assert log.waiting == (0, None)


def test_what_waited_is_there_after_a_restart(log: SpoolLog, here: Settings) -> None:
    log.add([entry("a"), entry("b")])
    log.close()
    again = SpoolLog(here)

    assert again.newest == 2
    assert again.waiting == (2, 7)
    place = again.add([entry("c")])
    assert again.waiting == (3, 7)
    assert [text for _, text in bodies(here)] == ["a", "b", "c"]
    again.drop(1)
    assert again.waiting == (2, 7)
    again.drop(place)
    assert again.waiting == (0, None)
    again.close()


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_record_cut_off_anywhere_costs_no_other(tmp_path: Path, data: st.DataObject) -> None:
    """As a kill or a power failure leaves it: the rest of the file is zeros, or missing."""
    shutil.rmtree(tmp_path / "home", ignore_errors=True)
    here = Settings(home=tmp_path / "home")
    log = SpoolLog(here)
    log.add([entry("a")])
    whole = log.bytes_used
    log.add([entry("b" * 50)])
    size = log.bytes_used
    log.close()
    [(_, path)] = listed(here.spool_dir / "log")
    cut = data.draw(st.integers(whole, size - 1))
    os.truncate(path, cut)
    if data.draw(st.booleans()):
        os.truncate(path, size + 1000)

    assert bodies(here) == [(1, "a")]
    again = SpoolLog(here)
    again.add([entry("c")])
    assert [text for _, text in bodies(here)] == ["a", "c"]
    assert not list(path.parent.glob("*.damaged"))
    again.close()


def test_a_record_that_was_changed_stands_for_its_entries(log: SpoolLog, here: Settings) -> None:
    log.add([entry("a"), entry("b")])
    log.add([entry("c")])
    [(_, path)] = listed(here.spool_dir / "log")
    content = bytearray(path.read_bytes())
    content[60] ^= 1
    path.write_bytes(content)

    found = SpoolReader(here).read(0, most=10, most_bytes=10**9)
    assert [(each.place, each.entry.door) for each in found] == [(2, UNREADABLE), (3, "metrics")]
    assert found[0].entry.meta["items"] == {"other": 2}


def test_a_file_that_breaks_off_is_kept_and_said(
    log: SpoolLog, here: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    log.add([entry("a")])
    end = log.bytes_used
    log.add([entry("b")])
    log.close()
    [(_, path)] = listed(here.spool_dir / "log")
    content = bytearray(path.read_bytes())
    content[end : end + 4] = b"????"
    path.write_bytes(content)
    again = SpoolLog(here)
    again.add([entry("c")])

    with caplog.at_level(logging.CRITICAL, "quality_platform"):
        assert [text for _, text in bodies(here)] == ["a", "c"]
    assert "cannot be read from byte" in caplog.text
    assert path.with_suffix(".damaged").exists()
    again.close()


def test_nothing_readable_is_on_the_disk(log: SpoolLog, tmp_path: Path) -> None:
    log.add([entry("hunter2 4111111111111111")])

    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"hunter2" in path.read_bytes()]


def test_what_was_sealed_with_another_key_or_label_does_not_open() -> None:
    sealed = Sealing(b"one").seal(b"text", b"label")

    assert Sealing(b"one").open(sealed, b"label") == b"text"
    for key, label in ((b"other", b"label"), (b"one", b"another")):
        with pytest.raises(InvalidTag):
            Sealing(key).open(sealed, label)


def test_a_failed_write_is_said_and_the_next_begins_a_new_file(
    log: SpoolLog, here: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.add([entry("a")])

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fdatasync", full)
        with pytest.raises(SpoolError, match="No space left"):
            log.add([entry("b")])
    assert log.add([entry("c")]) == 3
    # whether "b" is there is not known to anybody, and nobody was told that it is
    assert [text for _, text in bodies(here)][-1] == "c"
    assert len(listed(here.spool_dir / "log")) == 2


def test_after_a_start_nothing_is_deleted_before_it_is_known_to_be_in_the_lake(here: Settings) -> None:
    before = SpoolLog(here)
    before.add([entry("a"), entry("b")])
    before.close()

    after = SpoolLog(here)
    after.drop(0)  # as housekeeping does it
    assert [body for _, body in bodies(here)] == ["a", "b"]
    after.drop(2)
    assert bodies(here) == []
    after.close()
