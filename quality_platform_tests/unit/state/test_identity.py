"""Identities sort by time and tell different things apart."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from quality_platform.state.identity import fingerprint, new_id

INSTANTS = st.integers(1, 250_000_000_000_000_000).map(
    lambda us: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)
)


@given(INSTANTS)
def test_an_id_is_a_uuid_of_version_7_that_holds_its_millisecond(now: datetime) -> None:
    made = uuid.UUID(new_id(now))
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == int(now.timestamp() * 1000)


@given(INSTANTS, st.integers(1, 10**9))
def test_ids_sort_by_the_time_they_were_made(now: datetime, milliseconds: int) -> None:
    assert new_id(now) < new_id(now + timedelta(milliseconds=milliseconds))


def test_ids_of_one_instant_differ() -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    assert len({new_id(now) for _ in range(1000)}) == 1000


def test_a_fingerprint_is_stable_and_tells_rule_from_series() -> None:
    # printf 'rule\0series' | sha256sum | head -c 32
    assert fingerprint("rule", "series") == "5d1be3f441a52bf03f70945f4b392428"
    assert fingerprint("a", "bc") != fingerprint("ab", "c")
    assert fingerprint("\udcff", "x") != fingerprint("?", "x")
