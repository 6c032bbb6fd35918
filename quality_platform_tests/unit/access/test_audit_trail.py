"""Looking back at the audit: newest first, by page, by who, what and whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from quality_platform.access import trail
from quality_platform.state import audit
from quality_platform.state.database import State

NOW = datetime(2026, 5, 4, tzinfo=UTC)
CHANGES = [
    ("ann", "key.create", "shop"),
    ("bob", "key.revoke", "shop"),
    ("ann", "token.create", "grafana"),
    ("ann", "keys", "shop"),
    ("bob", "key.create", "blog"),
]


@pytest.fixture
def filled(state: State) -> State:
    with state.write() as session:
        for days, (actor, action, subject) in enumerate(CHANGES):
            details = {"day": days}
            audit.record(session, NOW + timedelta(days), actor=actor, action=action, subject=subject, details=details)
    return state


@pytest.mark.parametrize(
    ("wanted", "days"),
    [
        ({}, [4, 3, 2, 1, 0]),
        ({"limit": 2}, [4, 3]),
        ({"actor": "ann"}, [3, 2, 0]),
        ({"action": "key.create"}, [4, 0]),
        ({"action": "key"}, [4, 1, 0]),
        ({"action": "k%"}, []),
        ({"subject": "shop", "actor": "bob"}, [1]),
        ({"since": NOW + timedelta(3)}, [4, 3]),
        ({"actor": "nobody"}, []),
    ],
)
def test_changes_are_found_by_what_they_are(filled: State, wanted: dict[str, object], days: list[int]) -> None:
    assert [each.details["day"] for each in trail.changes(filled, **wanted)] == days  # type: ignore[arg-type]


def test_pages_go_on_from_the_last_position(filled: State) -> None:
    first = trail.changes(filled, limit=3)
    rest = trail.changes(filled, limit=3, before=first[-1].position)

    assert [each.details["day"] for each in (*first, *rest)] == [4, 3, 2, 1, 0]


def test_a_whole_chain_is_whole_whatever_stands_in_it(filled: State) -> None:
    with filled.write() as session:
        for name in ("", "nul \0 here", "ünï ☃", '"quoted"'):
            audit.record(session, NOW, actor=name, action="key.create", subject=name, details={"name": name})
    assert trail.broken_at(filled) is None


@pytest.mark.parametrize(
    ("tampering", "seen_at"),
    [
        ("UPDATE audit SET actor = 'eve' WHERE position = 3", 3),
        ("UPDATE audit SET details = '{}' WHERE position = 2", 2),
        ("DELETE FROM audit WHERE position = 2", 3),
        ("DELETE FROM audit WHERE position = 1", 2),
        ("UPDATE audit SET chain = '' WHERE position = 4", 4),
    ],
)
def test_tampering_is_seen_where_it_happened(filled: State, tampering: str, seen_at: int) -> None:
    with filled.write() as session:
        first = session.scalar(sa.text("SELECT min(position) FROM audit")) - 1
        session.execute(sa.text(tampering.replace("position = ", f"position = {first} + ")))
    assert trail.broken_at(filled) == first + seen_at


def test_entries_from_before_there_was_a_chain_are_no_break(filled: State) -> None:
    with filled.write() as session:
        session.execute(sa.text("UPDATE audit SET chain = ''"))
        audit.record(session, NOW, actor="ann", action="key.create", subject="new")
    assert trail.broken_at(filled) is None
