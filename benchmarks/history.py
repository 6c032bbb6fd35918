"""The history of a repository beside wily: the last hundred commits, ten more, nothing new; paired, in one run.

    python benchmarks/history.py [REPOSITORY…] [--whole] [--wily PROGRAM]

Wall time of whole processes, the start of Python and the commit to the lake included, every program in a home and
checkout of its own. wily has four operators (raw, cyclomatic, halstead, maintainability), we also look for findings,
secrets and copies. `--whole` adds the whole history, ours alone. wily is installed in an environment of its own
(`pip install wily`), since it wants another radon. To reach: 15 times as fast for a hundred commits, 0.5 s beyond the
start of a process for ten more, 0.3 s for nothing new; flask's whole history in 45 s and 400 MB, pytest's in 240 s.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measure import Cost, run


def scan(repository: str, home: Path, history: str) -> Cost:
    return run(["quality_platform", "scan", repository, "--history", history, "--json"], home)


def start(home: Path) -> float:
    """Seconds that a verb takes to start and to do nothing."""
    return min(run(["quality_platform", "scan", "--help"], home).wall for _ in range(3))


def wily(program: str, checkout: Path, home: Path, commits: int) -> float:
    started = time.perf_counter()
    subprocess.run(
        [program, "build", "-n", str(commits), "."],
        cwd=checkout, env={**os.environ, "HOME": str(home)}, check=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return time.perf_counter() - started


def compare(repository: str, program: str | None, folder: Path) -> None:
    home = folder / "home"
    first, nothing, more = (scan(repository, home, history) for history in ("100", "100", "110"))
    again = scan(repository, home, "110")
    idle = start(home)
    print(f"{repository}: a process starts in {idle:.2f} s")
    print(f"  ours  100 commits {first}; ten more {more.wall:.2f} s; nothing new {min(nothing.wall, again.wall):.2f} s")
    beyond = f"ten more {more.wall - idle:.2f} s (goal 0.5), nothing new {again.wall - idle:.2f} s (0.3)"
    print(f"  ours  beyond the start: {beyond}")
    if program is None:
        return
    checkout = folder / "checkout"
    subprocess.run(["git", "clone", "-q", repository, str(checkout)], check=True)
    cold, further, same = (wily(program, checkout, folder, commits) for commits in (100, 110, 110))
    print(f"  wily  100 commits {cold:6.2f} s; ten more {further:.2f} s; nothing new {same:.2f} s")
    print(f"  ratio 100 commits {cold / first.wall:.1f} (goal 15); ten more {further / more.wall:.1f}; "
          f"nothing {same / min(nothing.wall, again.wall):.1f}")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("repositories", nargs="*", default=[str(Path(__file__).resolve().parents[1])])
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("--wily", default=shutil.which("wily"))
    asked = parser.parse_args()
    if asked.wily is None:
        print("wily is not installed; ours alone", file=sys.stderr)
    for repository in asked.repositories:
        with tempfile.TemporaryDirectory() as folder:
            compare(repository, asked.wily, Path(folder))
            if asked.whole:
                print(f"  whole history {scan(repository, Path(folder, 'whole'), 'all')} (all processes)")


if __name__ == "__main__":
    main()
