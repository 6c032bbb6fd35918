"""The tables, by file. Importing this package registers all of them on `Base.metadata`."""

from __future__ import annotations

from quality_platform.state.models.access import AuditRow, IngestKeyRow, ProjectNumberRow, TokenRow
from quality_platform.state.models.alerts import AlertEventRow, AlertRow
from quality_platform.state.models.base import Base
from quality_platform.state.models.cursors import CursorRow
from quality_platform.state.models.outbox import DeliveryRow, OutboxRow
from quality_platform.state.models.rule_states import RuleStateRow

__all__ = [
    "AlertEventRow",
    "AlertRow",
    "AuditRow",
    "Base",
    "CursorRow",
    "DeliveryRow",
    "IngestKeyRow",
    "OutboxRow",
    "ProjectNumberRow",
    "RuleStateRow",
    "TokenRow",
]
