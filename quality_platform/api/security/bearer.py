"""`require("viewer")`: a route's dependency that lets in who holds a token of that role or above.

Belongs here: reading `Authorization: Bearer`, and what is answered to who may not. Does not belong here: what tokens
there are (`access/tokens.py`), the doors' project keys.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from quality_platform.access import keys, tokens
from quality_platform.access.tokens import Principal, Role
from quality_platform.api.directory import Directory
from quality_platform.api.security.rate import Rate
from quality_platform.api.security.sign_ins import SignIns
from quality_platform.state.database import State

PER_SECOND, BURST = 20.0, 200
_MAKE = "`quality-platform tokens create NAME --role {role}` makes one."

SCHEME = HTTPBearer(
    scheme_name="token",
    auto_error=False,
    description="A token made by `quality-platform tokens create NAME --role viewer|editor|admin`.",
)
Given = Annotated[HTTPAuthorizationCredentials | None, Depends(SCHEME)]


class Gate:
    """Who is let in to the routes for people and programs. One for a service."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._directory: Directory[Principal] = Directory(
            partial(tokens.principals_by_digest, state), partial(tokens.used, state)
        )
        self._sign_ins = SignIns()
        self._rate = Rate(per_second=PER_SECOND, burst=BURST)

    def let_in(self, token: str | None, role: Role, address: str) -> Principal:
        """The holder of `token`. Raises HTTPException: 401, 403, 429."""
        if not token:
            raise _unknown("Send a token as `Authorization: Bearer TOKEN`.", role)
        found = self._directory.holder(token)
        if found is None or found.expired(datetime.now(UTC)):
            raise self._stranger(token, role, address, expired=found is not None)
        self.pace(f"The token «{found.name}»", found.name)
        if not found.may(role):
            told = f"This needs the role {role}; the token «{found.name}» has the role {found.role}."
            raise HTTPException(403, f"{told} {_MAKE.format(role=role)}")
        return found

    def pace(self, called: str, who: str) -> None:
        """Count one request of `who`. Raises HTTPException 429 for too many."""
        wait = self._rate.take(who)
        if wait:
            raise _later(f"{called} asks too often; wait {wait} s.", wait)

    def tidy(self, *, at_once: bool = False) -> None:
        """Write down when tokens were last used and which sign-ins failed, once a minute."""
        self._directory.note_use(at_once=at_once)
        self._sign_ins.note(self._state, datetime.now(UTC), at_once=at_once)

    def _stranger(self, token: str, role: Role, address: str, *, expired: bool) -> HTTPException:
        if token.startswith(keys.PREFIX):
            wait = self._sign_ins.failed(address, "project key")
            refused = HTTPException(
                403, f"This is a project key, which is good for sending alone. {_MAKE.format(role=role)}"
            )
        else:
            wait = self._sign_ins.failed(address, "expired" if expired else "unknown token")
            refused = _unknown("The token has expired." if expired else "The token is unknown or revoked.", role)
        return _later(f"Too many sign-ins failed; wait {wait} s.", wait) if wait else refused


def require(role: Role) -> Callable[..., Awaitable[Principal]]:
    """A dependency that lets in holders of `role` or above, and gives the route who it is."""

    async def let_in(request: Request, given: Given) -> Principal:
        gate: Gate = request.app.state.service.gate
        address = request.client.host if request.client else ""
        return gate.let_in(given.credentials if given else None, role, address)

    return let_in


REFUSALS: dict[int | str, dict[str, Any]] = {
    401: {"description": "No token, or one that is unknown, revoked or expired."},
    403: {"description": "The token's role is too low, or it is a project key."},
    429: {"description": "Too many requests; `Retry-After` says when to come back."},
}
"""What a route with `require` may answer besides, for OpenAPI."""


def _unknown(what: str, role: Role) -> HTTPException:
    return HTTPException(401, f"{what} {_MAKE.format(role=role)}", {"WWW-Authenticate": "Bearer"})


def _later(what: str, seconds: int) -> HTTPException:
    return HTTPException(429, what, {"Retry-After": str(seconds)})
