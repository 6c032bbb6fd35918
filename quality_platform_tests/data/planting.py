"""A real history told anew, a commit a day, with changes planted in it whose commits are known.

Every commit keeps its tree, so what really happened is in it too. Belongs here: the two repositories. Does not belong
here: what is expected of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from quality_platform_tests.data.repositories import Repository

COMMITS = 110
JUMP, CREEP, DROP = 40, 70, 95
"""The planted commits, from 0: a complexity jump, the first of a slow debt creep, a coverage drop."""


@dataclass(frozen=True, slots=True)
class Told:
    """A repository whose commit n was made at `moments[n]`."""

    folder: Path
    commits: tuple[str, ...]
    moments: tuple[datetime, ...]


def tell(source: Path, last: str, folder: Path, *, planted: bool) -> Told:
    """The newest `COMMITS` commits of the main line of `source` up to `last`, a day apart, with or without plants."""
    history = Repository(folder)
    history.git("fetch", "--quiet", str(source), last)
    real = history.git("rev-list", "--first-parent", f"--max-count={COMMITS}", "FETCH_HEAD").split()[::-1]
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    moments = tuple(midnight - timedelta(days=len(real) - number) for number in range(len(real)))
    commits: list[str] = []
    for number, (commit, moment) in enumerate(zip(real, moments, strict=True)):
        history.git("read-tree", commit)
        for path, text in _planted(number).items() if planted else ():
            blob = history.git("hash-object", "-w", "--stdin", feed=text.encode())
            history.git("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}")
        history.clock = int(moment.timestamp())
        parents = ("-p", commits[-1]) if commits else ()
        commits.append(history.git("commit-tree", history.git("write-tree"), *parents, "-m", f"Day {number}"))
    history.git("update-ref", "refs/heads/main", commits[-1])
    history.git("reset", "--quiet", "--hard")
    return Told(folder, tuple(commits), moments)


def _planted(number: int) -> Mapping[str, str]:
    """The planted files as of commit `number`."""
    found = {}
    if number >= JUMP:
        # of complexity 10: what is above is debt as well
        found["planted/tangle.py"] = "".join(_function(f"tangle_{each}", 9) for each in range(200))
    if number >= CREEP:
        found["planted/creep.py"] = "".join(_careless(f"creep_{each}") for each in range(number - CREEP + 1))
    return found


def _function(name: str, branches: int) -> str:
    tests = "".join(f"    if a > {number}:\n        a -= {number}\n" for number in range(branches))
    return f"def {name}(a):\n{tests}    return a\n\n\n"


def _careless(name: str) -> str:
    """Eight findings of bandit's, five minutes each."""
    return f"def {name}(a):\n" + "".join(f"    assert a != {number}\n" for number in range(8)) + "\n\n"


def coverage(told: Told, number: int, *, planted: bool) -> str:
    """A Cobertura report of every Python file at the commit: four in five lines ran, half of them after the drop."""
    hit = 0.5 if planted and number >= DROP else 0.8
    classes = "".join(_lines(path, count, hit) for path, count in _sources(told, number))
    stamp = int(told.moments[number].timestamp())  # no two reports are the same, as with real ones
    packages = f"<packages><package><classes>{classes}</classes></package></packages>"
    return f'<?xml version="1.0" ?>\n<coverage timestamp="{stamp}">{packages}</coverage>'


def _lines(path: str, count: int, hit: float) -> str:
    lines = "".join(f'<line number="{line + 1}" hits="{int(line < hit * count)}"/>' for line in range(count))
    return f'<class filename="{path}"><lines>{lines}</lines></class>'


def _sources(told: Told, number: int) -> Iterator[tuple[str, int]]:
    """The twenty largest Python files of the commit and the number of their lines."""
    repository = Repository(told.folder)
    files = repository.python_files(told.commits[number])
    sizes = sorted(((len(text.splitlines()), path) for path, text in files.items()), reverse=True)[:20]
    yield from ((path, size) for size, path in sizes)
