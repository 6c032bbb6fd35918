"""The routers that the live service has. A new endpoint gets its router here, and nowhere else."""

from __future__ import annotations

from fastapi import APIRouter

from quality_platform.api.routes.health import router as health

ROUTERS: tuple[APIRouter, ...] = (health,)
