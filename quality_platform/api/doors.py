"""The doors in front of the framework: a path is looked up, and its door asked, before anything else.

A framework's routing and middleware take 60 µs a request, a third of what taking in an envelope costs altogether.

Belongs here: finding the door of a path. Does not belong here: what a door does (`ingest/endpoint.py`).
"""

from __future__ import annotations

import re

from starlette.routing import compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from quality_platform.api.ingest.endpoint import DoorEndpoint
from quality_platform.api.ingest.intake import Intake
from quality_platform.api.ingest.registry import DOORS

METHODS = frozenset(("GET", "POST", "PUT", "OPTIONS"))


class Doors:
    """An ASGI application: the doors, once they are open, and `behind` for everything else."""

    def __init__(self, behind: ASGIApp) -> None:
        self._behind = behind
        self._exact: dict[str, DoorEndpoint] = {}
        self._patterns: list[tuple[re.Pattern[str], DoorEndpoint]] = []

    def open(self, intake: Intake) -> None:
        """Take requests from now on."""
        for door in DOORS:
            endpoint = DoorEndpoint(door, intake)
            for path in door.paths:
                if "{" in path:
                    self._patterns.append((compile_path(path)[0], endpoint))
                else:
                    self._exact[path] = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        endpoint = self._found(scope) if scope["type"] == "http" and scope["method"] in METHODS else None
        await (endpoint or self._behind)(scope, receive, send)

    def _found(self, scope: Scope) -> DoorEndpoint | None:
        path = scope["path"]
        exact = self._exact.get(path)
        if exact is not None:
            return exact
        return next((endpoint for pattern, endpoint in self._patterns if pattern.match(path)), None)
