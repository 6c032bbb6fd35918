"""The ASGI application: the doors, the routes for people and programs, and what lives as long as it does.

Belongs here: composition. Does not belong here: any path's work.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from quality_platform import __version__
from quality_platform.api import failures, openapi
from quality_platform.api.doors import Doors
from quality_platform.api.ingest.statsd.listener import listening
from quality_platform.api.routes.registry import ROUTERS
from quality_platform.api.security.headers import Headers
from quality_platform.api.security.sizes import Sizes
from quality_platform.api.service import Service
from quality_platform.settings import Settings
from quality_platform.telemetry import memory

PREFIX = "/api/v1"


def build(settings: Settings) -> ASGIApp:
    """The application of the home of `settings`, which must have been prepared."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        service = Service(settings)
        app.state.service = service
        doors.open(service.intake)
        service.start()
        memory.settle()
        try:
            async with listening(settings, service.intake):
                yield
        finally:
            service.stop()

    behind = framework(lifespan)
    behind.add_middleware(Sizes)
    if settings.cors_origins:
        # the doors, which any site may send to, stand before it and answer for themselves
        behind.add_middleware(
            CORSMiddleware, allow_origins=list(settings.cors_origins), allow_methods=["GET", "POST", "PUT", "DELETE"],
            allow_headers=["authorization", "content-type", "if-match"],
            expose_headers=["etag", "location", "retry-after"],
        )  # fmt: skip
    doors = Doors(behind)
    return Headers(doors)


def framework(lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]] | None = None) -> FastAPI:
    """The routes behind the doors; without `lifespan` good for looking at its OpenAPI."""
    app = FastAPI(
        title="quality_platform", version=__version__, lifespan=lifespan, openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None, redoc_url=None,
    )  # fmt: skip
    failures.install(app)
    openapi.install(app)
    for router in ROUTERS:
        app.include_router(router)
    return app
