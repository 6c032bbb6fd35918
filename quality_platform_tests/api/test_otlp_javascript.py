"""OpenTelemetry's JavaScript SDK, unmodified, in Node and in a browser: it speaks JSON and sends in chunks."""

from __future__ import annotations

from quality_platform_tests.data.javascript import run_in_browser, run_node
from quality_platform_tests.data.live import Live

APPLICATION = """
import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-http";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { LoggerProvider, BatchLogRecordProcessor } from "@opentelemetry/sdk-logs";
import { SeverityNumber } from "@opentelemetry/api-logs";
import { resourceFromAttributes } from "@opentelemetry/resources";

const resource = resourceFromAttributes({ "service.name": "web", "telemetry.sdk.language": process.env.LANGUAGE });
const headers = { authorization: `Bearer ${process.env.KEY}` };
const to = (signal) => ({ url: `${process.env.BASE}/v1/${signal}`, headers });

const tracers = new BasicTracerProvider({ resource, spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter(to("traces")))] });
const span = tracers.getTracer("t").startSpan("checkout", {
  kind: SpanKind.CLIENT,
  attributes: { "http.request.method": "GET", "url.full": "https://pay.example.com/charges/42?token=hunter2", "http.response.status_code": 502 },
});
span.recordException(new TypeError("x is not a function"));
span.setStatus({ code: SpanStatusCode.ERROR });
span.end();
await tracers.forceFlush();

const meters = new MeterProvider({ resource, readers: [new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter(to("metrics")), exportIntervalMillis: 60000 })] });
meters.getMeter("m").createCounter("clicks").add(2, { button: "buy" });
await meters.forceFlush();

const loggers = new LoggerProvider({ resource, processors: [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter(to("logs")) })] });
loggers.getLogger("ui").emit({ severityNumber: SeverityNumber.ERROR, body: { what: "boom", code: 7 } });
await loggers.forceFlush();
"""


def test_node_delivers_traces_metrics_and_logs(live: Live) -> None:
    run_node(APPLICATION, {"BASE": live.base, "KEY": live.key("otel-node")["key"], "LANGUAGE": "nodejs"})

    assert_arrived(live, "otel-node", "node")


def test_a_browser_delivers_traces_metrics_and_logs(live: Live) -> None:
    key = live.key("otel-browser")["key"]

    console = run_in_browser(APPLICATION, {"BASE": live.base, "KEY": key, "LANGUAGE": "webjs"})

    assert [line for line in console if line.startswith("error")] == []
    assert_arrived(live, "otel-browser", "javascript")


def assert_arrived(live: Live, project: str, platform: str) -> None:
    errors = live.until(f"SELECT * FROM raw.error_events WHERE project = '{project}' ORDER BY logger", 2)
    assert [(row["type"], row["message"], row["platform"]) for row in errors] == [
        (None, '{"code":7,"what":"boom"}', platform),
        ("TypeError", "x is not a function", platform),
    ]
    span = live.until(f"SELECT * FROM raw.request_samples WHERE project = '{project}'")[0]
    assert (span["operation"], span["route"], span["method"], span["status"], span["is_error"]) == (
        "http.client", "pay.example.com/charges/{id}", "GET", 502, True,
    )  # fmt: skip
    sample = live.until(f"SELECT * FROM raw.metric_samples WHERE project = '{project}'")[0]
    assert (sample["metric"], sample["value"], sample["kind"], sample["subject"]) == ("clicks", 2.0, "counter", "web")
    live.assert_adds_up(project)
    live.nowhere("hunter2")
