"""Our numbers beside radon's: how many files agree to the last bit, how fast, and how much no parser reads.

    python benchmarks/agreement.py [REPOSITORY…] [--every N]

Every distinct Python content of the whole history (or each Nth) is measured by our walk, by radon from the same syntax
tree, and by tree-sitter. To reach: all agree that both can parse; at least 99 % of the contents read without a hole;
no file above 2 s.
"""

from __future__ import annotations

import argparse
import ast
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

from quality_platform.analysis.python import by_radon, measure
from quality_platform.analysis.python.text import decoded
from quality_platform.analysis.trees.measure import measure as by_tree_sitter


def contents(repository: str, every: int) -> Iterator[bytes]:
    git = ["git", "-C", repository]
    listed = subprocess.run([*git, "rev-list", "--objects", "HEAD"], capture_output=True, check=True).stdout
    wanted = sorted({line.split(b" ")[0] for line in listed.splitlines() if line.endswith((b".py", b".pyi"))})[::every]
    output = subprocess.run(
        [*git, "cat-file", "--batch"], input=b"\n".join(wanted), capture_output=True, check=True
    ).stdout
    position = 0
    while position < len(output):
        end = output.index(b"\n", position)
        size = int(output[position:end].split(b" ")[2])
        yield output[end + 1 : end + 1 + size]
        position = end + size + 2


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("repositories", nargs="*", default=[str(Path(__file__).resolve().parents[1])])
    parser.add_argument("--every", type=int, default=1)
    asked = parser.parse_args()
    for repository in asked.repositories:
        judge(repository, asked.every)


def judge(repository: str, every: int) -> None:
    files = parsed = agree = whole = 0
    ours = radons = slowest = 0.0
    for content in contents(repository, every):
        files += 1
        try:
            tree = ast.parse(content)
        except (SyntaxError, ValueError):
            whole += by_tree_sitter(content, "python").unparsed_bytes == 0
            continue
        whole += 1
        started = time.perf_counter()
        numbers, blocks = measure.measure(decoded(content), tree)
        middle = time.perf_counter()
        others, other_blocks = by_radon.measure(decoded(content), tree)
        ours, radons = ours + middle - started, radons + time.perf_counter() - middle
        slowest = max(slowest, middle - started)
        if others.lines_of_code is None:
            continue  # radon cannot tell its lines apart
        parsed += 1
        # blocks of classes in functions are ours alone, and so are counts of them
        same = numbers._replace(max_complexity=0, functions=0, classes=0)[:13]
        agree += same == others._replace(max_complexity=0, functions=0, classes=0)[:13] and {
            block[:6] for block in other_blocks
        } <= {block[:6] for block in blocks}
    print(f"{repository}: {agree}/{parsed} agree; {whole}/{files} = {100 * whole / files:.2f} % read whole")
    print(
        f"  ours {ours:.1f} s, radon {radons:.1f} s (the same tree), {radons / ours:.1f} times; slowest {slowest:.2f} s"
    )


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    sys.setrecursionlimit(20_000)
    main()
