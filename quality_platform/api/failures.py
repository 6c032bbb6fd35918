"""Failures that a person can act on, as answers: what the command line says in words, HTTP says in JSON.

Belongs here: which error has which status. Does not belong here: the shape of the answer (`problems.py`), errors of the
doors, which word them as their clients understand it.
"""

from __future__ import annotations

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.responses import Response

from quality_platform.api import problems
from quality_platform.errors import (
    ConfigurationError,
    ConflictError,
    LakeError,
    NotFoundError,
    QualityPlatformError,
    StateError,
    UsageError,
    VersionError,
)

RETRY_AFTER = {"Retry-After": "5"}
ALERTMANAGER = "/api/v2/"
"""Its clients read an error as one JSON string, and understand few statuses."""

_STATUS: tuple[tuple[type[QualityPlatformError], int], ...] = (
    (VersionError, 412),
    (ConflictError, 409),
    (NotFoundError, 404),
    (UsageError, 422),
    (ConfigurationError, 422),
    (LakeError, 503),
    (StateError, 503),
)


class UnusableError(UsageError):
    """A body that was checked by hand: `fields` says what is wrong with which field."""

    def __init__(self, error: ValidationError) -> None:
        self.fields = problems.wrong_fields(error.errors(include_url=False, include_input=False))
        super().__init__(problems.summary(self.fields))


def install(app: FastAPI) -> None:
    """Let `app` answer every failure that was raised on purpose with its status and a problem."""
    for kind in (UsageError, ConfigurationError, LakeError, StateError):
        app.add_exception_handler(kind, _failed)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(StarletteHTTPException, _refused)


async def _failed(request: Request, error: Exception) -> Response:
    assert isinstance(error, QualityPlatformError)
    status = next(status for kind, status in _STATUS if isinstance(error, kind))
    more: dict[str, object] = {"current": error.current} if isinstance(error, ConflictError) else {}
    if isinstance(error, UnusableError):
        more = {"errors": error.fields}
    return _answer(request, status, str(error), RETRY_AFTER if status == 503 else None, **more)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    fields = problems.wrong_fields(error.errors())
    return _answer(request, 422, problems.summary(fields), errors=fields)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, StarletteHTTPException | HTTPException)
    if error.status_code == 304 or error.status_code < 200:
        return Response(status_code=error.status_code, headers=dict(error.headers or {}))
    return _answer(request, error.status_code, str(error.detail), dict(error.headers or {}))


def _answer(
    request: Request, status: int, detail: str, headers: dict[str, str] | None = None, **more: object
) -> JSONResponse:
    if request.url.path.startswith(ALERTMANAGER):
        return JSONResponse(detail, 400 if status in (409, 412, 422) else status, headers)
    return problems.answer(status, detail, headers=headers, **more)
