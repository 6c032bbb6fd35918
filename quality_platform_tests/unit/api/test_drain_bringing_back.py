"""What was kept aside comes to the lake once, however often it is tried, or stays with a cause."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import orjson
import pytest
from pydantic import SecretStr

from quality_platform.api.drain.bringing_back import Tried, bring_back
from quality_platform.api.drain.rounds import Drain
from quality_platform.api.ingest.contract import Decoding
from quality_platform.errors import LockHeldError
from quality_platform.model.batch import Batch
from quality_platform.settings import Settings
from quality_platform.spool import aside
from quality_platform.spool.aside import Aside, Kept, kept, paths
from quality_platform.spool.item import Entry, Spooled
from quality_platform.spool.log import SpoolLog
from quality_platform.warehouse.lake import Lake

NOON = 1_772_452_800_000_000


def entry(value: float, *, key: str | None = None, body: bytes | None = None, project: str = "shop") -> Entry:
    meta: dict[str, object] = {"media_type": "application/json", "items": {"metric": 1}}
    whole = orjson.dumps([{"metric": "m", "value": value}]) if body is None else body
    return Entry(project, "metrics", NOON, whole, meta | ({"idempotency_key": key} if key else {}))


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    lake = Lake(Settings(home=tmp_path))
    lake.set_up()
    with closing(lake):
        yield lake


def set_aside(lake: Lake, *entries: Entry) -> None:
    for place, each in enumerate(entries, 1):
        Aside(lake.settings, "s").keep(Spooled(place, each))


def retry(lake: Lake, settings: Settings | None = None) -> list[Tried]:
    used = settings or lake.settings
    return list(bring_back(used, lake, kept(used)))


def values(lake: Lake) -> list[float]:
    return [row["value"] for row in lake.rows("SELECT value FROM raw.metric_samples ORDER BY value")]


def counts(lake: Lake, project: str = "shop") -> Mapping[str, int]:
    query = (
        "SELECT outcome || rtrim(' ' || reason) AS what, sum(quantity)::BIGINT AS n FROM raw.ingest_counts "
        f"WHERE project = '{project}' GROUP BY ALL"
    )
    return {row["what"]: row["n"] for row in lake.rows(query)}


def test_what_can_be_stored_now_is_and_the_rest_stays_with_its_cause(lake: Lake) -> None:
    set_aside(lake, entry(1.0), entry(2.0, body=b"{"), entry(3.0))

    tried = retry(lake)

    assert [bool(each.cause) for each in tried] == [False, True, False]
    assert values(lake) == [1.0, 3.0]
    assert counts(lake) == {"received": 2, "stored": 2}
    assert [path.name for path in paths(lake.settings)] == ["s-2"]
    (row,) = lake.rows("SELECT DISTINCT observed_at::VARCHAR AS at FROM raw.metric_samples")
    assert row["at"].startswith("2026-03-02 12:00:00")


def test_what_a_client_sent_again_meanwhile_is_a_duplicate(lake: Lake) -> None:
    set_aside(lake, entry(1.0, key="a"))
    log = SpoolLog(lake.settings)
    log.add([entry(1.0, key="a")])
    with closing(log), closing(Drain(lake.settings, lake, Decoding(lake.settings.secret))) as drain:
        assert drain.round() is not None
        (tried,) = retry(lake)
        log.add([entry(1.0, key="a"), entry(2.0)])
        assert drain.round() is not None  # the drain's cursor is still its own

    assert tried.items == {"received": 1, "duplicate": 1}
    assert values(lake) == [1.0, 2.0]
    assert counts(lake) == {"received": 4, "stored": 2, "duplicate": 2}


@pytest.mark.parametrize("step", ["mark", "drop"])
def test_killed_between_two_steps_it_is_finished_the_next_time(
    step: str, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_aside(lake, entry(1.0, key="a"))
    place = {"mark": "quality_platform.api.drain.seen.Seen.mark", "drop": "quality_platform.spool.aside.Kept.drop"}[
        step
    ]

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(place, killed)
        with pytest.raises(KeyboardInterrupt):
            retry(lake)
    assert len(paths(lake.settings)) == 1
    retry(lake)

    assert paths(lake.settings) == []
    assert values(lake) == [1.0]
    assert counts(lake) == {"received": 1, "stored": 1}


def test_a_lake_that_is_busy_is_no_cause(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    set_aside(lake, entry(1.0))

    def held(_: Lake, batch: Batch) -> None:
        raise LockHeldError("held")

    monkeypatch.setattr(Lake, "append", held)
    with pytest.raises(LockHeldError):
        retry(lake)
    assert len(paths(lake.settings)) == 1


def test_a_whole_record_of_another_secret_waits_for_it(lake: Lake) -> None:
    right = lake.settings.model_copy(update={"secret_key": SecretStr("the right one " * 4)})
    with closing(SpoolLog(right)) as log:
        log.add([entry(1.0), entry(2.0, project="till")])
    with closing(Drain(lake.settings, lake, Decoding(lake.settings.secret))) as drain:
        assert drain.round() is not None
    assert counts(lake, "quality-platform") == {"received": 2, "rejected unreadable": 2}

    assert [each.cause for each in retry(lake)] == ["it does not open"]
    assert [each.cause for each in retry(lake, right)] == [""]

    assert values(lake) == [1.0, 2.0]
    assert counts(lake, "till") == {"received": 1, "stored": 1}
    assert paths(lake.settings) == []


def test_a_folder_that_was_emptied_takes_more(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aside, "MOST_BYTES", 250)
    monkeypatch.setattr(aside, "COUNT_SECONDS", 0.0)
    folder = Aside(lake.settings, "s")
    folder.keep(Spooled(1, entry(1.0)))
    folder.keep(Spooled(2, entry(2.0)))
    assert [path.name for path in paths(lake.settings)] == ["s-1"]

    for each in kept(lake.settings):
        assert isinstance(each, Kept)
        each.drop()
    folder.keep(Spooled(2, entry(2.0)))

    assert [(each.name, each.place) for each in kept(lake.settings)] == [("s-2", 2)]


@pytest.mark.parametrize("blob", [b"", b"QPS1", b"QPS1" + bytes(200)])
def test_a_file_of_anything_does_not_open(blob: bytes, lake: Lake) -> None:
    Aside(lake.settings, "s")
    (lake.settings.spool_dir / "aside" / "s-1").write_bytes(blob)

    assert [each.entries for each in kept(lake.settings)] == [None]
