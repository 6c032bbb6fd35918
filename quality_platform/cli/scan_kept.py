"""The summary of the last scan, kept beside the lake: shown again where neither the repository nor the lake is new.

To open the lake and to ask it takes a second and more; to see that nothing has changed, a tenth of one. So this loads
neither DuckDB nor Arrow. Does not belong here: what is new in a repository (`collectors/repository/cursor.py`).
"""

from __future__ import annotations

import json
from contextlib import closing, suppress
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from quality_platform.collectors.repository.location import Location
    from quality_platform.settings import Settings

WRITTEN_BY = ("cli/scan*.py", "warehouse/*.py", "model/debt.py", "scoring/*.py")
"""Modules that decide what a summary says: when one is another, so may be the summary."""


def find(settings: Settings, repository: str, history: int, tools: tuple[str, ...]) -> dict[str, Any] | None:
    """The summary of `repository`, as `scan` found it, where a scan would find nothing new; None where it might.

    Raises SourceError when the repository cannot be read.
    """
    from quality_platform.collectors.repository.location import locate

    location = locate(repository)
    kept = _read(_place(settings, location))
    snapshot = newest_snapshot(settings)
    if snapshot is None or (kept.get("snapshot"), kept.get("written_by")) != (snapshot, _writers()):
        return None
    if _is_behind(kept["cursor"], location, history, tools):
        return None
    found: dict[str, Any] = kept["found"]
    summary = found["summary"]
    summary["committed_at"] = datetime.fromisoformat(summary["committed_at"])
    return {**found, "stored": {}, "refused": 0, "since_last_scan": None}


def keep(settings: Settings, repository: str, snapshot: int | None, cursor: object, found: dict[str, Any]) -> None:
    """Keep what a scan `found` in a lake that stood at `snapshot`, with the `cursor` that it has since."""
    from quality_platform.cli import output
    from quality_platform.collectors.repository.location import locate

    if snapshot is None or found["summary"]["commit_sha"] is None:
        return
    place = _place(settings, locate(repository))
    settings.place(place.parent)
    kept = {"snapshot": snapshot, "written_by": _writers(), "cursor": cursor, "found": found}
    unfinished = place.with_suffix(".new")
    unfinished.write_text(output.json_text(kept), "utf-8")
    unfinished.replace(place)


def newest_snapshot(settings: Settings) -> int | None:
    """The newest snapshot of the catalog `raw`; None where that is no file, or none yet."""
    import sqlite3

    catalog = settings.lake_dir / "raw.sqlite"
    if settings.postgres_url or not catalog.is_file():
        return None
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"file:{catalog}?mode=ro", uri=True)) as connection:
        return int(connection.execute("SELECT max(snapshot_id) FROM ducklake_snapshot").fetchone()[0])
    return None


def _is_behind(read_from: dict[str, Any], location: Location, history: int, tools: tuple[str, ...]) -> bool:
    from quality_platform.analysis.tools import ALWAYS, Wanted
    from quality_platform.collectors.repository.coverage.reports import find_reports
    from quality_platform.collectors.repository.cursor import cursor_of
    from quality_platform.collectors.repository.limits import Limits
    from quality_platform.collectors.repository.remote import read_head

    cursor = cursor_of(read_from)
    reports = find_reports(location.folder, cursor.reports, Limits().report_bytes)
    return cursor.is_behind(read_head(location), history, reports, Wanted((*ALWAYS, *tools)).versions)


def _place(settings: Settings, location: Location) -> Path:
    return settings.root / "scans" / f"{sha256(location.address.encode()).hexdigest()[:32]}.json"


def _read(place: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(place.read_text("utf-8")))
    except (OSError, ValueError):
        return {}


def _writers() -> str:
    """A digest of when the modules that write a summary were last changed."""
    package = Path(__file__).resolve().parents[1]
    stamps = [(path.name, path.stat().st_mtime_ns) for pattern in WRITTEN_BY for path in sorted(package.glob(pattern))]
    return sha256(repr(stamps).encode()).hexdigest()
