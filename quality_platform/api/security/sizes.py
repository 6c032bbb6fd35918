"""How much one request to the routes for people may bring: counted as it comes, whatever its header promises.

Belongs here: the limit and its answer. Does not belong here: the doors', which take more and answer in their own way.
"""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 4 * 1024 * 1024


class Sizes:
    """An ASGI application around `inside`, which must answer Starlette's HTTPException."""

    def __init__(self, app: ASGIApp, most: int = MOST_BYTES) -> None:
        self._inside, self._most = app, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, 413 where it brings too much."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self._inside(scope, receive, send)
            return
        come = 0

        async def counted() -> Message:
            nonlocal come
            message = await receive()
            come += len(message.get("body") or b"")
            if come > self._most:
                # whoever reads the body passes this one on, and no other kind
                raise HTTPException(413, f"A request may bring {self._most // 1024 // 1024} MiB.")
            return message

        await self._inside(scope, counted, send)
