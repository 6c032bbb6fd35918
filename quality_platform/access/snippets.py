"""What to put into each client so that it sends here: made of an address and a key.

Belongs here: settings by client, and the lines filled with them. Does not belong here: making keys (`keys.py`), the
lines themselves (`clients.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from string import Template
from urllib.parse import urlsplit

from quality_platform.access.clients import CLIENTS, STATSD, Client
from quality_platform.access.keys import NewKey
from quality_platform.errors import UsageError
from quality_platform.settings import Settings

ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "localhost"}  # noqa: S104 - nothing listens here: it is what is replaced
"""Addresses that a server may listen on and no client can send to."""


def address(settings: Settings) -> str:
    """Address that clients reach the live service by, without a slash at its end."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    host = ANYWHERE.get(settings.host, settings.host)
    return f"http://[{host}]:{settings.api_port}" if ":" in host else f"http://{host}:{settings.api_port}"


def settings_of(new: NewKey, base: str, platform: Settings | None = None) -> Mapping[str, object]:
    """Settings of every client, by name; `base` is the live service's address. StatsD's only where `platform` listens
    for it."""
    parts = urlsplit(base)
    found: dict[str, object] = {
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
    if platform is not None and platform.statsd_port:
        project = platform.statsd_project or new.project
        found["statsd"] = {"host": parts.hostname, "port": platform.statsd_port, "project": project}
    return found


def snippets(new: NewKey, base: str, platform: Settings) -> Sequence[Client]:
    """Every client with its lines filled, in the order to show them."""
    parts = urlsplit(base)
    words = {
        "project": new.project,
        "key": new.key,
        "address": base,
        "dsn": str(settings_of(new, base)["sentry_dsn"]),
        "statsd_host": parts.hostname or "",
        "statsd_port": str(platform.statsd_port),
        "statsd_project": platform.statsd_project or new.project,
    }
    shown = (*CLIENTS, STATSD) if platform.statsd_port else CLIENTS
    return [replace(client, lines=Template(client.lines).substitute(words)) for client in shown]


def known(name: str, platform: Settings) -> str:
    """`name` when it is a client's. Raises UsageError that lists the names, best before a key is made."""
    names = [client.name for client in CLIENTS] + ([STATSD.name] if platform.statsd_port else [])
    if name not in names:
        raise UsageError(f"There is no client {name!r}.", hint=f"One of {', '.join(names)}.")
    return name
