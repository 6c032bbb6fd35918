"""The three doors of OTLP over HTTP."""

from __future__ import annotations

from quality_platform.api.ingest import keys
from quality_platform.api.ingest.contract import Door
from quality_platform.api.ingest.otlp import encoding, logs, metrics, traces
from quality_platform.model.tables_live import REQUEST_SAMPLES
from quality_platform.model.tables_runtime import ERROR_EVENTS, METRIC_SAMPLES

METRICS = Door(
    name="otlp_metrics",
    title="OpenTelemetry, metrics",
    description="OTLP over HTTP, protobuf or JSON: gauges, sums, histograms, summaries.",
    paths=("/v1/metrics",),
    key=keys.from_header,
    check=metrics.check,
    decode=metrics.decode,
    tables=(METRIC_SAMPLES.name,),
    refused=encoding.refused,
    cross_origin=True,
)
TRACES = Door(
    name="otlp_traces",
    title="OpenTelemetry, traces",
    description="OTLP over HTTP, protobuf or JSON: spans as request samples, the exceptions in them as errors.",
    paths=("/v1/traces",),
    key=keys.from_header,
    check=traces.check,
    decode=traces.decode,
    tables=(REQUEST_SAMPLES.name, ERROR_EVENTS.name),
    refused=encoding.refused,
    cross_origin=True,
)
LOGS = Door(
    name="otlp_logs",
    title="OpenTelemetry, logs",
    description="OTLP over HTTP, protobuf or JSON: records of level warning and above, and all with an exception.",
    paths=("/v1/logs",),
    key=keys.from_header,
    check=logs.check,
    decode=logs.decode,
    tables=(ERROR_EVENTS.name,),
    refused=encoding.refused,
    cross_origin=True,
)

DOORS: tuple[Door, ...] = (METRICS, TRACES, LOGS)
