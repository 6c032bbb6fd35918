"""The log's files: where they lie, what they are called, and whose spool it is.

A file is named after the first place that may stand in it, so that the newest file also remembers how far the places
have come when everything else has been dropped.
"""

from __future__ import annotations

import os
import uuid
from pathlib import Path

from quality_platform.settings import Settings

SUFFIX = ".log"


def folder_of(settings: Settings) -> Path:
    """Folder of the log files."""
    return settings.spool_dir / "log"


def path_of(folder: Path, first: int) -> Path:
    """The file whose first place is `first`."""
    return folder / f"{first:020d}{SUFFIX}"


def listed(folder: Path) -> list[tuple[int, Path]]:
    """The files with their first places, in order."""
    return sorted((int(path.stem), path) for path in folder.glob(f"*{SUFFIX}"))


def identity_of(settings: Settings) -> str:
    """Identity of the spool, made when there is none."""
    path = settings.place(settings.spool_dir) / "identity"
    if not path.exists():
        draft = path.with_suffix(f".{os.getpid()}")
        draft.write_text(uuid.uuid4().hex)
        synced(draft)
        draft.rename(path)
        synced(path.parent)
    return path.read_text()


def synced(path: Path) -> None:
    """Make a file's content, or the names in a folder, durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
