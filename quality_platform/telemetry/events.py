"""The platform's own usage events: one line a CLI verb or run in `<home>/events`, collected like anyone's."""

from __future__ import annotations

import getpass
import hashlib
import hmac
import json
import os
import uuid
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from quality_platform import __version__

if TYPE_CHECKING:
    from quality_platform.settings import Settings


def record(settings: Settings, event: str, **properties: object) -> None:
    """Append one event. Never fails a command: a full disk or a read-only home just leaves no event."""
    with suppress(OSError):
        entry = {
            "event_id": uuid.uuid4().hex,
            "event": event,
            "timestamp": datetime.now(UTC).isoformat(),
            "user": _user(settings),
            "session": f"terminal-{os.getsid(0)}",
            "feature": event,
            "release": __version__,
            **properties,
        }
        path = settings.place(settings.events_dir) / f"platform-{datetime.now(UTC):%Y%m}.jsonl"
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry, ensure_ascii=False, default=str) + "\n")


def _user(settings: Settings) -> str:
    """A pseudonym of the account: the account's name itself is never written."""
    return hmac.new(settings.secret, getpass.getuser().encode(), hashlib.sha256).hexdigest()[:16]
