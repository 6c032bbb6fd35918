"""What a full disk, a lock, or a damaged end of the log does to the state of alerting: nothing half-written, nothing in the way."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pytest
import sqlalchemy as sa

from quality_platform.alerting import deadlines
from quality_platform.alerting.conditions.arrivals import chosen
from quality_platform.alerting.conditions.live import LiveThresholds
from quality_platform.alerting.evaluate import evaluate_thresholds
from quality_platform.cli import home
from quality_platform.errors import StateError
from quality_platform.model.rules import ThresholdRule
from quality_platform.settings import Settings
from quality_platform.state import engine
from quality_platform.state.database import State
from quality_platform.state.engine import state_file
from quality_platform.state.models import (
    AlertEventRow,
    AlertRow,
    FlapRow,
    NoticeRow,
    OutboxAlertRow,
    OutboxRow,
    RuleStateRow,
)
from quality_platform.warehouse.lake import Lake
from quality_platform_tests.data.alerting import CPU, NOON, minutes, plan, store, webhook
from quality_platform_tests.data.arriving import arrive
from quality_platform_tests.data.disks import MEGABYTE, fill, small_disk
from quality_platform_tests.data.story import Story

# --- a full disk -----------------------------------------------------------------------------------------------------

SERIES = 600
"""More than one transaction."""

BUSY = ThresholdRule(name="busy", metric_name="cpu", warning_threshold=80, critical_threshold=90)


def values(project: str, at: int, value: float) -> pa.Table:
    rows = [
        {"metric": CPU, "project": project, "subject": f"host-{n}", "labels": "{}", "observed_at": NOON + minutes(at),
         "value": value, "batch_id": f"b{at}"}
        for n in range(SERIES)
    ]  # fmt: skip
    return pa.Table.from_pylist(rows)


def assert_whole(state: State) -> int:
    """Every alert has its event, its memory, its notice and its message or wait for one, or none of them is there;
    returns how many there are."""
    with state.read() as session:
        alerts = set(session.scalars(sa.select(AlertRow.id)))
        firing = set(session.scalars(sa.select(AlertRow.fingerprint)))
        remembered = sa.select(RuleStateRow.fingerprint).where(RuleStateRow.level != "ok")
        assert sorted(session.scalars(sa.select(AlertEventRow.alert_id))) == sorted(alerts)
        assert set(session.scalars(remembered)) == firing == set(session.scalars(sa.select(FlapRow.fingerprint)))
        assert set(session.scalars(sa.select(NoticeRow.alert_id))) == alerts
        spoken_of = list(session.scalars(sa.select(OutboxAlertRow.alert_id)))
        waiting = list(session.scalars(sa.select(NoticeRow.alert_id).where(NoticeRow.waiting.is_not(None))))
        assert sorted(spoken_of + waiting) == sorted(alerts), "told once, or about to be told"
        assert session.scalar(sa.text("PRAGMA integrity_check")) == "ok"
    return len(alerts)


@pytest.mark.parametrize("leave", [0, MEGABYTE // 4, MEGABYTE])
def test_a_full_disk_fails_an_evaluation_whole_and_the_next_one_goes_on(
    leave: int, tmp_path: Path, migrated_file: Path, observed_lake: Lake
) -> None:
    project = f"full-disk-{leave}"
    used = plan([BUSY.model_copy(update={"project_id": project})], [webhook("hook")])
    with small_disk(tmp_path / "disk", 32 * MEGABYTE) as disk:
        settings = Settings(home=disk / "home")
        settings.place(state_file(settings).parent)
        shutil.copy(migrated_file, state_file(settings))
        with closing(State(settings)) as state:
            store(observed_lake, values(project, 0, 10.0))
            assert evaluate_thresholds(state, observed_lake, used, NOON).fired == 0
            fill(disk / "ballast", leave=leave)
            store(observed_lake, values(project, 1, 95.0))
            for _ in range(2):
                with pytest.raises(StateError, match=r"full|I/O"):
                    evaluate_thresholds(state, observed_lake, used, NOON + minutes(1))
            assert assert_whole(state) < SERIES

            (disk / "ballast").unlink()
            evaluate_thresholds(state, observed_lake, used, NOON + minutes(1))
            deadlines.tick(state, used, NOON + minutes(2))
            assert assert_whole(state) == SERIES
            assert evaluate_thresholds(state, observed_lake, used, NOON + minutes(3)).fired == 0
            with state.read() as session:
                assert session.scalar(sa.select(sa.func.count()).select_from(OutboxAlertRow)) == SERIES


# --- a locked state --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["live", "sensors", "deadlines"])
def test_a_state_that_stays_locked_fails_whoever_judges_whole_and_the_next_time_makes_up_for_it(
    way: str, state_on_sqlite: State, tmp_path: Path, observed_lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = f"locked-{way}"
    used = plan([BUSY.model_copy(update={"project_id": project})], [webhook("hook")])
    monkeypatch.setattr(engine, "WAIT_SECONDS", 0)  # instead of half a minute
    with closing(State(Settings(home=tmp_path / "home"))) as state:
        live, story = LiveThresholds(state, observed_lake, used), Story(state, used)
        live.catch_up(NOON)
        if way == "deadlines":
            story.play("critical")
        now = NOON + minutes(90)
        batch = arrive(observed_lake, project, [("a", now, 95.0)], in_mart=True)
        arrived = chosen([batch], live.metrics)
        work = {
            "live": lambda: live.take(arrived, now),
            "sensors": lambda: evaluate_thresholds(state, observed_lake, used, now),
            "deadlines": lambda: deadlines.tick(state, used, now),
        }[way]
        before = story.sent()
        with state_on_sqlite.write() as session:
            session.execute(sa.text("SELECT 1"))  # which takes the lock
            for _ in range(2):
                with pytest.raises(StateError, match="locked"):
                    work()
        assert story.sent() == before
        if way == "live":
            live.catch_up(now)
        else:
            work()
            work()
        assert len(story.sent()) == len(before) + 1


# --- a damaged end of the log ----------------------------------------------------------------------------------------

STEPS = ("warning", "critical", "warning", "critical", "ok")


@dataclass(frozen=True)
class Log:
    """The write-ahead log of a state, and where its last transaction begins."""

    path: Path
    last: int

    @property
    def size(self) -> int:
        return self.path.stat().st_size

    def cut(self, at: int) -> None:
        with self.path.open("rb+") as file:
            file.truncate(at)

    def spoil(self, at: int, length: int = 100) -> None:
        with self.path.open("rb+") as file:
            file.seek(at)
            old = file.read(length)
            file.seek(at)
            file.write(bytes(byte ^ 0xA5 for byte in old))

    def blank(self, length: int) -> None:
        size = self.size
        self.cut(size - length)
        self.cut(size)  # what is made longer is filled with zeros

    def grow(self, tail: bytes) -> None:
        with self.path.open("ab") as file:
            file.write(tail)


DAMAGES: dict[str, tuple[Callable[[Log], None], int]] = {
    "nothing": (lambda log: None, 0),
    "cut a byte short": (lambda log: log.cut(log.size - 1), 1),
    "cut in the middle": (lambda log: log.cut((log.last + log.size) // 2), 1),
    "cut after its first header": (lambda log: log.cut(log.last + 24), 1),
    "spoilt at its end": (lambda log: log.spoil(log.size - 100), 1),
    "spoilt at its beginning": (lambda log: log.spoil(log.last), 1),
    "zeros for the last page": (lambda log: log.blank(4096), 1),
    "zeros behind it": (lambda log: log.grow(bytes(10_000)), 0),
    "a part of a page behind it": (lambda log: log.grow(b"\xa5" * 3000), 0),
}
"""What is done, and how many of the last transactions it costs."""


@pytest.fixture
def killed(state_on_sqlite: State, tmp_path: Path) -> tuple[Settings, Log]:
    """A state as a kill leaves it: the file, and beside it a log with a transaction for each step."""
    story = Story(state_on_sqlite, plan([], [webhook("all")]))
    source, settings = tmp_path / "home" / "state" / "state.sqlite", Settings(home=tmp_path / "copy")
    sizes = [0]
    for level in STEPS:
        story.play(level)
        sizes.append(source.with_name("state.sqlite-wal").stat().st_size)
    assert sizes == sorted(set(sizes)), "each step is in the log"
    settings.place(state_file(settings).parent)
    for name in ("state.sqlite", "state.sqlite-wal"):
        shutil.copy(source.with_name(name), state_file(settings).with_name(name))
    return settings, Log(state_file(settings).with_name("state.sqlite-wal"), sizes[-2])


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_end_of_the_log_costs_what_was_damaged_and_nothing_before(
    killed: tuple[Settings, Log], damage: str
) -> None:
    settings, log = killed
    spoil, lost = DAMAGES[damage]
    spoil(log)
    kept = ["fired", *["severity_changed"] * 3, "resolved"][: len(STEPS) - lost]

    with closing(home.prepare_state(settings)) as state:  # as every start does
        story = Story(state, plan([], [webhook("all")]))
        assert story.events() == kept
        assert len(story.sent()) == len(kept)
        assert story.alert().status == ("active" if lost else "resolved")
        with state.read() as session:
            assert session.scalar(sa.text("PRAGMA integrity_check")) == "ok"
            assert session.query(OutboxRow).count() == len(kept)
        story.tick(hours=5)
        assert story.sent()[len(kept) :] == ([("all", "repeat")] if lost else [])
