"""The tables, by file. Importing this package registers all of them on `Base.metadata`."""

from __future__ import annotations

from quality_platform.state.models.access import AuditRow, IngestKeyRow, ProjectNumberRow, TokenRow
from quality_platform.state.models.alerts import AlertEventRow, AlertRow, FlapRow
from quality_platform.state.models.base import Base
from quality_platform.state.models.cursors import CursorRow
from quality_platform.state.models.notices import NoticeGroupRow, NoticeRow
from quality_platform.state.models.outbox import DeliveryRow, OutboxAlertRow, OutboxRow
from quality_platform.state.models.rule_states import RuleStateRow
from quality_platform.state.models.silences import SilenceRow
from quality_platform.state.models.stored import ChannelHealthRow, StoredRow

__all__ = [
    "AlertEventRow",
    "AlertRow",
    "AuditRow",
    "Base",
    "ChannelHealthRow",
    "CursorRow",
    "DeliveryRow",
    "FlapRow",
    "IngestKeyRow",
    "NoticeGroupRow",
    "NoticeRow",
    "OutboxAlertRow",
    "OutboxRow",
    "ProjectNumberRow",
    "RuleStateRow",
    "SilenceRow",
    "StoredRow",
    "TokenRow",
]
