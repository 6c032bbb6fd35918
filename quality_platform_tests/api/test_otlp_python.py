"""OpenTelemetry's Python SDK, unmodified, configured by the variables that `keys create` prints: both encodings."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from quality_platform_tests.data.live import Live
from quality_platform_tests.data.waiting import WAIT_SECONDS

APPLICATION = """
import logging, sys
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation, View
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry._logs import LogRecord, SeverityNumber

if sys.argv[1] == "json":
    from opentelemetry.exporter.otlp.json.http._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.json.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.json.http.trace_exporter import OTLPSpanExporter
else:
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

resource = Resource.create({"service.name": "checkout", "service.version": "1.2", "deployment.environment.name": "test"})
views = [View(instrument_name="queue.wait", aggregation=ExponentialBucketHistogramAggregation())]
meters = MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter(), 60_000)], resource=resource, views=views)
meter = meters.get_meter("shop")
orders = meter.create_counter("orders")
orders.add(3, {"country": "de", "api_token": "hunter2"})
orders.add(2, {"country": "de", "api_token": "hunter2"})
meter.create_up_down_counter("open.carts").add(-4)
for milliseconds in (3, 70, 7000):
    meter.create_histogram("http.server.duration").record(milliseconds, {"http.route": "/orders/{id}"})
    meter.create_histogram("queue.wait").record(milliseconds)
meters.shutdown()

tracers = TracerProvider(resource=resource)
tracers.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
tracer = tracers.get_tracer("shop")
server = {"http.request.method": "POST", "http.route": "/orders/{id}", "http.response.status_code": 500}
try:
    with tracer.start_as_current_span("POST /orders/7", kind=trace.SpanKind.SERVER, attributes=server):
        statement = {"db.system.name": "postgresql", "db.query.text": "SELECT * FROM users WHERE email = 'bob@example.com'"}
        with tracer.start_as_current_span("SELECT users", kind=trace.SpanKind.CLIENT, attributes=statement):
            pass
        with tracer.start_as_current_span("GET", kind=trace.SpanKind.CLIENT, attributes={"db.system": "redis", "db.statement": "GET user:77"}):
            pass
        secret_password = "hunter2"
        raise ValueError("no stock for bob@example.com")
except ValueError:
    pass
tracers.shutdown()

loggers = LoggerProvider(resource=resource)
loggers.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))
logger = loggers.get_logger("shop.payment")
logger.emit(LogRecord(severity_number=SeverityNumber.INFO, severity_text="INFO", body="paid"))
logger.emit(LogRecord(severity_number=SeverityNumber.WARN, severity_text="WARN", body="slow: password=hunter2"))
logger.emit(LogRecord(severity_number=SeverityNumber.ERROR, severity_text="ERROR", body="declined",
                      attributes={"exception.type": "CardError", "exception.message": "4111111111111111 declined"}))
loggers.shutdown()
"""


@pytest.mark.parametrize("encoding", ["protobuf", "json"])
def test_metrics_traces_and_logs_arrive(live: Live, encoding: str) -> None:
    project = f"otel-{encoding}"
    variables = live.key(project)["opentelemetry"]

    done = run(variables, encoding)

    assert done.stderr == ""  # the SDK writes there what it could not deliver
    live.until(f"SELECT 1 FROM raw.error_events WHERE project = '{project}'", 3)
    samples = {
        (row["metric"], row["labels"]): (row["value"], row["kind"], row["subject"])
        for row in live.until(f"SELECT * FROM raw.metric_samples WHERE project = '{project}'")
    }
    constant = samples_labels(samples)
    assert samples["orders", label(constant, api_token="[secret]", country="de")] == (5.0, "counter", "checkout")
    assert samples["open.carts", label(constant)] == (-4.0, "gauge", "checkout")
    route = {"http.route": "/orders/{id}"}
    assert samples["http.server.duration.count", label(constant, **route)] == (3.0, "counter", "checkout")
    assert samples["http.server.duration.sum", label(constant, **route)] == (7073.0, "counter", "checkout")
    assert samples["http.server.duration.bucket", label(constant, le="75", **route)] == (2.0, "counter", "checkout")
    assert samples["http.server.duration.bucket", label(constant, le="+Inf", **route)] == (3.0, "counter", "checkout")
    assert samples["queue.wait.max", label(constant)] == (7000.0, "gauge", "checkout")
    assert samples["queue.wait.bucket", label(constant, le="4")] == (1.0, "counter", "checkout")
    assert samples["queue.wait.bucket", label(constant, le="+Inf")] == (3.0, "counter", "checkout")

    requests = live.until(f"SELECT * FROM raw.request_samples WHERE project = '{project}' ORDER BY operation", 3)
    assert [(row["operation"], row["route"], row["method"], row["status"], row["is_error"]) for row in requests] == [
        ("cache", "GET user:?", "GET", None, False),
        ("database", "SELECT * FROM users WHERE email = ?", "SELECT", None, False),
        ("http.server", "/orders/{id}", "POST", 500, True),
    ]
    assert {(row["service"], row["release"], row["environment"]) for row in requests} == {("checkout", "1.2", "test")}
    assert requests[0]["parent_span_id"] == requests[2]["span_id"]
    assert all(row["duration_ms"] > 0 for row in requests)

    errors = live.sql(f"SELECT * FROM raw.error_events WHERE project = '{project}' ORDER BY level, type")
    assert [(row["level"], row["type"], row["message"], row["logger"]) for row in errors] == [
        ("error", "CardError", "declined", "shop.payment"),
        ("error", "ValueError", "no stock for [email]", None),
        ("warning", None, "slow: password=[secret]", "shop.payment"),
    ]
    assert errors[1]["trace_id"] == requests[2]["trace_id"]
    assert errors[1]["platform"] == "python"
    assert json.loads(errors[1]["frames"])[-1]["function"] == "<module>"
    live.until_ledger(project, {
        "span": {"received": 3, "stored": 3}, "error": {"received": 1, "stored": 1},
        "log": {"received": 3, "stored": 2, "rejected": 1},
        "metric": {"received": len(samples), "stored": len(samples)},
    })  # fmt: skip
    live.nowhere("hunter2", "bob@example.com", "4111111111111111")


def run(variables: dict[str, str], encoding: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], **variables, "OTEL_EXPORTER_OTLP_TIMEOUT": "10"}
    command = [sys.executable, "-c", APPLICATION, encoding]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=WAIT_SECONDS, check=True)


def samples_labels(samples: dict[tuple[str, str], object]) -> dict[str, str]:
    """What the resource adds to the labels of every sample."""
    return next(json.loads(labels) for metric, labels in samples if metric == "open.carts")


def label(constant: dict[str, str], **added: str) -> str:
    return json.dumps(dict(sorted({**constant, **added}.items())), separators=(",", ":"))
