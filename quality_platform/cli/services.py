"""The processes that `up` starts: the live service; Dagster's code server, webserver and daemon. Watched, stopped.

Belongs here: processes. Does not belong here: what is done before they start (`up.py`).
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from quality_platform.cli.home import socket_of
from quality_platform.errors import QualityPlatformError

if TYPE_CHECKING:
    from quality_platform.settings import Settings

STOP_SECONDS = 15.0
START_SECONDS = 90.0
# A service that dies again and again is broken; one that died once is started again.
MOST_RESTARTS = 5
PR_SET_PDEATHSIG = 1


@dataclass(slots=True)
class Service:
    """A child process, how to start it, and how to tell that it is ready."""

    name: str
    arguments: list[str]
    log: Path
    ready: Callable[[], bool]
    process: subprocess.Popen[bytes] | None = None
    restarts: int = field(default=0)

    def start(self, environment: dict[str, str]) -> None:
        """Start it; its output goes to its log file."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.arguments,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 (no threads here)
            )

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """Ask it to end."""
        if self.process is not None and self.alive:
            self.process.send_signal(signal.SIGINT)

    def kill(self) -> None:
        """End it and what it started."""
        if self.process is not None and self.alive:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def live_service(settings: Settings) -> Service:
    """What applications send to; it starts and stops its drain by itself."""
    arguments = [sys.executable, "-m", "quality_platform.api"]
    log = settings.place(settings.logs_dir / "services") / "live.log"
    return Service("live service", arguments, log, lambda: listening(settings.host, settings.api_port))


def dagster_services(settings: Settings) -> tuple[Service, ...]:
    """Code server first, then those that talk to it."""
    python, home, logs = sys.executable, settings.dagster_home, settings.place(settings.logs_dir / "services")
    workspace = str(home / "workspace.yaml")
    code = socket_of(settings)
    port = settings.dagster_port
    server = [python, "-m", "dagster", "api", "grpc", "-m", "quality_platform.definitions", "--socket", str(code),
              "--location-name", "quality_platform"]  # fmt: skip
    web = [python, "-m", "dagster_webserver", "-h", settings.host, "-p", str(port), "-w", workspace]
    daemon = [python, "-m", "dagster._daemon", "run", "-w", workspace]
    return (
        Service("code server", server, logs / "code-server.log", lambda: _answers(code)),
        Service("webserver", web, logs / "webserver.log", lambda: listening(settings.host, port)),
        Service("daemon", daemon, logs / "daemon.log", lambda: True),
    )


def start_all(services: tuple[Service, ...], environment: dict[str, str]) -> None:
    """Start each and wait until it is ready. Raises QualityPlatformError with the end of its log."""
    for service in services:
        service.start(environment)
        deadline = time.monotonic() + START_SECONDS
        while not service.ready():
            if not service.alive or time.monotonic() > deadline:
                raise QualityPlatformError(f"The {service.name} did not start:\n{_tail(service.log)}")
            time.sleep(0.1)


def watch(services: tuple[Service, ...], environment: dict[str, str], tell: Callable[[str], None]) -> None:
    """Start again what ends; returns only by KeyboardInterrupt, or raises when one keeps ending."""
    while True:
        time.sleep(1.0)
        for service in services:
            if service.alive:
                continue
            service.restarts += 1
            if service.restarts > MOST_RESTARTS:
                raise QualityPlatformError(f"The {service.name} keeps ending:\n{_tail(service.log)}")
            tell(f"The {service.name} ended; starting it again ({service.restarts} of {MOST_RESTARTS}).")
            time.sleep(2.0 ** (service.restarts - 1))
            service.start(environment)


def stop_all(services: tuple[Service, ...]) -> None:
    """End all, the ones that depend on others first; what does not end in time is killed."""
    for service in reversed(services):
        service.stop()
    deadline = time.monotonic() + STOP_SECONDS
    while any(service.alive for service in services) and time.monotonic() < deadline:
        time.sleep(0.05)
    for service in services:
        service.kill()


def listening(host: str, port: int) -> bool:
    """Whether something answers at this address."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((host, port)) == 0


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(str(path)) == 0


def _tail(path: Path, lines: int = 15) -> str:
    text = path.read_text(errors="replace").splitlines() if path.is_file() else []
    return "\n".join(f"  {line}" for line in text[-lines:])


def _die_with_parent() -> None:
    """Linux: when `up` is killed, its services end too, instead of holding the port."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
