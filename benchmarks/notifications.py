"""Durable notifications per second, their age on arrival, and how soon an outage is made up for.

Everything is real: the state in SQLite with synchronous=FULL, the outbox, the courier, a webhook receiver in a process
of its own on loopback. Where Debian's prometheus-alertmanager is on PATH it gets the same number of alerts in the same
run, each a group of its own without waiting; it keeps nothing over a crash, so that the ratio flatters it.

    python benchmarks/notifications.py [messages]
"""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import sqlalchemy as sa

MESSAGES = 10_000
PER_TRANSACTION = 100
OUTAGE_SECONDS = 20.0
ALERTMANAGER = "prometheus-alertmanager"


# The receiver ---------------------------------------------------------------------------------------------------------


def sink(port: int) -> None:
    """Answers 204; GET / tells when each message came first, and how many came again."""
    import httptools
    import uvloop

    seen: dict[str, float] = {}
    counts = {"requests": 0, "again": 0}

    class Receiver(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport, self.parser, self.name = transport, httptools.HttpRequestParser(self), ""

        def data_received(self, data: bytes) -> None:
            self.parser.feed_data(data)

        def on_header(self, name: bytes, value: bytes) -> None:
            if name.lower() == b"webhook-id":
                self.name = value.decode()

        def on_message_complete(self) -> None:
            if self.parser.get_method() == b"GET":
                body = json.dumps({**counts, "seen": seen}).encode()
                self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
                return
            counts["requests"] += 1
            counts["again"] += self.name in seen
            seen.setdefault(self.name or str(counts["requests"]), time.time())
            self.transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(Receiver, "127.0.0.1", port)
        await server.serve_forever()

    uvloop.run(serve())


def free_port() -> int:
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        return int(chosen.getsockname()[1])


@contextmanager
def running_sink(port: int):
    process = subprocess.Popen([sys.executable, __file__, "sink", str(port)])
    try:
        wait_for(port)
        yield
    finally:
        process.kill()
        process.wait()


def wait_for(port: int, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    sys.exit(f"nothing listens on port {port}")


def arrivals(port: int) -> dict:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as answer:
        return json.load(answer)


def until_requests(port: int, count: int, seconds: float = 120.0) -> dict:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = arrivals(port)
        if found["requests"] >= count:
            return found
        time.sleep(0.1)
    sys.exit(f"{found['requests']} of {count} came")


# The platform ---------------------------------------------------------------------------------------------------------


class Platform:
    """A state of its own with a courier that knows one webhook."""

    def __init__(self, home: Path, port: int) -> None:
        from quality_platform.alerting.delivery.courier import Courier
        from quality_platform.alerting.plan import Plan
        from quality_platform.model.configuration import QualityConfig
        from quality_platform.settings import Settings
        from quality_platform.state.database import State
        from quality_platform.state.migrate import upgrade

        secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        channel = {
            "name": "hook",
            "channel_type": "webhook",
            "configuration": {"url": f"http://127.0.0.1:{port}/hook", "signing_secret": secret},
        }
        plan = Plan.of(QualityConfig.model_validate({"channels": [channel]}))
        settings = Settings(home=home, webhook_allow_cidrs=("127.0.0.0/8",))
        upgrade(settings)
        self.state = State(settings)
        self.courier = Courier(settings, self.state, lambda: plan)
        self.number = 0

    def post(self, count: int) -> list[str]:
        """One transaction with so many messages, each about an alert of its own."""
        from quality_platform.alerting.delivery.frozen import freeze
        from quality_platform.model.message import Facts, Message
        from quality_platform.state.identity import new_id
        from quality_platform.state.models import AlertRow, OutboxAlertRow, OutboxRow

        now, alerts, rows, about = datetime.now(UTC), [], [], []
        with self.state.write() as session:
            first = (session.scalar(sa.select(sa.func.max(OutboxRow.position))) or 0) + 1
            for place in range(first, first + count):
                alert, title = new_id(now), f"Test coverage of service-{place}: 45% is below 50%"
                facts = (("Project", "shop"), ("Metric", "Test coverage"), ("Value", "45%"), ("Threshold", "50%"))
                message = Message(title, "shop: Test coverage is 45%.", "critical", (Facts(facts),))
                data = {"id": alert, "status": "active", "severity": "critical", "current_value": 45.0}
                alerts.append(
                    {"id": alert, "fingerprint": alert, "rule": "low", "type": "threshold_violation", "metric": "m",
                     "project": "shop", "subject": "shop", "labels": "{}", "severity": "critical", "status": "active",
                     "observed_at": now, "message": title, "opened_at": now, "updated_at": now}
                )  # fmt: skip
                rows.append(
                    {"position": place, "message_id": new_id(now), "channel": "hook", "alert_id": alert,
                     "kind": "firing", "payload": freeze("alert.firing", message, data), "state": "pending",
                     "next_at": now, "expires_at": now + timedelta(days=3), "created_at": now, "severity": "critical"}
                )  # fmt: skip
                about.append({"position": place, "alert_id": alert})
            session.execute(sa.insert(AlertRow.__table__), alerts)
            session.execute(sa.insert(OutboxRow.__table__), rows)
            session.execute(sa.insert(OutboxAlertRow.__table__), about)
        return [str(row["message_id"]) for row in rows]

    def until_settled(self, seconds: float = 120.0) -> float:
        """Wait until the outbox says that everything was delivered; the moment."""
        from quality_platform.state import outbox_views

        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with self.state.read() as session:
                if not outbox_views.is_waiting(session):
                    return time.monotonic()
            time.sleep(0.02)
        sys.exit("not everything was delivered")

    def close(self) -> None:
        self.courier.close()
        self.state.close()


@contextmanager
def platform(port: int):
    with tempfile.TemporaryDirectory() as folder:
        made = Platform(Path(folder), port)
        try:
            yield made
        finally:
            made.close()


def backlog(messages: int) -> float:
    """Everything is in the outbox; how fast does it leave it?"""
    port = free_port()
    with running_sink(port), platform(port) as quality:
        for _ in range(0, messages, PER_TRANSACTION):
            quality.post(PER_TRANSACTION)
        started, cpu = time.monotonic(), time.process_time()
        quality.courier.ring()
        seconds = quality.until_settled() - started
        used = time.process_time() - cpu
        found = arrivals(port)
    print(
        f"backlog of {messages}: {messages / seconds:6.0f} durable notifications/s, "
        f"{used / messages * 1e6:.0f} µs of CPU each; {len(found['seen'])} arrived, {found['again']} twice"
    )
    return messages / seconds


def through(messages: int) -> float:
    """Posted in transactions of a hundred while they are delivered: both at once, in one process."""
    port = free_port()
    with running_sink(port), platform(port) as quality:
        started = time.monotonic()
        for _ in range(0, messages, PER_TRANSACTION):
            quality.post(PER_TRANSACTION)
            quality.courier.ring()
        seconds = quality.until_settled() - started
        found = arrivals(port)
    print(
        f"posted and delivered: {messages / seconds:6.0f} durable notifications/s;"
        f" {len(found['seen'])} arrived, {found['again']} twice"
    )
    return messages / seconds


def ages(rate: int = 200, seconds: float = 10.0) -> None:
    """A steady trickle, one transaction per message: how old is a message when it arrives?"""
    port, posted = free_port(), {}
    with running_sink(port), platform(port) as quality:
        quality.post(1)
        quality.courier.ring()
        quality.until_settled()
        for _ in range(int(rate * seconds)):
            before = time.time()
            posted[quality.post(1)[0]] = before
            quality.courier.ring()
            time.sleep(max(0.0, 1 / rate - (time.time() - before)))
        quality.until_settled()
        found = arrivals(port)["seen"]
    late = sorted(found[name] - at for name, at in posted.items())
    print(
        f"{rate}/s, one by one: p50 {median(late) * 1000:.1f} ms, p99 {late[int(len(late) * 0.99)] * 1000:.1f} ms,"
        f" max {late[-1] * 1000:.1f} ms from before the commit to arrival"
    )


def outage(rate: int = 50) -> None:
    """The receiver is away; messages go on coming; it returns: when has the last of the backlog arrived?"""
    port = free_port()
    with platform(port) as quality:
        quality.post(1)
        quality.courier.ring()
        end, count = time.monotonic() + OUTAGE_SECONDS, 1
        while time.monotonic() < end:
            quality.post(1)
            quality.courier.ring()
            count += 1
            time.sleep(1 / rate)
        with running_sink(port):
            back = time.time()
            quality.until_settled()
            found = arrivals(port)
    late = sorted(at - back for at in found["seen"].values())
    print(
        f"outage of {OUTAGE_SECONDS:g} s, {count} messages: after the return p50 {median(late):.2f} s, "
        f"max {late[-1]:.2f} s; {len(late)} arrived, {found['again']} twice"
    )


# Alertmanager ---------------------------------------------------------------------------------------------------------


def alertmanager(messages: int) -> float | None:
    """The same number of alerts through Alertmanager, without grouping; None where it is not installed."""
    program = shutil.which(ALERTMANAGER)
    if program is None:
        print(f"{ALERTMANAGER} is not on PATH: no comparison")
        return None
    port, own, peers = free_port(), free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder, running_sink(port):
        config = Path(folder) / "alertmanager.yml"
        config.write_text(
            "route: {receiver: hook, group_by: ['...'], group_wait: 0s, group_interval: 1s, repeat_interval: 4h}\n"
            f"receivers: [{{name: hook, webhook_configs: [{{url: 'http://127.0.0.1:{port}/hook'}}]}}]\n"
        )
        arguments = [
            program, f"--config.file={config}", f"--storage.path={folder}", f"--web.listen-address=127.0.0.1:{own}",
            f"--cluster.listen-address=127.0.0.1:{peers}", "--log.level=error",
        ]  # fmt: skip
        process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for(own)
            started = time.monotonic()
            for first in range(0, messages, PER_TRANSACTION):
                push(own, first)
            found = until_requests(port, messages)
            seconds = time.monotonic() - started
        finally:
            process.kill()
            process.wait()
    print(f"{ALERTMANAGER}: {messages / seconds:6.0f} notifications/s, none durable; {found['requests']} requests")
    return messages / seconds


def push(port: int, first: int) -> None:
    alerts = [
        {"labels": {"alertname": "low", "service": f"service-{place}"}, "annotations": {"summary": "45% is below 50%"}}
        for place in range(first, first + PER_TRANSACTION)
    ]
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v2/alerts", json.dumps(alerts).encode(), {"Content-Type": "application/json"}
    )
    for _ in range(50):
        try:
            urllib.request.urlopen(request).close()
            return
        except urllib.error.HTTPError:
            time.sleep(0.1)


def main() -> None:
    messages = int(sys.argv[1]) if len(sys.argv) > 1 else MESSAGES
    ours = backlog(messages)
    through(messages)
    theirs = alertmanager(messages)
    if theirs is not None:
        print(f"ratio: {ours / theirs:.2f}")
    ages()
    outage()


if __name__ == "__main__":
    sink(int(sys.argv[2])) if sys.argv[1:2] == ["sink"] else main()
