"""Tokens of people and programs, each with a role: made, listed, revoked, recognised.

Roles build on each other: a viewer reads, an editor also changes what is watched, an admin also sees and changes who
may do what. Sending is no role: that is what project keys are for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

import sqlalchemy as sa

from quality_platform.access import secrets
from quality_platform.errors import UsageError
from quality_platform.state import audit
from quality_platform.state.database import State
from quality_platform.state.identity import new_id
from quality_platform.state.models import TokenRow

PREFIX = "qpt_"
MAX_NAME = 200

Role = Literal["viewer", "editor", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token, shown this once."""

    name: str
    role: Role
    token: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: the holder of a token."""

    name: str
    role: Role
    expires_at: datetime | None = None

    def may(self, role: Role) -> bool:
        """Whether this role is `role` or above."""
        return ROLES.index(self.role) >= ROLES.index(role)

    def expired(self, now: datetime) -> bool:
        """Whether the token has ended by `now`."""
        return self.expires_at is not None and now >= self.expires_at


def create(
    state: State, name: str, role: str, now: datetime, *, actor: str, expires_at: datetime | None = None
) -> NewToken:
    """A new token called `name`. Raises UsageError for a name in use, an unknown role, an end that has passed."""
    found = _role(role)
    if not name.strip() or len(name) > MAX_NAME or not name.isprintable():
        raise UsageError(f"{name!r} is no name for a token.", hint=f"1 to {MAX_NAME} characters that can be printed.")
    if expires_at is not None and expires_at <= now:
        raise UsageError(f"The token would end at {expires_at:%Y-%m-%d %H:%M}, which has passed.")
    token = secrets.new(PREFIX)
    row = TokenRow(
        id=new_id(now), name=name, role=found, digest=secrets.digest(token), prefix=secrets.shown(token, PREFIX),
        created_at=now, created_by=actor, expires_at=expires_at,
    )  # fmt: skip
    with state.write() as session:
        if session.scalar(sa.select(TokenRow.id).where(TokenRow.name == name, _valid(now)).limit(1)):
            raise UsageError(f"A token called {name!r} is in use.", hint="Choose another name, or revoke it first.")
        session.add(row)
        details = {"role": found, "prefix": row.prefix, "expires_at": expires_at}
        audit.record(session, now, actor=actor, action="token.create", subject=name, details=details)
    return NewToken(name, found, token, expires_at)


def listed(state: State) -> Sequence[TokenRow]:
    """Tokens, newest first, revoked and expired ones among them."""
    with state.read() as session:
        return session.scalars(sa.select(TokenRow).order_by(TokenRow.created_at.desc(), TokenRow.id.desc())).all()


def revoke(state: State, name: str, now: datetime, *, actor: str) -> Sequence[str]:
    """Make the tokens called `name`, or beginning with it, worthless; returns their names.

    Raises UsageError when there is none in use.
    """
    beginning = name[: len(PREFIX) + secrets.SHOWN]
    wanted = sa.or_(TokenRow.name == name, TokenRow.prefix == beginning)
    with state.write() as session:
        found = session.scalars(sa.select(TokenRow).where(wanted, TokenRow.revoked_at.is_(None))).all()
        if not found:
            raise UsageError(
                "There is no such token in use.", hint="`quality-platform tokens list` shows names and beginnings."
            )
        for row in found:
            row.revoked_at = now
            details = {"prefix": row.prefix}
            audit.record(session, now, actor=actor, action="token.revoke", subject=row.name, details=details)
        return [row.name for row in found]


def principals_by_digest(state: State) -> Mapping[str, Principal]:
    """Holder of every token that is not revoked, by the token's digest; who asks must look at the end."""
    query = sa.select(TokenRow.digest, TokenRow.name, TokenRow.role, TokenRow.expires_at)
    with state.read() as session:
        rows = session.execute(query.where(TokenRow.revoked_at.is_(None)))
        return {row.digest: Principal(row.name, _role(row.role), row.expires_at) for row in rows}


def verify(state: State, token: str, now: datetime) -> Principal | None:
    """Holder of `token`; None for one that is unknown, revoked or expired. Asks the database: for one-time checks."""
    query = sa.select(TokenRow).where(TokenRow.digest == secrets.digest(token), _valid(now))
    with state.read() as session:
        row = session.scalars(query).one_or_none()
    return Principal(row.name, _role(row.role), row.expires_at) if row else None


def used(state: State, instants: Mapping[str, datetime]) -> None:
    """Note when tokens, named by digest, were last used."""
    with state.write() as session:
        for digest, instant in instants.items():
            session.execute(sa.update(TokenRow).where(TokenRow.digest == digest).values(last_used_at=instant))


def _role(role: str) -> Role:
    for known in ROLES:
        if known == role:
            return known
    raise UsageError(f"There is no role {role!r}.", hint=f"One of {', '.join(ROLES)}.")


def _valid(now: datetime) -> sa.ColumnElement[bool]:
    unended = sa.or_(TokenRow.expires_at.is_(None), TokenRow.expires_at > now)
    return sa.and_(TokenRow.revoked_at.is_(None), unended)
