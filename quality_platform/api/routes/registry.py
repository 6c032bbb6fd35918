"""The routers that the live service has. A new endpoint gets its router here, and nowhere else."""

from __future__ import annotations

from fastapi import APIRouter

from quality_platform.api.routes.alert_actions import router as alert_actions
from quality_platform.api.routes.alert_history import router as alert_history
from quality_platform.api.routes.alertmanager.alerts import router as alertmanager_alerts
from quality_platform.api.routes.alertmanager.silences import router as alertmanager_silences
from quality_platform.api.routes.alertmanager.status import router as alertmanager_status
from quality_platform.api.routes.alerts import router as alerts
from quality_platform.api.routes.analytics import router as analytics
from quality_platform.api.routes.audit import router as audit
from quality_platform.api.routes.channels import router as channels
from quality_platform.api.routes.dead_letters import router as dead_letters
from quality_platform.api.routes.deliveries import router as deliveries
from quality_platform.api.routes.explain import router as explain
from quality_platform.api.routes.explanations import router as explanations
from quality_platform.api.routes.health import router as health
from quality_platform.api.routes.ledger import router as ledger
from quality_platform.api.routes.looking import router as looking
from quality_platform.api.routes.metrics import router as metrics
from quality_platform.api.routes.monitoring import router as monitoring
from quality_platform.api.routes.routing import router as routing
from quality_platform.api.routes.rules import router as rules
from quality_platform.api.routes.series import router as series
from quality_platform.api.routes.silences import router as silences
from quality_platform.api.routes.start import router as start
from quality_platform.api.routes.thresholds import router as thresholds

ROUTERS: tuple[APIRouter, ...] = (
    health, start, metrics, series, explanations, monitoring, looking, ledger, audit, alerts, alert_actions,
    alert_history, explain, thresholds, rules, silences, routing, channels, deliveries, dead_letters, analytics,
    alertmanager_alerts, alertmanager_silences, alertmanager_status,
)  # fmt: skip
