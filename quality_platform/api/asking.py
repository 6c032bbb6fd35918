"""What routes ask for by name: who asks, with which role, and the service that answers.

Belongs here: dependencies that every route writes the same way. Does not belong here: letting in (`security/`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Request

from quality_platform.access.tokens import Principal
from quality_platform.api.problems import MEDIA_TYPE, Problem
from quality_platform.api.security.bearer import REFUSALS, require

if TYPE_CHECKING:
    from quality_platform.alerting.episodes.actions import Actor
    from quality_platform.api.service import Service

PREFIX = "/api/v1/quality-monitoring"

Viewer = Annotated[Principal, Depends(require("viewer"))]
Editor = Annotated[Principal, Depends(require("editor"))]
Admin = Annotated[Principal, Depends(require("admin"))]


def _service(request: Request) -> Any:
    return request.app.state.service


if TYPE_CHECKING:
    Live = Service
else:
    Live = Annotated[Any, Depends(_service)]


def actor(principal: Principal) -> Actor:
    """Who acts, as alerts and the audit name it."""
    from quality_platform.alerting.episodes.actions import Actor

    return Actor(f"token {principal.name}")


def _problem(description: str) -> dict[str, Any]:
    return {"description": description, "model": Problem, "content": {MEDIA_TYPE: {}}}


FAILURES: dict[int | str, dict[str, Any]] = {
    **{status: {**found, "model": Problem} for status, found in REFUSALS.items()},
    404: _problem("There is none of that name."),
    409: _problem("It does not go with how things stand, which `current` says."),
    412: _problem("It has another version than `If-Match` says."),
    422: _problem("A field is wrong; `errors` names it."),
    503: _problem("State or lake cannot be reached now; `Retry-After` says when to come back."),
}
"""What a route may answer besides, for OpenAPI."""
