"""`WS /api/v1/quality-monitoring/ws`: what is stored and what happens to alerts, as it happens.

A client says who it is by its first message, `{"type": "auth", "token": "…"}`, or in the handshake by the subprotocols
`quality-platform, bearer.TOKEN`; never in the address, which ends in logs. Then `{"type": "subscribe", "projects": [],
"metrics": []}`, with `stream` and `after` from before to get what it missed.
"""

from __future__ import annotations

from fastapi import APIRouter, WebSocket

from quality_platform.api.live.looking import Looking
from quality_platform.api.service import Service

router = APIRouter()


@router.websocket("/api/v1/quality-monitoring/ws")
async def look(socket: WebSocket) -> None:
    """One client, as long as it stays."""
    service: Service = socket.app.state.service
    await Looking(socket, service.gate, service.updates).run()
