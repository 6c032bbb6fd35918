"""Alerting: what people do with alerts, notices and their groups, silences, stored configuration, channel health."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply."""
    _grow()
    _notices()
    _silences()
    _stored()
    _outbox_alerts()


def _text(name: str, default: str | None = None) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=default is None, server_default=default)


def _number(name: str, default: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=False, server_default=default)


def _flag(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())


def _instants(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, _INSTANT) for name in names]


def _grow() -> None:
    """New columns of the tables that there are."""
    _add("rule_states", *_instants("recovering_since", "breached_at"), _flag("no_data"))
    _add(
        "alerts", _number("version", "1"), _text("origin", "rule"), _text("routing_labels", "{}"),
        _text("annotations", "{}"), _text("condition", "firing"), _text("acknowledged_by"), _text("assignee"),
        _text("generator_url"), _text("silenced_by", "[]"), _text("inhibited_by", "[]"), _text("muted_by", "[]"),
        _text("escalation"), _number("escalation_step", "0"), _number("reopened", "0"), _flag("flapping"),
        _flag("manual"), sa.Column("actionable", sa.Boolean()),
        *_instants("breached_at", "acknowledged_at", "acknowledged_until", "snoozed_until", "held_until", "ends_at",
                   "escalated_from", "escalation_at", "due_at"),
    )  # fmt: skip
    op.create_index("ix_alerts_due_at", "alerts", ["due_at"])
    op.create_index("ix_alerts_fingerprint_resolved_at", "alerts", ["fingerprint", "resolved_at"])
    _add("alert_events", _text("actor"), _text("note"), *_instants("breached_at"))
    _add("outbox", _text("severity", "info"))


def _add(table: str, *columns: sa.Column[Any]) -> None:
    for column in columns:
        op.add_column(table, column)


def _required(name: str, kind: sa.types.TypeEngine[Any] | None = None) -> sa.Column[Any]:
    return sa.Column(name, kind or sa.Text(), nullable=False)


def _notices() -> None:
    op.create_table(
        "notices", _required("alert_id"), _required("channel"), _required("route"), _required("group_key"),
        _text("told"), _text("told_kind"), _text("waiting"), _required("held", sa.Boolean()),
        _required("repeat_seconds", sa.Double()), *_instants("told_at", "waiting_since", "repeat_at"),
        sa.PrimaryKeyConstraint("alert_id", "channel", name="pk_notices"),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name="fk_notices_alert_id"),
    )  # fmt: skip
    op.create_index("ix_notices_channel_group_key", "notices", ["channel", "group_key"])
    op.create_table(
        "notice_groups", _required("channel"), _required("group_key"), _required("burst", sa.Integer()),
        *_instants("flushed_at", "flush_at"),
        sa.PrimaryKeyConstraint("channel", "group_key", name="pk_notice_groups"),
    )  # fmt: skip
    op.create_index("ix_notice_groups_flush_at", "notice_groups", ["flush_at"])
    op.create_table(
        "flaps", _required("fingerprint"), _required("changes"), _required("cycles", sa.Integer()),
        *_instants("since"), sa.PrimaryKeyConstraint("fingerprint", name="pk_flaps"),
    )  # fmt: skip


def _silences() -> None:
    op.create_table(
        "silences", _required("id"), _required("matchers"), _required("starts_at", _INSTANT),
        _required("ends_at", _INSTANT), _required("created_by"), _required("comment"), _required("kinds"),
        _required("expire_on_resolve", sa.Boolean()), _required("created_at", _INSTANT),
        _required("updated_at", _INSTANT), _required("version", sa.Integer()), _required("warned", sa.Boolean()),
        sa.PrimaryKeyConstraint("id", name="pk_silences"),
    )  # fmt: skip
    op.create_index("ix_silences_ends_at", "silences", ["ends_at"])


def _stored() -> None:
    op.create_table(
        "stored", _required("id"), _required("kind"), _required("name"), _required("body"),
        _required("version", sa.Integer()), _required("created_at", _INSTANT), _required("created_by"),
        _required("updated_at", _INSTANT), _required("updated_by"),
        sa.PrimaryKeyConstraint("id", name="pk_stored"),
        sa.UniqueConstraint("kind", "name", name="uq_stored_kind_name"),
    )  # fmt: skip
    op.create_table(
        "channel_health", _required("channel"), _required("state"), _required("since", _INSTANT),
        _required("failures", sa.Integer()), sa.Column("last_status", sa.Integer()), _text("last_error"),
        *_instants("retry_at", "last_ok_at"), sa.PrimaryKeyConstraint("channel", name="pk_channel_health"),
    )  # fmt: skip


def _outbox_alerts() -> None:
    """Beside `outbox.alert_id`, since one message may speak of many alerts."""
    op.create_table(
        "outbox_alerts",
        _required("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite")), _required("alert_id"),
        sa.PrimaryKeyConstraint("position", "alert_id", name="pk_outbox_alerts"),
        sa.ForeignKeyConstraint(["position"], ["outbox.position"], name="fk_outbox_alerts_position"),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name="fk_outbox_alerts_alert_id"),
    )  # fmt: skip
    op.create_index("ix_outbox_alerts_alert_id", "outbox_alerts", ["alert_id", "position"])
    op.execute("INSERT INTO outbox_alerts SELECT position, alert_id FROM outbox WHERE alert_id IS NOT NULL")
