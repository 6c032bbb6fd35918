"""Rounds against a real spool and a real lake: what cannot be stored costs nothing beside it, what may have been stored is
never stored again."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pytest
from pydantic import SecretStr

from quality_platform.api.drain import rounds
from quality_platform.api.drain.rounds import Drain, stored_up_to
from quality_platform.api.ingest.contract import Decoding
from quality_platform.errors import LockHeldError
from quality_platform.model.batch import Appended, Batch
from quality_platform.settings import Settings
from quality_platform.spool.item import Entry
from quality_platform.spool.log import SpoolLog
from quality_platform.warehouse.lake import Lake

NUMBERS = itertools.count()
NOON = 1_772_452_800_000_000


def entry(value: float, project: str, key: str | None = None) -> Entry:
    body = orjson.dumps([{"metric": "m", "value": value}])
    meta: dict[str, object] = {"media_type": "application/json", "items": {"metric": 1}}
    return Entry(project, "metrics", NOON, body, meta | ({"idempotency_key": key} if key else {}))


@pytest.fixture(scope="module")
def shared_lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    lake = Lake(Settings(home=tmp_path_factory.mktemp("lake")))
    lake.set_up()
    with closing(lake):
        yield lake


class Bench:
    """A spool of its own, and the shared lake."""

    def __init__(self, lake: Lake, folder: Path) -> None:
        self.lake = lake
        self.settings = Settings(home=folder)
        self.project = f"p{next(NUMBERS)}"
        self.log = SpoolLog(self.settings)

    def spool(self, *entries: Entry) -> None:
        for each in entries:
            self.log.add([each])

    def drain(self, settings: Settings | None = None) -> Drain:
        used = settings or self.settings
        return Drain(used, self.lake, Decoding(used.secret))

    def values(self) -> list[float]:
        query = f"SELECT value FROM raw.metric_samples WHERE project = '{self.project}' ORDER BY value"
        return [row["value"] for row in self.lake.rows(query)]

    def counts(self, project: str | None = None) -> dict[str, int]:
        query = (
            "SELECT outcome || rtrim(' ' || reason) AS what, sum(quantity)::BIGINT AS n FROM raw.ingest_counts "
            f"WHERE project = '{project or self.project}' GROUP BY ALL"
        )
        return {row["what"]: row["n"] for row in self.lake.rows(query)}

    @property
    def aside(self) -> list[Path]:
        return list((self.settings.spool_dir / "aside").iterdir())


@pytest.fixture
def bench(shared_lake: Lake, tmp_path: Path) -> Iterator[Bench]:
    found = Bench(shared_lake, tmp_path)
    yield found
    found.log.close()


def failing(error: Callable[[Sequence[Batch]], Exception | None], *, after: bool = False) -> Callable[..., Appended]:
    """`Lake.append_next` that fails where `error` gives one; `after` the commit, or before it."""
    real = Lake.append_next

    def append_next(lake: Lake, batches: Sequence[Batch], **options: Any) -> Appended:
        wrong = error(batches)
        if wrong is not None and not after:
            raise wrong
        done = real(lake, batches, **options)
        if wrong is not None:
            raise wrong
        return done

    return append_next


def holds(batches: Sequence[Batch], value: float) -> bool:
    tables = [batch.tables["metric_samples"] for batch in batches if "metric_samples" in batch.tables]
    return any(value in table.column("value").to_pylist() for table in tables)


@pytest.mark.parametrize("error", [OverflowError("too large"), duckdb.ConversionException("no"), TypeError("what")])
def test_a_request_that_can_never_be_stored_is_kept_aside_and_the_others_are_stored(
    error: Exception, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.spool(*(entry(float(n), bench.project) for n in range(9)))
    monkeypatch.setattr(Lake, "append_next", failing(lambda batches: error if holds(batches, 4.0) else None))

    with closing(bench.drain()) as drain:
        done = drain.round()
        assert drain.round() is None

    assert done is not None
    assert done.entries == 9
    assert bench.values() == [0, 1, 2, 3, 5, 6, 7, 8]
    assert bench.counts() == {"received": 9, "stored": 8, "rejected internal": 1}
    assert len(bench.aside) == 1
    assert b"value" not in bench.aside[0].read_bytes()


def test_what_passes_is_tried_again_and_nothing_is_kept_aside(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.spool(entry(1.0, bench.project))
    errors = iter([LockHeldError("held"), duckdb.IOException("disk"), OSError("disk"), None])
    monkeypatch.setattr(Lake, "append_next", failing(lambda _: next(errors)))

    with closing(bench.drain()) as drain:
        for kind in (LockHeldError, duckdb.IOException, OSError):
            with pytest.raises(kind):
                drain.round()
        assert drain.round() is not None

    assert bench.values() == [1.0]
    assert bench.aside == []


def test_a_commit_that_looked_failed_is_not_repeated(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.spool(entry(1.0, bench.project, key="a"), entry(2.0, bench.project))
    errors = iter([duckdb.IOException("connection lost"), None])
    monkeypatch.setattr(Lake, "append_next", failing(lambda _: next(errors, None), after=True))

    with closing(bench.drain()) as drain:
        with pytest.raises(duckdb.IOException):
            drain.round()
        assert drain.round() is None
        bench.spool(entry(1.0, bench.project, key="a"))  # a retry: its identity was marked all the same
        drain.round()

    assert bench.values() == [1.0, 2.0]
    assert bench.counts() == {"received": 3, "stored": 2, "duplicate": 1}


def test_a_lake_that_cannot_be_asked_is_not_written(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.spool(entry(1.0, bench.project))
    lost = iter([duckdb.IOException("connection lost")])
    with closing(bench.drain()) as drain:
        with monkeypatch.context() as patch:
            patch.setattr(Lake, "append_next", failing(lambda _: next(lost, None), after=True))
            with pytest.raises(duckdb.IOException):
                drain.round()
        with monkeypatch.context() as patch:
            patch.setattr(rounds, "stored_up_to", _unreadable)
            patch.setattr(Lake, "rows", _unreadable)
            with pytest.raises(duckdb.IOException):
                drain.round()
        assert drain.round() is None

    assert bench.values() == [1.0]


def _unreadable(*_: object) -> int:
    raise duckdb.IOException("not now")


def test_what_does_not_open_is_counted_and_kept(bench: Bench) -> None:
    bench.spool(entry(1.0, bench.project), entry(2.0, bench.project))
    key = SecretStr("another key, of more than 32 characters")
    other = Settings(home=bench.settings.home, secret_key=key)
    before = bench.counts("quality-platform")

    with closing(bench.drain(other)) as drain:
        assert drain.round() is not None
        assert drain.round() is None

    assert bench.values() == []
    after = bench.counts("quality-platform")
    assert after["rejected unreadable"] - before.get("rejected unreadable", 0) == 2
    assert len(bench.aside) == 2


def test_where_the_lake_has_come_to_is_known_after_a_restart(bench: Bench) -> None:
    bench.spool(entry(1.0, bench.project), entry(2.0, bench.project))
    with closing(bench.drain()) as drain:
        drain.round()
        place = drain.place
    bench.spool(entry(3.0, bench.project))

    with closing(bench.drain()) as drain:
        assert drain.place == place == stored_up_to(bench.lake, drain.spool_id)
        drain.round()

    assert bench.values() == [1.0, 2.0, 3.0]
