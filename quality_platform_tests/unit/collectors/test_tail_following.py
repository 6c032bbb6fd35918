"""Following a file that grows: complete lines, once; what is refused; lines without end."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from quality_platform.collectors.tail import reading as reading_module
from quality_platform.collectors.tail.files import UnreadableFileError
from quality_platform.collectors.tail.lines import LINE_LIMIT
from quality_platform_tests.data.following import JUST_NOW, NOW, Follower, append


def test_only_what_was_appended_is_read(log: Path, follow: Follower) -> None:
    append(log, "a\nb\n")
    assert follow() == ["a", "b"]
    assert follow() == []
    append(log, "c\n")
    assert follow() == ["c"]
    assert follow.places == [(0, 0, 1), (0, 2, 2), (0, 4, 3)]


def test_a_line_being_written_is_left_until_it_ends(log: Path, follow: Follower) -> None:
    append(log, "a\nhal", JUST_NOW)
    assert follow() == ["a"]
    append(log, "f\n", JUST_NOW)
    assert follow() == ["half"]


def test_a_last_line_without_its_end_is_taken_after_a_minute_without_a_write(log: Path, follow: Follower) -> None:
    append(log, "a\nlast", NOW.timestamp())
    assert follow(now=NOW + timedelta(seconds=60)) == ["a"]
    assert follow(now=NOW + timedelta(seconds=61)) == ["last"]
    append(log, "\nnext\n")
    assert follow() == ["", "next"]


def test_an_empty_file_gives_nothing(log: Path, follow: Follower) -> None:
    log.touch()
    assert follow() == []


def test_the_digest_and_the_range_are_those_of_the_bytes(log: Path, follow: Follower) -> None:
    append(log, "a\nb\n")
    follow()
    append(log, "c\n")
    follow()
    ranges = [(reading.start.offset, reading.end.offset, reading.start.line) for reading in follow.readings]
    assert ranges == [(0, 4, 0), (4, 6, 2)]
    assert follow.readings[1].digest == "a3a5e715f0cc574a73c3f9bebb6bc24f32ffd5b67b387244c2c909da779a1478"


class TestRefusals:
    def test_a_pipe_is_refused_at_once(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(UnreadableFileError, match="no regular file"):
            Follower(tmp_path / "pipe")()

    @pytest.mark.parametrize("path", ["/dev/null", "/tmp"])
    def test_devices_and_folders_are_refused(self, path: str) -> None:
        with pytest.raises(UnreadableFileError, match="no regular file"):
            Follower(Path(path))()

    def test_a_binary_file_is_refused(self, log: Path, follow: Follower) -> None:
        log.write_bytes(b"\x7fELF\2\1\0\0\0x\n")
        with pytest.raises(UnreadableFileError, match="no text in UTF-8"):
            follow()

    def test_a_missing_file_is_said_to_be_missing(self, follow: Follower) -> None:
        with pytest.raises(FileNotFoundError):
            follow()


class TestHugeLines:
    def test_a_line_longer_than_a_block_is_read_past_and_counted_once(
        self, log: Path, follow: Follower, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(reading_module, "BLOCK", LINE_LIMIT + 1000)
        follow.block = 100
        append(log, "a\n" + "x" * (3 * LINE_LIMIT) + "\nb\n")
        lines = follow()
        assert [line[0] for line in lines if line] == ["a", "x", "b"]
        assert follow.places[-1] == (0, 3 * LINE_LIMIT + 3, 3)
        assert follow() == []

    def test_a_huge_line_that_still_grows_is_read_past_in_pieces(
        self, log: Path, follow: Follower, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(reading_module, "BLOCK", LINE_LIMIT + 1000)
        follow.block = 100
        append(log, "x" * (2 * LINE_LIMIT), JUST_NOW)
        assert len(follow()) == 1
        append(log, "x" * (2 * LINE_LIMIT), JUST_NOW)
        assert follow() == []
        append(log, "x\nnext\n", JUST_NOW)
        assert follow() == ["next"]
        assert follow.places[-1][2] == 2
