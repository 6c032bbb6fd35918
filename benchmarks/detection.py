"""The detectors on the public cases, by their neutral judge, with ruptures and otava beside them; and their speed.

    CONFORMANCE_DIR=… python benchmarks/detection.py [--peers]

Prints one line a figure: the goal, all series, and two halves of them by a hash of the name, of which the second was
not looked at when the detectors were set. `--peers` makes an environment of its own for ruptures and otava under
`.quality/` (a minute) and runs them on the same files.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np

from quality_platform.cli.detect import header
from quality_platform.cli.series_files import SeriesFile, read
from quality_platform.detection.tasks import task

ROOT = Path(__file__).parents[1]
SUITES = Path(os.environ.get("CONFORMANCE_DIR", ROOT / "../shared/conformance")) / "detection"
VERSIONS = ("ruptures==1.1.10", "apache-otava==0.8.0")
PEERS = ROOT / ".quality" / "bench" / "detection-peers"


@dataclass(frozen=True)
class Case:
    """A figure of one suite: how it is asked for, and the key of it among the judge's numbers."""

    title: str
    suite: str
    task: str
    figure: str
    goal: str
    online: bool = False
    truth: str = "truth.json"
    options: Sequence[str] = ()


LATE = ("--max-delay", "20")
CASES = (
    Case("steps, marked by people, F1", "tcpd", "steps", "f1", ">= .76"),
    Case("steps, marked by people, covering", "tcpd", "steps", "covering", ">= .70"),
    Case("steps in CI noise, F1", "synth_step", "steps", "f1", ">= .975"),
    Case("steps, clean, per 1,000 rows", "synth_clean", "steps", "false_alerts_per_1000", "<= .05"),
    Case("steps on-line, F1 within 20 rows", "synth_step", "steps", "f1", ">= .93", True, options=LATE),
    Case(
        "steps on-line, median delay",
        "synth_step",
        "steps",
        "median_delay",
        "<= 5",
        True,
        options=("--max-delay", "20"),
    ),
    Case("steps on-line, clean, per 1,000", "synth_clean", "steps", "false_alerts_per_1000", "<= .3", True),
    Case("steps, one commit again and again", "rocksdb", "steps", "alerts", "<= 1", truth="truth_aa.json"),
    Case("steps, real history, recall", "perf_real", "steps", "recall", ""),
    Case("steps, real history, F1", "perf_real", "steps", "f1", ""),
    Case("slow trend, F1", "synth_trend", "trends", "f1", ">= .97", True),
    Case("slow trend, flat, per 1,000", "synth_trend", "trends", "false_alerts_per_1000", "<= .15", True),
    Case("slow trend, median delay", "synth_trend", "trends", "median_delay", "<= 50", True),
    Case("trend on clean series, per 1,000", "synth_clean", "trends", "false_alerts_per_1000", "", True),
    Case("seasonal, F1", "synth_season", "anomalies", "f1", ">= .80", True),
    Case("seasonal, false per 1,000", "synth_season", "anomalies", "false_alerts_per_1000", "<= .4", True),
    Case("cloud, F1", "mscloud", "anomalies", "f1", ">= .58", True),
    Case("NAB, standard profile", "nab", "anomalies", "nab_standard", ">= 70", True),
    Case("NAB, F1", "nab", "anomalies", "f1", ">= .68", True),
)


@dataclass(frozen=True)
class Suite:
    """The series of a truth file, each cut to the rows that the truth is about."""

    path: Path
    series: dict[str, SeriesFile]

    @classmethod
    def of(cls, name: str, truth: str) -> Suite:
        path = SUITES / "data" / name / truth
        told = json.loads(path.read_text())["series"]
        return cls(path, {each: _cut(path.parent, each, info) for each, info in told.items()})

    def half(self, which: int) -> list[str]:
        return [name for name in self.series if hashlib.sha256(name.encode()).digest()[-1] % 2 == which]


def _cut(folder: Path, name: str, info: dict[str, object]) -> SeriesFile:
    whole = read(folder / "series" / f"{info.get('source', name)}.csv.gz")
    first, last = info.get("rows", (0, len(whole.values) - 1))  # type: ignore[misc]
    rows = slice(first, last + 1)
    return SeriesFile(name, whole.times[rows], whole.values[rows], whole.instants)


def judged(suite: Suite, detections: Path, options: Sequence[str], names: Sequence[str]) -> dict[str, float]:
    """The judge's figures for `names`."""
    with tempfile.TemporaryDirectory() as folder:
        chosen, figures = Path(folder) / "names", Path(folder) / "figures.json"
        chosen.write_text("\n".join(names))
        command = [sys.executable, str(SUITES / "score.py"), str(suite.path), str(detections), *options]
        subprocess.run(
            [*command, "--series-list", str(chosen), "--json", str(figures)], check=True, capture_output=True
        )
        (found,) = json.loads(figures.read_text())["total"].values()
    return found


def detected(suite: Suite, name: str, *, online: bool, target: Path) -> float:
    """Write what our detector says; the rows it takes a second."""
    asked = task(name)
    judge = asked.row_by_row if online else asked.batch
    started = time.process_time()
    rows = [(each.name, *astuple(one)) for each in suite.series.values() for one in judge(each.times, each.values)]
    taken = time.process_time() - started
    with target.open("w", newline="") as sheet:
        csv.writer(sheet).writerows([header(), *rows])
    return sum(len(each.values) for each in suite.series.values()) / taken


def ours(folder: Path) -> Iterator[str]:
    """One line a case."""
    made: dict[tuple[str, str, str, bool], tuple[Suite, Path, float]] = {}
    for case in CASES:
        key = (case.suite, case.truth, case.task, case.online)
        if key not in made:
            suite, target = Suite.of(case.suite, case.truth), folder / f"{len(made)}.csv"
            made[key] = suite, target, detected(suite, case.task, online=case.online, target=target)
        suite, target, speed = made[key]
        parts = [list(suite.series), suite.half(0), suite.half(1)]
        found = [_figure(judged(suite, target, case.options, names), case.figure) if names else "-" for names in parts]
        yield f"{case.title:36} {case.goal:8} {found[0]:>8} {found[1]:>8} {found[2]:>8} {speed:12,.0f} rows/s"


def _figure(found: dict[str, float], key: str) -> str:
    value = found[key]
    return "-" if value is None else f"{value:.3f}".rstrip("0").rstrip(".")


# --- the others --------------------------------------------------------------------------------------------------

PROGRAM = """
import csv, gzip, json, sys, time
import numpy as np
name, out, *files = sys.argv[1:]
series = {}
for file in files:
    with gzip.open(file, "rt") as lines:
        series[file.rsplit("/", 1)[-1][:-7]] = np.array([float(row["value"] or "nan") for row in csv.DictReader(lines)])
def kernel(values):
    import ruptures
    scale = np.median(np.abs(np.diff(values))) / 0.954 or 1.0
    cuts = ruptures.KernelCPD(kernel="linear", min_size=5).fit(values / scale).predict(pen=4 * np.log(len(values)))
    return [cut for cut in cuts if cut < len(values)]
def otava(values):
    from otava.analysis import compute_change_points
    return [int(point.index) for point in compute_change_points(values.tolist())[0]]
def find(values):
    empty = np.isnan(values)  # neither takes a gap: the value before stands for it
    values = values[np.maximum.accumulate(np.where(empty, 0, np.arange(len(values))))]
    return [] if len(values) < 10 else {"ruptures": kernel, "otava": otava}[name](values)
find(np.arange(30.0) % 7)
started = time.process_time()
found = {name: find(values) for name, values in series.items()}
taken = time.process_time() - started
with open(out, "w") as sheet:
    print("series,index", file=sheet)
    for name, indices in found.items():
        for index in indices:
            print(f"{name},{index}", file=sheet)
print(json.dumps(sum(map(len, series.values())) / taken))
"""


def peers(folder: Path) -> Iterator[str]:
    """ruptures' KernelCPD (linear, penalty 4 log n in units of the noise) and otava as it comes, on the step suites."""
    if not (PEERS / "bin" / "python").exists():
        venv.create(PEERS, with_pip=True)
        subprocess.run(
            [PEERS / "bin" / "pip", "install", "--quiet", "ruptures==1.1.10", "apache-otava==0.8.0"], check=True
        )
    for name in ("ruptures", "otava"):
        for which, figure in (("tcpd", "f1"), ("synth_step", "f1"), ("synth_clean", "false_alerts_per_1000")):
            suite = Suite.of(which, "truth.json")
            files = [str(suite.path.parent / "series" / f"{each}.csv.gz") for each in suite.series]
            target = folder / f"{name}-{which}.csv"
            command = [PEERS / "bin" / "python", "-c", PROGRAM, name, target, *files]
            speed = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            found = _figure(judged(suite, target, (), list(suite.series)), figure)
            yield f"{name + ', ' + which + ', ' + figure:45} {found:>8} {'':17} {speed:12,.0f} rows/s"


# --- many series -------------------------------------------------------------------------------------------------


def speed() -> Iterator[str]:
    """1,000 series of 500 rows, judged whole by each task."""
    noise = np.random.default_rng(5).normal(100, 3, (1000, 500))
    noise[::7, 300:] += 12
    times = np.arange(500.0) * 3600
    for name in ("steps", "trends", "anomalies"):
        started = time.process_time()
        for values in noise:
            task(name).batch(times, values)
        taken = time.process_time() - started
        yield f"{name}: 1,000 series x 500 rows in {taken:.1f} s, {noise.size / taken:,.0f} rows/s"


def main() -> None:
    if not (SUITES / "score.py").is_file():
        sys.exit(f"{SUITES} is not there; set CONFORMANCE_DIR.")
    print(f"{'':36} {'goal':8} {'all':>8} {'half 0':>8} {'half 1':>8}")
    with tempfile.TemporaryDirectory() as folder:
        for line in ours(Path(folder)):
            print(line, flush=True)
        if "--peers" in sys.argv:
            for line in peers(Path(folder)):
                print(line, flush=True)
    for line in speed():
        print(line, flush=True)


if __name__ == "__main__":
    main()
