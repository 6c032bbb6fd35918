"""The clients that applications have, and a few lines for each that make it send here.

Belongs here: one entry per client. Does not belong here: the address and key that the lines are filled with
(`snippets.py`). `$name` stands for a setting.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Client:
    """A client: `needs` says how it is installed, `lines` what to write, in `language`."""

    name: str
    title: str
    language: str
    needs: str
    lines: str


CLIENTS: tuple[Client, ...] = (
    Client(
        "sentry-python", "Errors, traces, sessions: Sentry, Python", "python", "pip install sentry-sdk",
        """\
import sentry_sdk

sentry_sdk.init(dsn="$dsn", traces_sample_rate=1.0, release="1.0.0", environment="production")
""",
    ),
    Client(
        "sentry-node", "Errors, traces, sessions: Sentry, Node", "javascript", "npm install @sentry/node",
        """\
import * as Sentry from "@sentry/node";

Sentry.init({ dsn: "$dsn", tracesSampleRate: 1.0, release: "1.0.0", environment: "production" });
""",
    ),
    Client(
        "sentry-browser", "Errors, traces, sessions: Sentry, browser", "javascript", "npm install @sentry/browser",
        """\
import * as Sentry from "@sentry/browser";

Sentry.init({
  dsn: "$dsn",
  integrations: [Sentry.browserTracingIntegration()],
  tracesSampleRate: 1.0,
  release: "1.0.0",
  environment: "production",
});
""",
    ),
    Client(
        "posthog-python", "Usage: PostHog, Python", "python", "pip install posthog",
        """\
from posthog import Posthog

posthog = Posthog("$key", host="$address")
posthog.capture("signed up", distinct_id="user-1", properties={"plan": "free"})
posthog.shutdown()
""",
    ),
    Client(
        "posthog-node", "Usage: PostHog, Node", "javascript", "npm install posthog-node",
        """\
import { PostHog } from "posthog-node";

const posthog = new PostHog("$key", { host: "$address" });
posthog.capture({ distinctId: "user-1", event: "signed up", properties: { plan: "free" } });
await posthog.shutdown();
""",
    ),
    Client(
        "posthog-browser", "Usage: PostHog, browser", "javascript", "npm install posthog-js",
        """\
import posthog from "posthog-js";

posthog.init("$key", { api_host: "$address", disable_session_recording: true });
posthog.capture("signed up", { plan: "free" });
""",
    ),
    Client(
        "segment-python", "Usage: Segment, Python", "python", "pip install segment-analytics-python",
        """\
import segment.analytics as analytics

analytics.write_key = "$key"
analytics.host = "$address"
analytics.track("user-1", "signed up", {"plan": "free"})
analytics.shutdown()
""",
    ),
    Client(
        "segment-node", "Usage: Segment, Node", "javascript", "npm install @segment/analytics-node",
        """\
import { Analytics } from "@segment/analytics-node";

const analytics = new Analytics({ writeKey: "$key", host: "$address", path: "/v1/batch" });
analytics.track({ userId: "user-1", event: "signed up", properties: { plan: "free" } });
await analytics.closeAndFlush();
""",
    ),
    Client(
        "opentelemetry", "Traces, metrics, logs: OpenTelemetry, any language", "shell", "any OTLP/HTTP exporter",
        """\
export OTEL_SERVICE_NAME="$project"
export OTEL_EXPORTER_OTLP_ENDPOINT="$address"
export OTEL_EXPORTER_OTLP_PROTOCOL="http/protobuf"
export OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20$key"
""",
    ),
    Client(
        "prometheus", "Metrics: Prometheus, which passes on what it scrapes", "yaml", "in prometheus.yml",
        """\
remote_write:
  - url: "$address/api/v1/write"
    authorization:
      credentials: "$key"
""",
    ),
    Client(
        "curl", "Metrics, events, errors: own JSON, any language", "shell", "curl",
        """\
curl "$address/api/v1/ingest/metrics" -H "Authorization: Bearer $key" -H "Content-Type: application/json" \\
  -d '{"metric": "queue.depth", "value": 3, "labels": {"queue": "mail"}}'
curl "$address/api/v1/ingest/events" -H "Authorization: Bearer $key" -H "Content-Type: application/json" \\
  -d '{"event": "signed up", "user": "user-1", "properties": {"plan": "free"}}'
""",
    ),
)  # fmt: skip

STATSD = Client(
    "statsd", "Metrics: StatsD and DogStatsD, which know no key", "shell", "any StatsD client, over UDP",
    """\
export STATSD_HOST="$statsd_host" STATSD_PORT="$statsd_port"
export DD_AGENT_HOST="$statsd_host" DD_DOGSTATSD_PORT="$statsd_port"
# what comes this way belongs to the project $statsd_project
""",
)  # fmt: skip
"""Shown where the live service listens for it."""
