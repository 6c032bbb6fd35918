"""Bugsink, to measure against: installed from the package index into a folder, in its documented single-server set-up.

That is: SQLite, gunicorn with 4 workers, Snappea digesting in the background. Changed from its defaults: the quotas of
1,000 events in 5 minutes, which would end the measurement, and the redirect to https, which needs a proxy in front.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from quality_platform_tests.data.live import free_port

VERSION = "2.6.1"
SETTINGS = """
SECURE_SSL_REDIRECT = False
for _name in ("PER_PROJECT_PER_5_MINUTES", "PER_PROJECT_PER_HOUR", "PER_PROJECT_PER_MONTH", "PER_5_MINUTES", "PER_HOUR",
              "PER_MONTH"):
    BUGSINK["MAX_EVENTS_" + _name] = 100_000_000
BUGSINK["INGEST_STORE_BASE_DIR"] = "{base}/ingestion"
BUGSINK["MAX_RETENTION_PER_PROJECT_EVENT_COUNT"] = None
"""
PROJECT = """
from projects.models import Project
project = Project.objects.create(name="bench", retention_max_event_count=100_000_000)
print("DSN", project.id, project.sentry_key.hex)
"""
COUNT = "from events.models import Event; print('COUNT', Event.objects.count())"


@dataclass
class Bugsink:
    """A running Bugsink."""

    folder: Path
    port: int
    project: str
    key: str

    @property
    def dsn(self) -> str:
        return f"http://{self.key}@127.0.0.1:{self.port}/{self.project}"

    def stored(self) -> int:
        """Events in its database."""
        return int(_manage(self.folder, "shell", "-c", COUNT).rpartition("COUNT ")[2].split()[0])


def install(folder: Path) -> None:
    """A virtual environment with Bugsink; nothing is done where it is there."""
    if (folder / "venv/bin/bugsink-manage").exists():
        return
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
    subprocess.run(
        [str(folder / "venv/bin/pip"), "install", "--quiet", f"bugsink=={VERSION}"],
        check=True,
        stderr=subprocess.DEVNULL,
    )


@contextmanager
def running(folder: Path) -> Iterator[Bugsink]:
    """Bugsink with one project on an empty database."""
    install(folder)
    port, base = free_port(), folder / f"data-{time.time_ns()}"
    base.mkdir()
    conf = folder / "bugsink_conf.py"
    conf.unlink(missing_ok=True)
    create = [str(folder / "venv/bin/bugsink-create-conf"), "--template=singleserver", f"--output-file={conf}"]
    create += [f"--host=127.0.0.1:{port}", f"--base-dir={base}"]
    subprocess.run(create, check=True, stdout=subprocess.DEVNULL)
    with conf.open("a") as file:
        file.write(SETTINGS.format(base=base))
    for database in ("default", "snappea"):
        _manage(folder, "migrate", f"--database={database}")
    project, key = _manage(folder, "shell", "-c", PROJECT).rpartition("DSN ")[2].split()[:2]
    web = [str(folder / "venv/bin/gunicorn"), f"--bind=127.0.0.1:{port}", "--workers=4", "--timeout=6"]
    web += ["--access-logfile=/dev/null", "--max-requests=1000", "--max-requests-jitter=100", "bugsink.wsgi"]
    digest = [str(folder / "venv/bin/bugsink-runsnappea")]
    with (base / "log").open("wb") as log:
        options = {"cwd": folder, "env": _environment(folder), "stdout": log, "stderr": log}
        processes = [subprocess.Popen(command, **options) for command in (web, digest)]
    try:
        time.sleep(5)
        yield Bugsink(folder, port, project, key)
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(20)


def _manage(folder: Path, *arguments: str) -> str:
    command = [str(folder / "venv/bin/bugsink-manage"), *arguments]
    done = subprocess.run(command, cwd=folder, env=_environment(folder), capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return done.stdout


def _environment(folder: Path) -> dict[str, str]:
    path = f"{folder / 'venv/bin'}:/usr/bin:/bin"
    return {"PATH": path, "PYTHONPATH": str(folder), "DJANGO_SETTINGS_MODULE": "bugsink_conf", "HOME": str(folder)}
