"""Finds coverage reports in a checkout and tells whether they are new.

Belongs here: which files are looked for, and their fingerprints. Does not belong here: what stands in them
(`formats.py`, `data.py`). Scanned tests are never run: only what lies there is read.
"""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

FORMATS = {
    ".coverage": "coverage.py",
    "coverage.json": "coverage.py",
    "coverage.xml": "cobertura",
    "coverage/cobertura-coverage.xml": "cobertura",
    "lcov.info": "lcov",
    "coverage.lcov": "lcov",
    "coverage/lcov.info": "lcov",
}


@dataclass(frozen=True, slots=True)
class Report:
    """A report's content by its SHA-256 digest, its size in bytes, and when it was written, in ns since 1970."""

    digest: str
    bytes: int
    modified: int

    def as_json(self) -> dict[str, object]:
        """The report as a part of `read_from`."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """The reverse of `as_json`."""
        return cls(str(value["digest"]), int(value["bytes"]), int(value["modified"]))


def find_reports(checkout: Path | None, known: Mapping[str, Report], limit: int) -> dict[str, Report]:
    """The reports in `checkout` by name. One whose size and time are those of `known` is not read again."""
    found: dict[str, Report] = {}
    for name in FORMATS if checkout else ():
        assert checkout is not None
        path = checkout / name
        try:
            status = path.lstat()
            # a link could lead to any file of this machine
            if not stat.S_ISREG(status.st_mode) or path.parent.resolve() != path.parent:
                continue
            old = known.get(name)
            if old and (old.bytes, old.modified) == (status.st_size, status.st_mtime_ns):
                found[name] = old
            else:
                found[name] = Report(_digest(path, status.st_size, limit), status.st_size, status.st_mtime_ns)
        except OSError:
            continue  # not there, or gone again
    return found


def _digest(path: Path, size: int, limit: int) -> str:
    """SHA-256 of the content; of a file over the limit, which will be refused, its size stands for it."""
    return f"{size} bytes" if size > limit else hashlib.sha256(path.read_bytes()).hexdigest()
