"""Rotation, truncation, copies and links: what was not read yet comes first, and nothing comes twice."""

from __future__ import annotations

import os
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from quality_platform.collectors.tail import rotation
from quality_platform.collectors.tail.files import opened
from quality_platform.collectors.tail.following import read
from quality_platform.collectors.tail.rotation import is_rotation_of
from quality_platform_tests.data.following import JUST_NOW, LONG_AGO, NOW, Follower, append


class TestRotation:
    def test_the_rest_of_the_renamed_file_comes_before_the_new_one(self, log: Path, follow: Follower) -> None:
        append(log, "a\n")
        follow()
        append(log, "b\nc")
        log.rename(log.with_name("app.log.1"))
        append(log, "d\n")
        assert follow() == ["b", "c", "d"]
        assert follow.places[-1] == (1, 0, 1)
        append(log, "e\n")
        assert follow() == ["e"]
        assert not any(reading.gap for reading in follow.readings)

    def test_the_new_file_waits_while_the_old_one_is_still_written(self, log: Path, follow: Follower) -> None:
        append(log, "a\n")
        follow()
        append(log, "b\n", JUST_NOW)
        log.rename(log.with_name("app.log.1"))
        append(log, "z\n", JUST_NOW)
        assert follow() == ["b"]
        append(log.with_name("app.log.1"), "c\n", JUST_NOW)
        assert follow() == ["c"]
        assert follow(now=NOW + timedelta(seconds=10)) == ["z"]

    def test_files_rotated_away_in_between_are_read_too(self, log: Path, follow: Follower) -> None:
        append(log, "a\n")
        follow()
        append(log, "b\n")
        log.rename(log.with_name("app.log.2"))
        append(log.with_name("app.log.1"), "c\n", LONG_AGO + 10)
        append(log.with_name("app.log.3"), "old\n", LONG_AGO - 10)
        append(log.with_name("app.log.err"), "other\n", LONG_AGO + 10)
        append(log, "d\n", LONG_AGO + 20)
        assert follow() == ["b", "c", "d"]
        assert [place[0] for place in follow.places] == [0, 0, 1, 2]
        assert follow() == []

    def test_a_chain_is_gone_on_with_after_a_crash_in_its_middle(self, log: Path, follow: Follower) -> None:
        append(log, "a\n")
        follow()
        append(log, "b\n")
        log.rename(log.with_name("app.log.2"))
        append(log.with_name("app.log.1"), "c\n", LONG_AGO + 10)
        append(log, "d\n", LONG_AGO + 20)
        for expected in ("b", "c", "d"):
            first = next(read(str(log), follow.cursor, NOW, follow._take))
            assert first.parsed.rows["line"].to_pylist() == [expected]
            follow.cursor = first.end.as_cursor()
        assert follow() == []

    def test_while_files_are_being_renamed_nothing_is_concluded(
        self, log: Path, follow: Follower, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Once, a rotation in the moment between two looks made three files look gone."""
        append(log, "a\n")
        follow()
        append(log, "b\n")
        log.rename(log.with_name("app.log.1"))
        append(log, "c\n", LONG_AGO + 10)

        def rotate_then_open(path: str) -> Any:
            monkeypatch.undo()
            log.with_name("app.log.1").rename(log.with_name("app.log.2"))
            log.rename(log.with_name("app.log.1"))
            append(log, "d\n", LONG_AGO + 20)
            return opened(path)

        monkeypatch.setattr(rotation, "opened", rotate_then_open)
        assert follow() == []
        assert follow() == ["b", "c", "d"]
        assert not any(reading.gap for reading in follow.readings)

    def test_a_long_chain_is_read_in_several_goes(
        self, log: Path, follow: Follower, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(rotation, "CHAIN_LIMIT", 2)
        append(log, "0\n")
        follow()
        log.rename(log.with_name("app.log.9"))
        for number in range(1, 6):
            append(log.with_name(f"app.log.{9 - number}"), f"{number}\n", LONG_AGO + number)
        append(log, "6\n", LONG_AGO + 10)
        assert [follow() for _ in range(4)] == [["1", "2"], ["3", "4"], ["5", "6"], []]
        assert [place[0] for place in follow.places] == list(range(7))

    def test_a_rotated_file_that_cannot_be_read_holds_nothing_up(self, log: Path, follow: Follower) -> None:
        append(log, "a\n")
        follow()
        log.rename(log.with_name("app.log.2"))
        append(log.with_name("app.log.1"), "bin\0ary\n", LONG_AGO + 10)
        append(log, "c\n", LONG_AGO + 20)
        assert follow() == ["c"]

    def test_a_renamed_file_under_any_name_is_found_by_its_inode(self, log: Path, follow: Follower) -> None:
        append(log, "a\n")
        follow()
        append(log, "b\n")
        log.rename(log.with_name("yesterday"))
        append(log, "c\n")
        assert follow() == ["b", "c"]

    def test_when_the_old_file_is_gone_the_gap_is_said_once(self, log: Path, follow: Follower) -> None:
        append(log, "a\n")
        follow()
        log.rename(log.with_name("gone"))
        append(log, "x\n")
        log.with_name("gone").unlink()
        assert follow() == ["x"]
        append(log, "y\n")
        assert follow() == ["y"]
        assert [reading.gap for reading in follow.readings] == [False, True, False]

    def test_an_unrelated_file_in_a_reused_inode_is_not_taken_for_the_old_one(
        self, log: Path, follow: Follower
    ) -> None:
        append(log, "a\nb\nc\n")
        follow()
        cursor = dict(follow.cursor or {})
        log.unlink()
        append(log.with_name("other.txt"), "unrelated\n")
        cursor["inode"] = log.with_name("other.txt").stat().st_ino
        append(log, "d\n")
        follow.cursor = cursor
        assert follow() == ["d"]


class TestTruncation:
    def test_a_truncated_file_is_read_from_its_beginning(self, log: Path, follow: Follower) -> None:
        append(log, "a\nb\n")
        follow()
        log.write_text("")
        assert follow() == []
        append(log, "c\n")
        assert follow() == ["c"]
        assert follow.places[-1] == (1, 0, 1)

    def test_even_when_it_has_grown_beyond_the_place_of_before(self, log: Path, follow: Follower) -> None:
        append(log, "a\nb\n")
        follow()
        log.write_text("")
        append(log, "c\nd\ne\n")
        assert follow() == ["c", "d", "e"]

    def test_what_was_copied_before_the_truncation_is_finished_first(self, log: Path, follow: Follower) -> None:
        append(log, "a\n")
        follow()
        append(log, "b\n")
        shutil.copyfile(log, log.with_name("app.log.1"))
        os.utime(log.with_name("app.log.1"), (LONG_AGO, LONG_AGO))
        log.write_text("")
        assert follow() == ["b"]
        append(log, "c\n")
        assert follow() == ["c"]
        assert not any(reading.gap for reading in follow.readings)

    def test_a_hole_that_a_writer_leaves_after_truncation_is_no_content(self, log: Path, follow: Follower) -> None:
        append(log, "a\n")
        follow()
        log.write_bytes(b"\0" * 30 + b"b\n")
        os.utime(log, (LONG_AGO, LONG_AGO))
        assert [line.strip("\0") for line in follow()] == ["b"]


class TestCopies:
    def test_a_grown_copy_put_in_place_is_gone_on_with(self, log: Path, follow: Follower) -> None:
        """As rsync and editors do."""
        append(log, "a\nb\n")
        follow()
        fresh = log.with_name("fresh")
        shutil.copyfile(log, fresh)
        append(fresh, "c\n")
        fresh.replace(log)
        assert follow() == ["c"]
        assert follow.places[-1] == (0, 4, 3)

    def test_a_link_that_moves_on_finishes_the_old_file(self, tmp_path: Path) -> None:
        (tmp_path / "old").mkdir()
        first, second, link = tmp_path / "old" / "1.txt", tmp_path / "2.txt", tmp_path / "current"
        append(first, "a\n")
        link.symlink_to(first)
        follow = Follower(link)
        assert follow() == ["a"]
        append(first, "b\n")
        append(second, "c\n")
        link.unlink()
        link.symlink_to(second)
        assert follow() == ["b", "c"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("app.log.1", True), ("app.log.12", True), ("app.log-20260102", True), ("app.log.2026-01-02_03", True),
        ("app.2026-01-02_03-04-05_123.log", True), ("app-20260102.log", True), ("app-1.log", False), ("app.log", False),
        ("app.log.1.gz", False), ("app.log.err", False), ("app.logs", False), ("xapp.log.1", False), ("app.log.", False),
    ],
)  # fmt: skip
def test_names_that_rotation_gives(name: str, expected: bool) -> None:
    assert is_rotation_of(name, "app.log") is expected
