"""Secrets are answered from memory: revoked within seconds, new ones at once, floods and outages borne."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import pytest

from quality_platform.access.secrets import digest
from quality_platform.api import directory
from quality_platform.api.directory import REFRESH_SECONDS, UNKNOWN_BURST, Directory
from quality_platform.errors import StateError


class Database:
    """Holders by secret, how often they were read, what was noted."""

    def __init__(self) -> None:
        self.now = 100.0
        self.holders = {"a": "shop"}
        self.reads = 0
        self.fails = False
        self.used: list[Mapping[str, datetime]] = []

    def directory(self) -> Directory[str]:
        return Directory(self._read, self.used.append, lambda: self.now)

    def _read(self) -> Mapping[str, str]:
        self.reads += 1
        if self.fails:
            raise StateError("The state database failed.")
        return {digest(secret): holder for secret, holder in self.holders.items()}


def test_many_questions_are_one_look() -> None:
    database = Database()
    known = database.directory()

    assert {known.holder("a") for _ in range(1000)} == {"shop"}
    assert database.reads == 1


def test_a_revoked_secret_ends_after_the_refresh_and_a_new_one_counts_at_once() -> None:
    database = Database()
    known = database.directory()
    known.holder("a")
    database.holders = {"b": "blog"}
    database.now += 0.1

    assert known.holder("b") == "blog"
    assert known.holder("a") is None
    database.holders = {}
    database.now += REFRESH_SECONDS + 0.1
    assert known.holder("b") is None


def test_a_flood_of_invented_secrets_costs_few_looks_and_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "MOST_DIGESTS", 50)
    database = Database()
    known = database.directory()
    for number in range(1000):
        database.now += 0.001
        assert known.holder(f"invented {number}") is None

    assert database.reads <= UNKNOWN_BURST + 3
    assert len(known._digests) == 50
    assert known.holder("a") == "shop"


def test_while_the_database_is_out_of_reach_what_was_known_holds() -> None:
    database = Database()
    known = database.directory()
    known.holder("a")
    database.fails = True
    for _ in range(100):
        database.now += 0.2
        assert known.holder("a") == "shop"
        assert known.holder("new") is None
    assert database.reads <= 6
    database.fails, database.holders = False, {"new": "blog"}
    database.now += REFRESH_SECONDS + 0.1

    assert known.holder("new") == "blog"


def test_before_the_first_reading_an_outage_is_told() -> None:
    database = Database()
    database.fails = True

    with pytest.raises(StateError):
        database.directory().holder("a")


def test_use_is_noted_once_a_minute_and_in_the_end() -> None:
    database = Database()
    known = database.directory()
    for _ in range(130):
        database.now += 1
        known.holder("a")
        known.note_use()
    known.note_use(at_once=True)
    known.note_use(at_once=True)

    assert len(database.used) == 3
    assert {name for noted in database.used for name in noted} == {digest("a")}
