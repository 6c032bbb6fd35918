"""The ASGI application: the doors, the routes for people and programs, and what lives as long as it does.

Belongs here: composition. Does not belong here: any path's work.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI

from quality_platform import __version__
from quality_platform.api.doors import Doors
from quality_platform.api.routes.registry import ROUTERS
from quality_platform.api.service import Service
from quality_platform.settings import Settings

PREFIX = "/api/v1"


def build(settings: Settings) -> Doors:
    """The application of the home of `settings`, which must have been prepared."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        service = Service(settings)
        app.state.service = service
        doors.open(service.intake)
        service.start()
        try:
            yield
        finally:
            service.stop()

    doors = Doors(framework(lifespan))
    return doors


def framework(lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]] | None = None) -> FastAPI:
    """The routes behind the doors; without `lifespan` good for looking at its OpenAPI."""
    app = FastAPI(
        title="quality_platform", version=__version__, lifespan=lifespan, openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None, redoc_url=None,
    )  # fmt: skip
    for router in ROUTERS:
        app.include_router(router)
    return app
