"""Records out of a folder, a zip or a file of lines, whoever made it: bounded, and good ones beside bad ones.

Belongs here: forms of files. Does not belong here: what a record says (`analysis/advisories/`).
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import yaml

RECORD_BYTES = 4 * 1024 * 1024
"""The longest real ones list some thousands of versions in half a megabyte."""
MOST_RECORDS = 1_000_000
SUFFIXES = (".json", ".yaml", ".yml")


class Record(NamedTuple):
    """Where it stood, and what it says, or why it cannot be read."""

    place: str
    content: dict[str, Any] | None
    reason: str = ""


def fingerprint(path: Path) -> str:
    """Changes when the source may have: of a file its time and size, of a folder those of the folders in it.

    Raises OSError.
    """
    if not path.is_dir():
        stat = path.stat()
        return f"{stat.st_mtime_ns} {stat.st_size}"
    times = [Path(folder).stat().st_mtime_ns for folder, _, _ in os.walk(path)]
    return f"{max(times)} {len(times)}"


def records(path: Path) -> Iterator[Record]:
    """Every record of `path`. Raises OSError, zipfile.BadZipFile."""
    if path.is_dir():
        found = _of_folder(path)
    elif path.suffix == ".zip":
        found = _of_zip(path)
    else:
        found = _of_lines(path)
    for number, (place, content) in enumerate(found):
        if number >= MOST_RECORDS:
            return
        yield _read(place, content)


def _of_folder(path: Path) -> Iterator[tuple[str, bytes]]:
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        for name in sorted(names):
            file = Path(folder) / name
            if file.suffix in SUFFIXES and not file.is_symlink():
                with file.open("rb") as opened:
                    yield str(file.relative_to(path)), opened.read(RECORD_BYTES + 1)


def _of_zip(path: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            if entry.filename.endswith(SUFFIXES):
                with archive.open(entry) as opened:
                    yield entry.filename, opened.read(RECORD_BYTES + 1)


def _of_lines(path: Path) -> Iterator[tuple[str, bytes]]:
    with path.open("rb") as opened:
        number = 0
        while line := opened.readline(RECORD_BYTES + 1):
            number += 1
            if line.strip():
                yield f"{path.name}:{number}", line


def _read(place: str, content: bytes) -> Record:
    if len(content) > RECORD_BYTES:
        return Record(place, None, f"longer than {RECORD_BYTES:,} bytes")
    try:
        found = _yaml(content) if place.endswith((".yaml", ".yml")) else json.loads(content)
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        return Record(place, None, f"it cannot be read: {str(error)[:200]}")
    if not isinstance(found, dict):
        return Record(place, None, "an object is needed")
    return Record(place, found)


def _yaml(content: bytes) -> Any:
    found = yaml.load(content, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
    if not isinstance(found, dict):
        return found
    return {key: str(value) if isinstance(value, date) else value for key, value in found.items()}
