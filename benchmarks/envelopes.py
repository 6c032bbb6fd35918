"""Sentry envelopes of about 2 kB, as a Python application sends them: an exception with ten frames."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime

FRAMES = 10


def envelope(number: int, dsn: str) -> bytes:
    """One error event with an identity of its own."""
    identity, now = uuid.uuid4().hex, datetime.now(UTC).isoformat()
    frames = [
        {"module": f"shop.layer{n}", "function": f"step_{n}", "filename": f"shop/layer{n}.py", "lineno": 10 + n,
         "abs_path": f"/srv/shop/layer{n}.py", "in_app": True}
        for n in range(FRAMES)
    ]  # fmt: skip
    event = {
        "event_id": identity, "timestamp": now, "level": "error", "platform": "python", "release": "shop@1.2.3",
        "environment": "production", "server_name": "web-1", "transaction": "shop.views.checkout",
        "user": {"id": str(number % 500)}, "tags": {"region": "eu"},
        "exception": {"values": [{
            "type": "ValueError", "value": f"order {number} has no price", "module": "builtins",
            "mechanism": {"type": "django", "handled": False}, "stacktrace": {"frames": frames},
        }]},
        "sdk": {"name": "sentry.python.django", "version": "2.75.0"},
    }  # fmt: skip
    payload = json.dumps(event).encode()
    head = json.dumps({"event_id": identity, "sent_at": now, "dsn": dsn}).encode()
    item = json.dumps({"type": "event", "length": len(payload)}).encode()
    return b"\n".join((head, item, payload, b""))
