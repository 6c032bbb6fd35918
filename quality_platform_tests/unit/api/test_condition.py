"""How long the drain has been behind, and what keeps a service from being ready."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from quality_platform.api.condition import Progress, faults
from quality_platform.settings import Settings
from quality_platform.state.database import State


@dataclass
class Drain:
    drained: int = 0
    late: bool = False


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_lag_grows_while_something_waits_and_nothing_moves() -> None:
    clock, drain = Clock(), Drain()
    progress = Progress(drain, clock)  # type: ignore[arg-type]
    found = []
    for seconds, drained, late in [
        (0, 0, False), (500, 0, False), (0, 0, True), (30, 0, True), (40, 0, True), (1, 5, True), (10, 5, True),
        (10, 5, False), (99, 5, True),
    ]:  # fmt: skip
        clock.now += seconds
        drain.drained, drain.late = drained, late
        found.append(progress.lag_seconds())

    assert found == [0, 0, 0, 30, 70, 0, 10, 0, 99]


@pytest.mark.parametrize(
    ("lag", "room", "parts"),
    [(0, True, []), (60, True, []), (61, True, ["drain"]), (0, False, ["spool"]), (61, False, ["spool", "drain"])],
)
def test_a_service_is_ready_when_nothing_is_wrong(state: State, lag: float, room: bool, parts: list[str]) -> None:
    assert [part for part, _ in faults(_service(state, lag, room))] == parts


def test_a_state_out_of_reach_is_named(tmp_path: Any) -> None:
    empty = State(Settings(home=tmp_path))

    assert [part for part, _ in faults(_service(empty, 0, True))] == ["state"]
    empty.close()


def _service(state: State, lag: float, room: bool) -> Any:
    spool = SimpleNamespace(has_room=lambda: room, waiting=(3, None))
    return SimpleNamespace(state=state, spool=spool, progress=SimpleNamespace(lag_seconds=lambda: lag))
