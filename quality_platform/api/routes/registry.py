"""The routers that the live service has. A new endpoint gets its router here, and nowhere else."""

from __future__ import annotations

from fastapi import APIRouter

from quality_platform.api.routes.audit import router as audit
from quality_platform.api.routes.health import router as health
from quality_platform.api.routes.ledger import router as ledger
from quality_platform.api.routes.looking import router as looking
from quality_platform.api.routes.metrics import router as metrics
from quality_platform.api.routes.monitoring import router as monitoring
from quality_platform.api.routes.start import router as start

ROUTERS: tuple[APIRouter, ...] = (health, start, metrics, monitoring, looking, ledger, audit)
