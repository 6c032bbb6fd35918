"""What is kept about a person is handed out on demand, and erased so that no file of the lake holds it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from typing import Any

import duckdb
import httpx
import pytest

from quality_platform.access import trail
from quality_platform.cli import home
from quality_platform.collectors.pseudonym import pseudonym
from quality_platform.privacy.export import HOLDING
from quality_platform.settings import Settings
from quality_platform.state.database import State
from quality_platform.warehouse import locks
from quality_platform.warehouse.lake import Lake
from quality_platform_tests.data.live import Live, serving
from quality_platform_tests.data.waiting import WAIT_SECONDS

BOB, ANN = "bob-17", "ann-23"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with serving(tmp_path_factory.mktemp("privacy")) as service:
        yield service


def verb(settings: Settings, *arguments: str, code: int = 0) -> str:
    environment = {**os.environ, **settings.environment()}
    command = [sys.executable, "-m", "quality_platform", "privacy", *arguments]
    done = subprocess.run(command, env=environment, text=True, capture_output=True, check=False, timeout=WAIT_SECONDS)
    assert done.returncode == code, done.stderr
    return done.stdout if code == 0 else done.stderr


def send(live: Live, project: str, user: str, times: int = 1) -> None:
    headers = {"Authorization": f"Bearer {live.key(project)['key']}"}
    for number in range(times):
        event = {"event": "paid", "user": user, "properties": {"note": f"written by {user}", "n": number}}
        assert httpx.post(f"{live.base}/api/v1/ingest/events", json=event, headers=headers).status_code == 202
    error = {"message": "it broke", "level": "error", "user": user}
    assert httpx.post(f"{live.base}/api/v1/ingest/errors", json=error, headers=headers).status_code == 202


def stored(live: Live, project: str, user: str, rows: int) -> list[dict[str, Any]]:
    key = pseudonym(live.settings.secret, project, user)
    return live.until(f"SELECT * FROM raw.usage_events WHERE user_key = '{key}'", rows)


def kept_in_files(settings: Settings, *words: str) -> list[str]:
    """Files of the lake that hold one of `words`, in their bytes or in what Parquet encodes."""
    found = []
    # without the locks a file may be looked at while it is being written
    with locks.hold(settings, "raw", "test"), locks.hold(settings, "marts", "test"), duckdb.connect() as connection:
        for path in settings.lake_dir.rglob("*"):
            if not path.is_file() or "locks" in path.parts:
                continue
            text = path.read_bytes().decode("latin-1")
            if path.suffix == ".parquet":
                text += str(connection.execute("SELECT * FROM read_parquet(?)", [str(path)]).fetchall())
            found += [path.name for word in words if word in text]
    return found


def audited(settings: Settings) -> list[Any]:
    with closing(State(settings)) as state:
        return list(trail.changes(state, action="privacy"))


def test_tables_that_may_hold_a_person_are_known() -> None:
    assert set(HOLDING) == {"usage_events", "error_events", "request_samples", "sessions"}


def test_export_prints_what_is_kept_about_one_person_in_every_table(live: Live) -> None:
    send(live, "exported", BOB, times=2)
    send(live, "exported", ANN)

    rows = [json.loads(line) for line in verb(live.settings, "export", BOB, "--project", "exported").splitlines()]

    assert sorted(row["table"] for row in rows) == ["raw.error_events", "raw.usage_events", "raw.usage_events"]
    assert {row["project"] for row in rows} == {"exported"}
    assert {row["user_key"] for row in rows} == {pseudonym(live.settings.secret, "exported", BOB)}


def test_erasing_leaves_nothing_of_one_person_and_all_of_the_others(live: Live) -> None:
    for project in ("erased", "other"):
        send(live, project, BOB, times=3)
        send(live, project, ANN, times=2)
    stored(live, "erased", BOB, 3)
    live.until_ledger("other", {"event": {"received": 5, "stored": 5}, "error": {"received": 2, "stored": 2}})
    keys = [pseudonym(live.settings.secret, project, BOB) for project in ("erased", "other")]
    assert kept_in_files(live.settings, *keys)

    removed = json.loads(verb(live.settings, "erase", BOB, "--yes", "--json"))["removed"]
    again = json.loads(verb(live.settings, "erase", BOB, "--yes", "--json"))["removed"]

    assert removed["raw.usage_events"] >= 6
    assert removed["raw.error_events"] >= 2
    assert again == {}
    # properties hold the identifier too, as the application wrote it
    assert not kept_in_files(live.settings, *keys, f"written by {BOB}")
    assert len(stored(live, "erased", ANN, 2)) == 2
    assert len(stored(live, "other", ANN, 2)) == 2
    assert {change.subject for change in audited(live.settings)} == {pseudonym(live.settings.secret, "", BOB)}
    live.assert_adds_up("erased")

    send(live, "erased", BOB)
    assert len(stored(live, "erased", BOB, 1)) == 1


def test_erasing_in_one_project_leaves_the_others(live: Live) -> None:
    for project in ("one", "two"):
        send(live, project, "cid-5")
        stored(live, project, "cid-5", 1)

    verb(live.settings, "erase", "cid-5", "--project", "one", "--yes")

    assert live.sql(f"SELECT 1 FROM raw.usage_events WHERE user_key = '{_key(live, 'one')}'") == []
    assert len(stored(live, "two", "cid-5", 1)) == 1
    assert "no-such" in verb(live.settings, "erase", "cid-5", "--project", "no-such", "--yes", code=2)


def _key(live: Live, project: str) -> str:
    return pseudonym(live.settings.secret, project, "cid-5")


def test_what_still_waits_in_the_spool_is_erased_too(live: Live) -> None:
    with locks.hold(live.settings, "raw", "test"):
        send(live, "spooled", "dan-9")
        live.kill()
    try:
        removed = json.loads(verb(live.settings, "erase", "dan-9", "--yes", "--json"))["removed"]
    finally:
        live.start()

    assert removed == {"raw.error_events": 1, "raw.usage_events": 1}
    send(live, "spooled", ANN)
    assert len(stored(live, "spooled", ANN, 1)) == 1
    key = pseudonym(live.settings.secret, "spooled", "dan-9")
    assert live.sql(f"SELECT 1 FROM raw.usage_events WHERE user_key = '{key}'") == []


def test_without_somebody_to_ask_nothing_is_erased(live: Live) -> None:
    send(live, "asked", "eve-1")
    stored(live, "asked", "eve-1", 1)

    assert "--yes" in verb(live.settings, "erase", "eve-1", code=2)
    assert len(stored(live, "asked", "eve-1", 1)) == 1


@pytest.fixture
def lake(both_settings: Settings) -> Iterator[Lake]:
    home.prepare(both_settings)
    with closing(Lake(both_settings)) as opened:
        yield opened


def test_marts_and_their_history_forget_too_on_both_databases(lake: Lake) -> None:
    settings = lake.settings
    with lake.writing("marts", "test") as connection:
        connection.execute("CREATE TABLE marts.people AS SELECT 'k' || i % 7 AS user_key, i FROM range(70) AS t(i)")
        connection.execute(
            "CREATE TABLE marts.intermediate.visits AS SELECT 'k' || i % 7 AS user_key FROM range(7) t(i)"
        )
        connection.execute("CREATE VIEW marts.seen AS SELECT * FROM marts.people")
    with lake.writing("marts", "test") as connection:
        connection.execute("DELETE FROM marts.people")
        connection.execute("INSERT INTO marts.people SELECT 'k' || i % 7, i FROM range(70, 140) AS t(i)")

    removed = lake.erase("marts", "user_key", ["k3", "nobody"])

    assert {name: count for name, count in removed.items() if count} == {
        "marts.people": 10, "marts.intermediate.visits": 1,
    }  # fmt: skip
    assert _people(lake) == ["k0", "k1", "k2", "k4", "k5", "k6"] * 10
    assert not kept_in_files(settings, "k3")


def _people(lake: Lake) -> Sequence[str]:
    return [row["user_key"] for row in lake.rows("SELECT user_key FROM marts.seen ORDER BY i")]


def test_erasing_is_exact_whatever_lies_in_which_file(lake: Lake) -> None:
    for part in range(6):
        with lake.writing("raw", "test") as connection:
            connection.execute(
                "INSERT INTO raw.usage_events BY NAME SELECT 'p' AS project, 'b' AS batch_id, 's' AS source_id, "
                "now() AS ingested_at, ? || '-' || i AS event_id, now() AS event_time, 'x' AS event_name, "
                "'u' || (i * 7919 + ?) % 13 AS user_key, '{}' AS properties FROM range(200) AS t(i) WHERE i % 6 >= ?",
                [part, part, part],
            )
    everything = lake.rows("SELECT event_id, user_key FROM raw.usage_events")

    removed = lake.erase("raw", "user_key", ["u3", "u8"])

    kept = {row["event_id"] for row in everything if row["user_key"] not in ("u3", "u8")}
    assert sum(removed.values()) == len(everything) - len(kept)
    found = [row["event_id"] for row in lake.rows("SELECT event_id FROM raw.usage_events")]
    assert sorted(found) == sorted(kept)
    assert lake.tidy("raw", keep=timedelta(0)).files_after >= 1
    assert len(lake.rows("SELECT 1 FROM raw.usage_events")) == len(kept)
