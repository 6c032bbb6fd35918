"""The live service's own metrics, for Prometheus and for the platform itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client.exposition import choose_encoder

from quality_platform.access.tokens import Principal
from quality_platform.api.condition import waiting
from quality_platform.api.security.bearer import REFUSALS, require
from quality_platform.api.service import Service
from quality_platform.state import outbox_views

router = APIRouter(tags=["metrics"])
PLAIN = {"content": {"text/plain": {}, "application/openmetrics-text": {}}, "description": "Prometheus' text."}


@router.get("/metrics", response_class=Response, responses={200: PLAIN, **REFUSALS})
def metrics(request: Request, _viewer: Annotated[Principal, Depends(require("viewer"))]) -> Response:
    """Requests accepted, spooled, drained; lag, latencies; how long alerts took to arrive; the process itself."""
    service: Service = request.app.state.service
    statistics = service.statistics
    statistics.waiting.set(waiting(service).entries)
    statistics.held_bytes.set(service.intake.held)
    with service.state.read() as session:
        statistics.told(outbox_views.seconds_to_deliver(session, datetime.now(UTC) - timedelta(hours=1)))
    encode, media_type = choose_encoder(request.headers.get("accept", ""))
    return Response(encode(statistics.registry), headers={"content-type": media_type})
