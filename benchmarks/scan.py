"""Scanning a repository: analysed files a second, and a second scan of the same.

    python benchmarks/scan.py [REPOSITORY]

Compared in the same run with radon's and bandit's own command lines over HEAD's files, one after the other,
as somebody would run them without the platform (for one commit; the platform reads fifty).
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measure import repository, run

from quality_platform.settings import Settings
from quality_platform.warehouse.lake import Lake


def command_lines(folder: Path) -> float:
    started = time.perf_counter()
    for tool in (["radon", "cc", "-j"], ["radon", "mi", "-j"], ["radon", "raw", "-j"], ["radon", "hal", "-j"],
                 ["bandit", "-q", "-r", "-f", "json"]):  # fmt: skip
        subprocess.run(
            [sys.executable, "-m", *tool, str(folder)],
            check=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    return time.perf_counter() - started


def main() -> None:
    url = repository()
    with tempfile.TemporaryDirectory() as name:
        home, head = Path(name) / "home", Path(name) / "head"
        first = run(["quality_platform", "scan", url], home)
        second = run(["quality_platform", "scan", url], home)
        lake = Lake(Settings(home=home))
        (counted,) = lake.rows("SELECT count(*) AS blobs, sum(lines_of_code) AS loc FROM raw.code_file_metrics")
        (history,) = lake.rows("SELECT count(*) AS n FROM raw.code_commits")
        lake.close()
        subprocess.run(["git", "clone", "-q", "--depth", "1", f"file://{Path(url).resolve()}", head], check=True)
        alone = command_lines(head)
    rate = counted["blobs"] / first.wall
    print(f"{url}: {history['n']} commits, {counted['blobs']} distinct Python files, {counted['loc']:,} lines")
    print(f"first scan      {first}  {rate:6.1f} files/s")
    print(f"second scan     {second}  ratio to the first {second.wall / first.wall:.3f}")
    print(f"radon + bandit  {alone:6.2f} s wall for HEAD alone; the first scan takes {first.wall / alone:.2f} of that")


if __name__ == "__main__":
    main()
