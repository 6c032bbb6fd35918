"""Failures that a person can act on, as answers: what the command line says in words, HTTP says in JSON.

Belongs here: which error has which status. Does not belong here: errors of the doors, which word them as their clients
understand it.
"""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from quality_platform.errors import LakeError, QualityPlatformError, StateError, UsageError

RETRY_AFTER = {"Retry-After": "5"}


def install(app: FastAPI) -> None:
    """Let `app` answer 422 to what cannot be done, 503 where lake or state are out of reach now."""

    @app.exception_handler(UsageError)
    async def unusable(_request: Request, error: UsageError) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, 422)

    @app.exception_handler(LakeError)
    @app.exception_handler(StateError)
    async def unreachable(_request: Request, error: QualityPlatformError) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, 503, RETRY_AFTER)
