"""Limits that the words of a page name, read from the constants that enforce them, in units a person reads."""

from __future__ import annotations

from quality_platform.alerting.delivery import backoff, circuit, line
from quality_platform.alerting.notices import outbox
from quality_platform.api.drain import seen
from quality_platform.api.ingest import endpoint, own_bodies, rows
from quality_platform.api.ingest.otlp import encoding
from quality_platform.api.ingest.posthog import body as posthog
from quality_platform.api.ingest.segment import door as segment
from quality_platform.api.ingest.sentry import envelope
from quality_platform.collectors.access_logs import routes
from quality_platform.collectors.events import records as event_records
from quality_platform.collectors.instants import AHEAD
from quality_platform.collectors.logs import event as log_event
from quality_platform.collectors.logs import records as log_records
from quality_platform.collectors.privacy import properties
from quality_platform.collectors.probes import attempts
from quality_platform.collectors.probes import round as probe_round
from quality_platform.collectors.pseudonym import KEY_LENGTH
from quality_platform.collectors.repository import clone, remote
from quality_platform.collectors.repository.coverage import reports
from quality_platform.collectors.repository.limits import Limits
from quality_platform.collectors.scrape import exposition, target
from quality_platform.collectors.system import processes
from quality_platform.collectors.tail import lines, reading, sources
from quality_platform.collectors.web import get
from quality_platform.model.batch import ORIGINAL_LIMIT
from quality_platform.notifications.network import Network
from quality_platform.settings import Settings


def collecting() -> dict[str, object]:
    """Limits of the collectors, each under the name that the templates use."""
    repository = Limits()
    return {
        "file_size": _size(repository.file_bytes),
        "file_seconds": f"{repository.file_seconds:g} s",
        "file_memory": _size(repository.file_memory),
        "commit_entries": f"{repository.commit_entries:,}",
        "report_size": _size(repository.report_bytes),
        "batch_files": f"{repository.batch_files:,}",
        "batch_commits": f"{repository.batch_commits:,}",
        "ask_seconds": f"{remote.ASK_SECONDS:g} s",
        "fetch_hours": f"{clone.FETCH_SECONDS / 3600:g} h",
        "reports": reports.FORMATS,
        "line_size": _size(lines.LINE_LIMIT),
        "block_size": _size(reading.BLOCK),
        "block_lines": f"{lines.MAX_LINES:,}",
        "record_settles": f"{reading.RECORD_SETTLES:g} s",
        "line_settles": f"{reading.LINE_SETTLES:g} s",
        "matches": f"{sources.MATCH_LIMIT:,}",
        "record_lines": f"{log_records.MAX_RECORD_LINES:,}",
        "message_size": _size(log_event.MESSAGE_LIMIT),
        "row_lines": event_records.ROW_LINES,
        "properties_size": _size(properties.MAX_BYTES),
        "properties_depth": properties.MAX_DEPTH,
        "clock_ahead": f"{AHEAD.total_seconds() / 60:g} minutes",
        "key_length": KEY_LENGTH,
        "original_size": _size(ORIGINAL_LIMIT),
        "processes": processes.LIMIT,
        "route_segments": routes.SEGMENT_LIMIT,
        "resolving_seconds": f"{probe_round.RESOLVING_SECONDS:g} s",
        "probes_at_once": probe_round.MOST_AT_ONCE,
        "probe_body": _size(attempts.BODY_LIMIT),
        "redirects": get.MOST_REDIRECTS,
        "scrape_body": _size(target.BODY_LIMIT),
        "scrape_samples": f"{exposition.SAMPLE_LIMIT:,}",
        "scrape_line": _size(exposition.LINE_LIMIT),
    }


def delivery() -> dict[str, object]:
    """Limits of delivery, each under the name that the templates use."""
    return {
        "waits": ", ".join(f"{seconds:g}" for seconds in backoff.DELAYS[1:]),
        "longest_wait": f"{backoff.LONGEST / 60:g} minutes",
        "longest_pause": f"{backoff.LONGEST_PAUSE / 3600:g} h",
        "refusals": backoff.REFUSALS,
        "circuit": circuit.FAILURES,
        "longest_probe": f"{backoff.LONGEST_PROBE:g} s",
        "lease": f"{line.LEASE.total_seconds():g} s",
        "patience": f"{outbox.KEEP_TRYING.total_seconds() / 3600:g} h",
        "patience_critical": f"{outbox.KEEP_TRYING_CRITICAL.total_seconds() / 3600:g} h",
        "answer_seconds": f"{Network().total_seconds:g} s",
    }


def ingesting() -> dict[str, object]:
    """Limits of the live service, each under the name that the templates use."""
    settings = Settings.model_fields
    return {
        "body": _size(settings["ingest_body_bytes"].default),
        "memory": _size(settings["ingest_memory_bytes"].default),
        "spool": _size(settings["spool_bytes"].default),
        "body_seconds": f"{endpoint.BODY_SECONDS} s",
        "own_items": f"{own_bodies.MOST_ITEMS:,}",
        "otlp_items": f"{encoding.MOST_ITEMS:,}",
        "envelope_items": f"{envelope.MOST_ITEMS:,}",
        "posthog_events": f"{posthog.MOST_EVENTS:,}",
        "segment_messages": f"{segment.MOST_MESSAGES:,}",
        "seen_days": seen.DAYS,
        "oldest_days": rows.OLDEST.days,
        "clock_ahead": f"{AHEAD.total_seconds() / 60:g} minutes",
        "original_size": _size(ORIGINAL_LIMIT),
    }


def _size(count: int) -> str:
    for unit, size in (("GiB", 1024**3), ("MiB", 1024**2), ("KiB", 1024)):
        if count >= size:
            return f"{count / size:g} {unit}"
    return f"{count} bytes"
