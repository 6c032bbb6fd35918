"""Many series are judged by one process a core: judging is arithmetic in Python, which one process does on one core.

Run as a program this module is such a process: it reads series from standard input and writes their verdicts to
standard output. It is started as a program since multiprocessing's spawn would import the parent's main module, which
may be Dagster's. Does not belong here: the verdicts (`verdicts.py`).
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from quality_platform.assessment.series import Observed
from quality_platform.assessment.verdicts import Judged, Knowledge, judge
from quality_platform.errors import QualityPlatformError

# A process takes a second and a half to start, in which as many series are judged.
WORTHWHILE = 400
# Each process has a core: threads of linear algebra on small arrays wait for each other, and all took twice as long.
ONE_CORE = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def judge_all(series: Sequence[Observed], known: Knowledge, workers: int) -> list[Judged]:
    """The verdicts on all of `series`, by `workers` processes (0: one a core) where there are many.

    Raises QualityPlatformError when a process does not come back with its verdicts.
    """
    workers = min(workers or os.cpu_count() or 1, len(series) // (WORTHWHILE // 2))
    if workers < 2:
        return judge(series, known)
    parts = [list(series[start::workers]) for start in range(workers)]
    with ThreadPoolExecutor(workers) as waiting:
        return [judged for part in waiting.map(lambda part: _elsewhere(part, known), parts) for judged in part]


def _elsewhere(part: Sequence[Observed], known: Knowledge) -> list[Judged]:
    wanted = {one.series for one in part}
    due = {series: at for series, at in known.due.items() if series in wanted}
    ended = subprocess.run(
        # -P: a module that lies in the working folder is not imported
        [sys.executable, "-P", "-m", "quality_platform.assessment.processes"],
        input=pickle.dumps((part, replace(known, due=due))),
        env={**os.environ, **ONE_CORE},
        capture_output=True,
        check=False,
    )
    if ended.returncode:
        raise QualityPlatformError(
            f"A process that judges series ended with code {ended.returncode}: {ended.stderr.decode()[-2_000:]}",
            hint="It is started again with the next run; QUALITY_PLATFORM_WORKERS=1 judges without it.",
        )
    found: list[Judged] = pickle.loads(ended.stdout)  # noqa: S301 - written by ourselves a moment ago
    return found


def main() -> None:
    """Judge what standard input brings."""
    series, known = pickle.load(sys.stdin.buffer)  # noqa: S301 - what the parent wrote
    pickle.dump(judge(series, known), sys.stdout.buffer)


if __name__ == "__main__":
    main()
