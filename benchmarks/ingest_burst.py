"""A burst of 1,000 errors by a real sentry-sdk: how many the server gets, against Bugsink, in one run.

    python benchmarks/ingest_burst.py [MILLISECONDS]

The client throws away what its queue of 100 cannot hold while the server thinks. Between two errors the application
waits for MILLISECONDS (1): with 0 the client's own sender gets no turn at Python's lock, the queue is full after a
hundred whatever the server, and what is measured is the client. To reach: at least 2 × fewer lost than with Bugsink,
and every missing one in the ledger (the client reports them when it is told to).
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import bugsink

from quality_platform_tests.data.live import serving

ERRORS = 1_000
PAUSE = float(sys.argv[1]) / 1000 if len(sys.argv) > 1 else 0.001
BURST = """
import sys, time, sentry_sdk
sentry_sdk.init(sys.argv[1], default_integrations=False)
for number in range({errors}):
    try:
        raise ValueError(f"burst {{number}}")
    except ValueError as error:
        sentry_sdk.capture_exception(error)
    if {pause}: time.sleep({pause})
sentry_sdk.flush(30)
sentry_sdk.get_client().transport._flush_client_reports(force=True)
sentry_sdk.flush(30)
"""


def burst(dsn: str) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", BURST.format(errors=ERRORS, pause=PAUSE), dsn], check=True)
    return time.perf_counter() - started


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        with serving(Path(place) / "ours") as live:
            dsn = str(live.key("burst")["sentry_dsn"])
            burst(dsn)  # the first is not measured: it starts the drain
            time.sleep(3)
            before = live.ledger("burst")["error"]
            seconds = burst(dsn)
            time.sleep(3)
            after = live.assert_adds_up("burst")["error"]
            stored = after["stored"] - before["stored"]
            reported = after.get("lost", 0) - before.get("lost", 0)
        print(f"ours     {stored} of {ERRORS} stored, {reported} reported lost by the client, "
              f"{ERRORS - stored - reported} unaccounted for; {seconds:.1f} s")  # fmt: skip
        (Path(place) / "bugsink").mkdir()
        with bugsink.running(Path(place) / "bugsink") as server:
            burst(server.dsn)
            time.sleep(30)
            first = server.stored()
            seconds = burst(server.dsn)
            theirs, last = first, -1
            while theirs != last:  # it digests in the background
                last = theirs
                time.sleep(5)
                theirs = server.stored()
        lost = ERRORS - (theirs - first)
        print(f"Bugsink  {theirs - first} of {ERRORS} stored; {seconds:.1f} s")
    print(f"lost {ERRORS - stored} against {lost}: {lost / max(ERRORS - stored, 1):.1f} × smaller (2)")
