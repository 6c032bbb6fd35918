"""Whatever is done to a log, in any order, and wherever its reader stops: every line once, in order."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quality_platform.collectors.tail import lines as lines_module
from quality_platform.collectors.tail.following import read
from quality_platform_tests.data.following import JUST_NOW, LONG_AGO, NOW, Follower, append

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
