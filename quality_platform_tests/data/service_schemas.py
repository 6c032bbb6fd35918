"""What services publish of the JSON they take, as schemas, with the limits that their documentation names."""

from __future__ import annotations

from typing import Any


def _object(required: tuple[str, ...], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": properties, "additionalProperties": False}


def _text(most: int | None = None, **more: Any) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, **({"maxLength": most} if most else {}), **more}


_URL = {"type": "string", "pattern": "^https?://"}

PAGERDUTY = {
    **_object(
        ("routing_key", "event_action"),
        routing_key=_text(32, minLength=32),
        event_action={"enum": ["trigger", "acknowledge", "resolve"]},
        dedup_key=_text(255),
        client=_text(),
        client_url=_URL,
        links={"type": "array", "items": _object(("href",), href=_URL, text={"type": "string"})},
        images={"type": "array", "items": _object(("src",), src=_URL, href=_URL, alt={"type": "string"})},
        payload={
            **_object(
                ("summary", "severity", "source"),
                summary=_text(1024),
                severity={"enum": ["critical", "warning", "error", "info"]},
                source=_text(255),
                timestamp=_text(pattern=r"^\d{4}-\d\d-\d\dT"),
                component=_text(255),
                group=_text(255),
                custom_details={"type": "object"},
            ),
        },
    ),
    "if": {"properties": {"event_action": {"const": "trigger"}}},
    "then": {"required": ["payload"]},
    "else": {"required": ["dedup_key"]},
}
"""The Events API v2."""
PAGERDUTY["properties"]["payload"]["properties"]["class"] = _text(255)

NTFY = _object(
    ("topic",),
    topic=_text(pattern="^[-_A-Za-z0-9]{1,64}$"),
    title=_text(250),
    message=_text(),
    priority={"type": "integer", "minimum": 1, "maximum": 5},
    tags={"type": "array", "items": _text(pattern="^[a-z0-9_]+$")},
    click=_URL,
    actions={
        "type": "array",
        "maxItems": 3,
        "items": _object(
            ("action", "label", "url"), action={"const": "view"}, label=_text(), url=_URL, clear={"type": "boolean"}
        ),
    },
)
"""Publishing as JSON."""

_TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
_INSTANT = _text(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")
ALERTMANAGER = _object(
    (
        "version", "groupKey", "truncatedAlerts", "status", "receiver", "groupLabels", "commonLabels",
        "commonAnnotations", "externalURL", "alerts",
    ),
    version={"const": "4"},
    groupKey=_text(),
    truncatedAlerts={"type": "integer", "minimum": 0},
    status={"enum": ["firing", "resolved"]},
    receiver=_text(),
    groupLabels=_TEXTS,
    commonLabels=_TEXTS,
    commonAnnotations=_TEXTS,
    externalURL={"type": "string"},
    alerts={
        "type": "array",
        "minItems": 1,
        "items": _object(
            ("status", "labels", "annotations", "startsAt", "endsAt", "generatorURL", "fingerprint"),
            status={"enum": ["firing", "resolved"]},
            labels={**_TEXTS, "required": ["alertname"]},
            annotations=_TEXTS,
            startsAt=_INSTANT,
            endsAt=_INSTANT,
            generatorURL={"type": "string"},
            fingerprint=_text(),
        ),
    },
)  # fmt: skip
"""Alertmanager's webhook, version 4."""
