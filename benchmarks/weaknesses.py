"""How well known weaknesses are told from harmless look-alikes: OWASP's benchmark for Python, half by half.

    python benchmarks/weaknesses.py FOLDER

FOLDER is a checkout of OWASP-Benchmark/BenchmarkPython (GPL-3: test data, never part of this project). Each of its
test cases is one weakness of one category, real or not. A category's score is the rate of real ones found less the
rate of others reported (Youden); to reach: a mean of 35, at most 15 % of the others. Ruff's and bandit's rules are
judged beside ours in the same run. The half of the cases (by a hash of their names) that the rules were written
with is `seen`, the other `unseen`.
"""

from __future__ import annotations

import ast
import csv
import hashlib
import logging
import sys
import tempfile
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

from quality_platform.analysis.facts import Finding
from quality_platform.analysis.python import by_bandit, by_ruff
from quality_platform.analysis.taint.find import find, find_in_newer

# category: our rule, and the numbers of bandit's rules (ruff's S rules have the same)
CATEGORIES = {
    "cmdi": ("command-injection", "602 603 604 605 606 607 609"), "codeinj": ("code-injection", "102 307"),
    "deserialization": ("unsafe-deserialisation", "301 302 506"), "hash": ("weak-hash", "303 324"),
    "ldapi": ("ldap-injection", ""), "pathtraver": ("path-traversal", ""), "redirect": ("open-redirect", ""),
    "securecookie": ("insecure-cookie", ""), "sqli": ("sql-injection", "608"), "trustbound": ("trust-boundary", ""),
    "weakrand": ("weak-randomness", "311"), "xpathi": ("xpath-injection", ""),
    "xss": ("cross-site-scripting", "703 704"),
    "xxe": ("xml-external-entities", "313 314 315 316 317 318 319 405 406 407 408 409"),
}  # fmt: skip
Found = dict[str, tuple[Finding, ...]]
Case = tuple[str, str, bool]


def cases(folder: Path) -> list[Case]:
    """Name, category, and whether the weakness is real."""
    with (folder / "expectedresults-0.1.csv").open() as file:
        rows = [row for row in csv.reader(file) if row and not row[0].startswith("#")]
    return [(name, category, real == "true") for name, category, real, *_ in rows]


def ours(texts: dict[str, bytes]) -> Found:
    found = {}
    for name, text in texts.items():
        try:
            found[name] = find(text, ast.parse(text), b"")
        except SyntaxError:
            found[name] = find_in_newer(text, b"")
    return found


def bandits(texts: dict[str, bytes]) -> Found:
    found: Found = {}
    for name, text in texts.items():
        try:
            found[name] = by_bandit.find(text, ast.parse(text), b"")
        except SyntaxError:
            found[name] = ()
    return found


def ruffs(texts: dict[str, bytes]) -> Found:
    with tempfile.TemporaryDirectory() as scratch:
        return by_ruff.find(texts, Path(scratch), b"")


def score(known: Iterable[Case], found: Found, *, ours: bool) -> tuple[float, float]:
    """Mean over the categories of the rate found less the rate falsely reported; and that of all the others."""
    counts: dict[tuple[str, bool], list[bool]] = defaultdict(list)
    for name, category, real in known:
        own, numbers = CATEGORIES[category]
        hit = any(item.rule == own if ours else item.rule[1:] in numbers.split() for item in found[name])
        counts[category, real].append(hit)

    def rate(category: str, *, real: bool) -> float:
        hits = counts.get((category, real), [])
        return sum(hits) / len(hits) if hits else 0.0

    judged = [category for category in CATEGORIES if (category, True) in counts]
    false = [hit for (_, real), hits in counts.items() if not real for hit in hits]
    youden = [rate(category, real=True) - rate(category, real=False) for category in judged]
    return 100 * sum(youden) / len(youden), 100 * sum(false) / len(false)


def main() -> None:
    if len(sys.argv) < 2:
        print("skipped: it needs a checkout of OWASP-Benchmark/BenchmarkPython as its argument")
        return
    folder = Path(sys.argv[1])
    known = cases(folder)
    texts = {name: (folder / "testcode" / f"{name}.py").read_bytes() for name, *_ in known}
    seen = {name for name, *_ in known if hashlib.sha256(name.encode()).digest()[0] % 2 == 0}
    halves = {
        "seen": [case for case in known if case[0] in seen],
        "unseen": [case for case in known if case[0] not in seen],
    }
    tools: dict[str, Callable[[dict[str, bytes]], Found]] = {"ours": ours, "ruff": ruffs, "bandit": bandits}
    print(f"{len(known)} cases; mean of the categories (goal 35), others reported (at most 15 %), seconds")
    for tool, look in tools.items():
        started = time.perf_counter()
        found = look(texts)
        seconds = time.perf_counter() - started
        parts = [f"{half} {mean:5.1f}, {false:4.1f} %" for half, part in halves.items()
                 for mean, false in [score(part, found, ours=tool == "ours")]]  # fmt: skip
        print(f"{tool:8} {'; '.join(parts)}; {seconds:5.1f} s")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    main()
