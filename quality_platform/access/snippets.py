"""What to put into each client so that it sends here: made of an address and a key.

Belongs here: settings and a few lines of code per client. Does not belong here: making keys (`keys.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from quality_platform.access.keys import NewKey


def settings_of(new: NewKey, base: str) -> Mapping[str, object]:
    """Settings of every client, by name; `base` is the live service's address."""
    parts = urlsplit(base)
    return {
        "project": new.project,
        "key": new.key,
        "address": base,
        "sentry_dsn": f"{parts.scheme}://{new.key}@{parts.netloc}{parts.path.rstrip('/')}/{new.number}",
        "posthog": {"api_key": new.key, "host": base},
        "segment": {"write_key": new.key, "host": base},
        "opentelemetry": {
            "OTEL_EXPORTER_OTLP_ENDPOINT": base,
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
            "OTEL_EXPORTER_OTLP_HEADERS": f"authorization=Bearer%20{new.key}",
        },
        "prometheus": {"remote_write_url": f"{base}/api/v1/write", "bearer_token": new.key},
        "http": {"url": f"{base}/api/v1/ingest/events", "header": f"Authorization: Bearer {new.key}"},
    }
