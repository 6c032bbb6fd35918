"""OTLP logs: `POST /v1/logs`. Records of level warning and above, and those with an exception, are error events.

What is below is counted and not kept (reason `below_warning`): that is no failure, so the client is not told.

Belongs here: from a request to rows. Does not belong here: what an exception says (`exceptions.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest, ExportLogsServiceResponse

from quality_platform.api.ingest.contract import Checked, Decoded, Decoding, Group, Inbound, Refusal, held_back
from quality_platform.api.ingest.otlp import encoding
from quality_platform.api.ingest.otlp.attributes import Resource, as_text, resource_of, text_in, value, values_of
from quality_platform.api.ingest.otlp.exceptions import exceptions_in, platform_of
from quality_platform.api.ingest.rows import Row, error_row, event_time
from quality_platform.collectors.logs import levels
from quality_platform.collectors.logs.event import LogEvent
from quality_platform.collectors.logs.levels import Level
from quality_platform.collectors.privacy.properties import safe_json
from quality_platform.model.tables_runtime import ERROR_EVENTS
from quality_platform.spool.item import Entry

CATEGORY = "log"
BELOW = "below_warning"


def check(inbound: Inbound) -> Checked:
    """Count the records."""
    request = encoding.parsed(ExportLogsServiceRequest, inbound.body, inbound.media_type, CATEGORY)
    found = encoding.within(sum(len(scope.log_records) for _, scope in _scopes(request)), CATEGORY)
    answer = encoding.accepted(inbound, ExportLogsServiceResponse, "rejected_log_records", {})
    return encoding.checked(inbound, request, answer, {CATEGORY: found} if found else {})


def decode(entry: Entry, decoding: Decoding) -> Decoded:
    """Rows of `raw.error_events`."""
    media_type = str(entry.meta.get("media_type", ""))
    request = encoding.parsed(ExportLogsServiceRequest, entry.body, media_type, CATEGORY)
    identity = encoding.identity_of(entry)
    received, rows = 0, list[tuple[str, Row]]()
    for resource, scope in _scopes(request):
        known = resource_of(resource)
        for record in scope.log_records:
            received += 1
            event = _event(known, scope.scope.name, record)
            if event is not None:
                time = event_time((record.time_unix_nano or record.observed_time_unix_nano) // 1000 or None,
                                  entry.received_at)  # fmt: skip
                rows.append((ERROR_EVENTS.name, error_row(
                    event, project=entry.project, secret=decoding.secret, event_id=f"{identity}-{received}", time=time,
                )))  # fmt: skip
    return _decoded(entry, identity, received, rows)


def _decoded(entry: Entry, identity: str, received: int, rows: list[tuple[str, Row]]) -> Decoded:
    decoded = Decoded(Counter({CATEGORY: received}))
    if CATEGORY in held_back(entry):
        decoded.refused.append(Refusal(CATEGORY, "over_quota", "", quantity=received))
        return decoded
    decoded.groups.append(Group(CATEGORY, identity, rows))
    if received > len(rows):
        decoded.refused.append(Refusal(CATEGORY, BELOW, "", quantity=received - len(rows)))
    return decoded


def _scopes(request: Any) -> Iterator[tuple[Any, Any]]:
    for resource in request.resource_logs:
        for scope in resource.scope_logs:
            yield resource.resource, scope


def _event(resource: Resource, scope: str, record: Any) -> LogEvent | None:
    """The event; None for a record that is not kept."""
    number = record.severity_number
    if 0 < number < 13 and not record.attributes:
        return None
    values = values_of(record.attributes)
    exceptions = exceptions_in(values)
    level = level_of(number, record.severity_text)
    if level is None:
        level = "error" if exceptions else levels.guess(_message(record.body))
    if level is None or (level not in levels.KEPT and not exceptions):
        return None
    return LogEvent(
        level=level,
        message=_message(record.body),
        exceptions=exceptions,
        logger=scope or text_in(values, "logger.name", "log.logger"),
        platform=platform_of(resource.language),
        release=resource.release,
        environment=resource.environment,
        user=text_in(values, "enduser.id", "user.id"),
        session=text_in(values, "session.id"),
        trace=record.trace_id.hex() or None,
    )


def level_of(number: int, text: str) -> Level | None:
    """The level of a severity: a number of 1 to 24 in steps of four, else its text; None where neither says."""
    for least, level in _LEVELS:
        if number >= least:
            return level
    return levels.of_name(text)


_LEVELS: tuple[tuple[int, Level], ...] = ((21, "fatal"), (17, "error"), (13, "warning"), (9, "info"), (1, "debug"))


def _message(body: Any) -> str:
    held = value(body)
    if held is None:
        return ""
    if isinstance(held, dict):
        return safe_json(held)[0]
    return held if isinstance(held, str) else as_text(held)
