"""Who may use Alertmanager's interface: holders of a token, and project keys for pushing alerts alone.

Its clients know bearer tokens and basic authentication, whose password is then the token or key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, HTTPException, Request

from quality_platform.access import keys
from quality_platform.access.tokens import Principal, Role
from quality_platform.api.security.presented import secret_of

if TYPE_CHECKING:
    from quality_platform.api.service import Service


@dataclass(frozen=True, slots=True)
class Sender:
    """Who pushes alerts: `project` is the key's; None for a token, whose alerts say themselves where they belong."""

    name: str
    project: str | None


def _let_in(request: Request, role: Role) -> Principal:
    service: Service = request.app.state.service
    address = request.client.host if request.client else ""
    return service.gate.let_in(secret_of(request.headers.get("authorization")), role, address)


async def _viewer(request: Request) -> Principal:
    return _let_in(request, "viewer")


async def _editor(request: Request) -> Principal:
    return _let_in(request, "editor")


async def _sender(request: Request) -> Sender:
    secret = secret_of(request.headers.get("authorization"))
    if secret is None or not secret.startswith(keys.PREFIX):
        return Sender(f"token {_let_in(request, 'editor').name}", None)
    service: Service = request.app.state.service
    project = service.directory.project_of(secret)
    if project is None:
        raise HTTPException(403, "The project key is unknown or revoked.")
    service.gate.pace(f"A key of {project}", f"key of {project}")
    return Sender(f"key of {project}", project)


Viewer = Annotated[Principal, Depends(_viewer)]
Editor = Annotated[Principal, Depends(_editor)]
Pushing = Annotated[Sender, Depends(_sender)]
