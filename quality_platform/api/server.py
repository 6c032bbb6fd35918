"""uvicorn, as the live service wants it: one worker, because the spool has one writer, and no access log of its own."""

from __future__ import annotations

import uvicorn

from quality_platform.api.app import build
from quality_platform.settings import Settings

GRACE_SECONDS = 5


def serve(settings: Settings) -> None:
    """Serve until a signal says otherwise."""
    uvicorn.run(
        build(settings), host=settings.host, port=settings.api_port, log_level="warning", access_log=False,
        loop="auto", http="httptools", ws="websockets-sansio", ws_max_size=65_536,
        timeout_graceful_shutdown=GRACE_SECONDS, server_header=False, proxy_headers=False, timeout_keep_alive=75,
        backlog=4096,
    )  # fmt: skip
