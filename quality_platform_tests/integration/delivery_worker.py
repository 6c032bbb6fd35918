"""One process of the kill test: fills the outbox and delivers it until it is killed.

Arguments: where to POST, a file to write the id of each message to once it is committed, a prefix for what it makes, and
how many alerts it makes. Every alert fires and is resolved. The state is the one of the environment's settings.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from quality_platform.alerting.delivery.courier import Courier
from quality_platform.settings import Settings
from quality_platform.state.database import State
from quality_platform_tests.data.alerting import plan, webhook
from quality_platform_tests.data.outbox_rows import put


def work(url: str, committed: Path, prefix: str, most: int) -> None:
    settings = Settings()
    used = plan([], [webhook("hook", url)])
    with closing(State(settings)) as state, committed.open("a") as file:
        courier = Courier(settings, state, lambda: used)
        courier.ring()
        for number in range(most):
            for kind in ("firing", "resolved"):
                name = f"{prefix}-{number:04}-{kind}"
                put(state, name, alerts=f"{prefix}-{number:04}", kind=kind, now=datetime.now(UTC))
                file.write(f"{name}\n")
                file.flush()
                os.fsync(file.fileno())
                courier.ring()
        while True:
            time.sleep(1)


if __name__ == "__main__":
    work(sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
