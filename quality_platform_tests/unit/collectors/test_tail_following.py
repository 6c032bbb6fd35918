"""Following a file through appends, rotation, truncation, copies and links: every line once, in order."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quality_platform.collectors.tail import lines as lines_module
from quality_platform.collectors.tail import reading as reading_module
from quality_platform.collectors.tail.files import UnreadableFileError
from quality_platform.collectors.tail.lines import LINE_LIMIT, Lines
from quality_platform.collectors.tail.reading import Parsed, Reading
from quality_platform.collectors.tail.rotation import is_rotation_of, read

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LONG_AGO = (NOW - timedelta(days=1)).timestamp()
JUST_NOW = NOW.timestamp() - 1


class Follower:
    """Reads a path again and again, with nothing but the newest position as memory."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.block = reading_module.BLOCK
        self.cursor: dict[str, object] | None = None
        self.readings: list[Reading] = []
        self.lines: list[str] = []
        self.places: list[tuple[int, int, int]] = []

    def __call__(self, *, now: datetime = NOW) -> list[str]:
        """What is new."""
        before = len(self.lines)
        for reading in read(str(self.path), self.cursor, now, self._take, self.block):
            self.readings.append(reading)
            self.cursor = reading.end.as_cursor()
            self.lines += reading.parsed.rows["line"].to_pylist()
        return self.lines[before:]

    def _take(self, lines: Lines) -> Parsed:
        texts = [item.decode("utf-8", "replace")[:40] for item in lines.items]
        self.places += [(lines.generation, lines.starts[i], lines.number + i) for i in range(len(texts))]
        return Parsed(len(texts), pa.table({"line": pa.array(texts, pa.string())}))


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "app.log"


@pytest.fixture
def follow(log: Path) -> Follower:
    return Follower(log)


def append(path: Path, text: str, modified: float = LONG_AGO) -> None:
    with path.open("a", newline="") as file:
        file.write(text)
    os.utime(path, (modified, modified))


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


actions = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.integers(1, 4)),
        st.tuples(st.sampled_from(["partial", "rotate", "copytruncate", "replace", "collect", "crash"]), st.just(0)),
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions=actions)
def test_whatever_happens_to_the_file_every_line_is_read_once_and_in_order(
    actions: list[tuple[str, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """`crash`: a collection stops after its first block. Blocks have two lines."""
    log = tmp_path_factory.mktemp("follow") / "app.log"
    follow = Follower(log)
    world = World(log)
    world.act("append", 1)
    follow()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines_module, "MAX_LINES", 2)
        for name, count in [*actions, ("collect", 0)]:
            if name == "collect":
                follow()
            elif name == "crash":
                crash(follow)
            else:
                world.act(name, count, collect=follow)
        follow()
    assert follow.lines == world.written


def crash(follow: Follower) -> None:
    for reading in read(str(follow.path), follow.cursor, NOW, follow._take):
        follow.cursor = reading.end.as_cursor()
        follow.lines += reading.parsed.rows["line"].to_pylist()
        return


class World:
    """Writes numbered lines to a log and does to it what programs do."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.written: list[str] = []
        self._tick = LONG_AGO
        self._partial = ""

    def act(self, name: str, count: int, collect: Callable[[], Any] = lambda: None) -> None:
        self._tick += 1
        if name == "append":
            text = "".join(self._line() for _ in range(count))
            append(self.log, text, self._tick)
        elif name == "replace":
            fresh = self.log.with_name("fresh")
            shutil.copyfile(self.log, fresh)
            fresh.replace(self.log)
            os.utime(self.log, (self._tick, self._tick))
        elif name == "partial":
            line = self._line()
            append(self.log, line[:3], JUST_NOW)
            collect()
            append(self.log, line[3:], self._tick)
        else:
            self._rotate(copy=name == "copytruncate")

    def _line(self) -> str:
        self.written.append(f"line {len(self.written)}")
        return self.written[-1] + "\n"

    def _rotate(self, *, copy: bool) -> None:
        for number in range(30, 0, -1):
            old = self.log.with_name(f"app.log.{number}")
            if old.exists():
                old.rename(self.log.with_name(f"app.log.{number + 1}"))
        first = self.log.with_name("app.log.1")
        if copy:
            shutil.copyfile(self.log, first)
            os.utime(first, (self._tick, self._tick))
            with self.log.open("w"):
                pass
        else:
            self.log.rename(first)
            os.utime(first, (self._tick, self._tick))
        self._tick += 1
        append(self.log, self._line(), self._tick)


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
