"""The ASGI application: the doors, the routes for people and programs, and what lives as long as it does.

Belongs here: composition. Does not belong here: any path's work.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.routing import Route
from starlette.types import ASGIApp

from quality_platform import __version__
from quality_platform.api.ingest.endpoint import DoorEndpoint
from quality_platform.api.ingest.registry import DOORS
from quality_platform.api.routes.registry import ROUTERS
from quality_platform.api.service import Service
from quality_platform.settings import Settings

PREFIX = "/api/v1"


def build(settings: Settings) -> FastAPI:
    """The application of the home of `settings`, which must have been prepared."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        service = Service(settings)
        app.state.service = service
        app.router.routes[0:0] = door_routes(service)
        service.start()
        try:
            yield
        finally:
            service.stop()

    app = FastAPI(
        title="quality_platform", version=__version__, lifespan=lifespan, openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None, redoc_url=None,
    )  # fmt: skip
    for router in ROUTERS:
        app.include_router(router)
    return app


def door_routes(service: Service) -> list[Route]:
    """One route for every path of every door, before all others, because they are asked most."""
    routes = []
    for door in DOORS:
        endpoint: ASGIApp = DoorEndpoint(door, service.intake)
        routes += [Route(path, endpoint, methods=["GET", "POST", "PUT", "OPTIONS"]) for path in door.paths]
    return routes
