"""A whole platform on a made-up project, driven as a person drives it: by its commands, in processes of their own.

Belongs here: the project's sources, and running verbs. Does not belong here: what is expected of them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg

from quality_platform.defs import alerts
from quality_platform.defs.platform import Platform
from quality_platform.settings import Settings
from quality_platform.warehouse.lake import Lake
from quality_platform_tests.data.repositories import Repository

FUNCTION = "def f{n}(a, b):\n    if a and b:\n        return a\n    return b\n\n\n"
COVERAGE = """<?xml version="1.0" ?>
<coverage version="7.0" line-rate="0.5"><sources><source>.</source></sources><packages><package name="."><classes>
<class name="app.py" filename="app.py"><lines>{lines}</lines></class></classes></package></packages></coverage>
"""


@dataclass
class Demo:
    """A project `demo` with a repository, a log and an events file, and the platform that watches it."""

    settings: Settings
    folder: Path
    repository: Repository

    @property
    def config(self) -> Path:
        return self.folder / "quality.yaml"

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("QUALITY_PLATFORM_")}
        configured = {"QUALITY_PLATFORM_CONFIG": str(self.config)} if self.config.is_file() else {}
        return {**kept, **self.settings.environment(), **configured}

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "quality_platform", *arguments],
            cwd=self.folder, env=self.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def verb(self, *arguments: str, code: int = 0) -> str:
        """Output of a verb that ends with `code`."""
        with self.start(*arguments) as process:
            try:
                out, err = process.communicate()
            finally:
                process.kill()  # where it has not ended, so that it takes nothing from the tests after this one
        assert process.returncode == code, f"{arguments}: {process.returncode}\n{out}\n{err}"
        assert "Traceback" not in err
        return out if code == 0 else out + err

    def json(self, *arguments: str) -> Any:
        return json.loads(self.verb(*arguments, "--json"))

    def sql(self, query: str) -> Any:
        """Rows as `sql --json` prints them, without the second that a process takes to start."""
        with closing(Lake(self.settings)) as lake:
            return json.loads(json.dumps(lake.rows(query), default=lambda value: value.isoformat()))

    def tick(self) -> None:
        """One round of both alert sensors, as the daemon does it."""
        platform = Platform(self.settings.model_copy(update={"config": self.config}))
        with dg.DagsterInstance.ephemeral() as instance:
            for sensor in (alerts.threshold_alerts, alerts.verdict_alerts):
                with dg.build_sensor_context(instance=instance) as context:
                    sensor(context, platform=platform)
        platform.lake.close()
        platform.state.close()

    def cover(self, share: float) -> None:
        """Put a coverage report beside the repository: this share of the lines of app.py ran."""
        count = len((self.repository.folder / "app.py").read_text().splitlines())
        lines = "".join(f'<line number="{n + 1}" hits="{int(n < share * count)}"/>' for n in range(count))
        (self.repository.folder / "coverage.xml").write_text(COVERAGE.format(lines=lines))

    def grow(self, number: int) -> None:
        """A commit that adds a function."""
        text = "".join(FUNCTION.format(n=n) for n in range(number + 1))
        self.repository.commit(f"Add f{number}", {"app.py": "import os\n\n\n" + text.rstrip() + "\n"})


def make(settings: Settings, folder: Path, webhook: str, commits: int = 12) -> Demo:
    """The project with `commits` commits, a log with a traceback, events of three users, a signed webhook."""
    folder.mkdir(parents=True, exist_ok=True)
    demo = Demo(settings, folder, Repository(folder / "repository"))
    demo.repository.clock = int((datetime.now(UTC) - timedelta(days=commits + 1)).timestamp())
    for number in range(commits):
        demo.grow(number)
        demo.repository.clock += 86_400
    demo.repository.commit(
        "Eval", {"unsafe.py": "def run(text):\n    return eval(text)\n", ".gitignore": "coverage.xml\n"}
    )
    demo.cover(0.9)
    _write_runtime(folder)
    demo.config.write_text(_configuration(webhook))
    return demo


def _write_runtime(folder: Path) -> None:
    now = datetime.now(UTC) - timedelta(hours=2)  # an hour is an observation when it is over
    (folder / "app.log").write_text(
        f"{now:%Y-%m-%d %H:%M:%S},000 ERROR shop.cart: could not price\n"
        "Traceback (most recent call last):\n"
        '  File "/srv/shop/cart.py", line 12, in price\n    total = 1 / count\n'
        "ZeroDivisionError: division by zero\n"
        f"{now:%Y-%m-%d %H:%M:%S},500 INFO shop.cart: done\n"
    )
    os.utime(folder / "app.log", (now.timestamp(), now.timestamp()))
    events = [
        {"event_id": f"e{n}", "event": "checkout", "timestamp": (now - timedelta(hours=n)).isoformat(),
         "user": f"user-{n % 3}@example.com", "feature": "cart", "amount": n}
        for n in range(9)
    ]  # fmt: skip
    (folder / "events.jsonl").write_text(
        "".join(json.dumps(event) + "\n" for event in events) + '{"event": "no user"}\n'
    )


def _configuration(webhook: str) -> str:
    return f"""
projects:
  - id: demo
    repository: {{url: repository, history: 50}}
    logs:
      - paths: [app.log]
    events:
      - paths: [events.jsonl]
rules:
  - {{name: Coverage low, metric_name: code_coverage, warning_threshold: 70.0, critical_threshold: 50.0}}
channels:
  - name: hook
    channel_type: webhook
    configuration: {{url: "{webhook}", signing_secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}}
report: {{days: 30}}
"""
