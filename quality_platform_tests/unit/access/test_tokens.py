"""Tokens: roles, ends, revocation, and that each change is audited and no token kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from quality_platform.access import secrets, tokens, trail
from quality_platform.access.tokens import ROLES, Principal
from quality_platform.errors import UsageError
from quality_platform.state.database import State
from quality_platform.state.models import TokenRow

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def test_a_token_is_recognised_until_it_is_revoked(state: State) -> None:
    new = tokens.create(state, "grafana", "viewer", NOW, actor="ann")

    assert tokens.verify(state, new.token, NOW) == Principal("grafana", "viewer")
    assert tokens.verify(state, new.token + "0", NOW) is None
    assert tokens.revoke(state, "grafana", NOW, actor="bob") == ["grafana"]
    assert tokens.verify(state, new.token, NOW) is None
    assert tokens.principals_by_digest(state) == {}
    with pytest.raises(UsageError):
        tokens.revoke(state, "grafana", NOW, actor="bob")


@pytest.mark.parametrize("length", [12, 44])
def test_a_token_is_revoked_by_its_beginning_too(state: State, length: int) -> None:
    new = tokens.create(state, "by beginning", "editor", NOW, actor="ann")
    other = tokens.create(state, "another", "editor", NOW, actor="ann")

    assert tokens.revoke(state, new.token[:length], NOW, actor="ann") == ["by beginning"]
    assert tokens.verify(state, other.token, NOW) is not None


def test_a_token_ends_when_its_time_has_come(state: State) -> None:
    end = NOW + timedelta(days=3)
    new = tokens.create(state, "short", "admin", NOW, actor="ann", expires_at=end)

    assert tokens.verify(state, new.token, end - timedelta(microseconds=1)) == Principal("short", "admin", end)
    assert tokens.verify(state, new.token, end) is None
    (held,) = tokens.principals_by_digest(state).values()
    assert (held.expired(end - timedelta(seconds=1)), held.expired(end)) == (False, True)
    # its name is free again
    tokens.create(state, "short", "admin", end, actor="ann")


@pytest.mark.parametrize(
    ("name", "role", "days"),
    [("", "viewer", None), (" ", "viewer", None), ("a" * 201, "viewer", None), ("a\nb", "viewer", None),
     ("x", "owner", None), ("x", "", None), ("x", "viewer", -1), ("x", "viewer", 0), ("taken", "viewer", None)],
)  # fmt: skip
def test_what_makes_no_token_is_refused(state: State, name: str, role: str, days: int | None) -> None:
    tokens.create(state, "taken", "viewer", NOW, actor="ann")

    with pytest.raises(UsageError):
        tokens.create(state, name, role, NOW, actor="ann", expires_at=None if days is None else NOW + timedelta(days))
    assert len(tokens.listed(state)) == 1


def test_the_token_itself_is_not_kept(state: State) -> None:
    new = tokens.create(state, "secret", "viewer", NOW, actor="ann")

    with state.read() as session:
        row = session.execute(sa.select(TokenRow.__table__)).one()
    assert new.token not in str(row)
    assert secrets.digest(new.token) == row.digest
    assert new.token.startswith(row.prefix)


def test_last_use_is_noted_by_digest(state: State) -> None:
    new = tokens.create(state, "used", "viewer", NOW, actor="ann")
    tokens.used(state, {secrets.digest(new.token): NOW, secrets.digest("gone"): NOW})

    assert [row.last_used_at for row in tokens.listed(state)] == [NOW]


def test_every_change_is_audited_with_who_did_it(state: State) -> None:
    tokens.create(state, "one", "viewer", NOW, actor="ann")
    tokens.revoke(state, "one", NOW + timedelta(1), actor="bob")

    found = [(each.actor, each.action, each.subject, each.at) for each in trail.changes(state)]
    assert found == [
        ("bob", "token.revoke", "one", NOW + timedelta(1)), ("ann", "token.create", "one", NOW),
    ]  # fmt: skip


def test_roles_build_on_each_other() -> None:
    allowed = {held: [role for role in ROLES if Principal("x", held).may(role)] for held in ROLES}

    assert allowed == {"viewer": ["viewer"], "editor": ["viewer", "editor"], "admin": ["viewer", "editor", "admin"]}
