"""One advisory as a row per package that it speaks of (https://ossf.github.io/osv-schema/).

Does not belong here: which versions are affected (`affected.py`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from quality_platform.analysis.advisories.severity import Rated, rated
from quality_platform.analysis.dependencies.dependency import python_name

ECOSYSTEMS = ("PyPI", "npm", "crates", "Go")
"""Those whose versions can be compared; OSV's names for them may end in `.io`, or in a part of it after a colon."""

MOST_ALIASES = 100
MOST_VERSIONS = 20_000
SUMMARY_LENGTH = 500


class RefusedAdvisoryError(Exception):
    """The record cannot be used; the message names the field."""


class Advisory(NamedTuple):
    """What one record says of one package, as a row of `raw.advisories`. Instants are microseconds since 1970."""

    advisory_id: str
    revision: str
    ecosystem: str
    package: str
    modified: int
    published: int
    withdrawn: int | None
    aliases: list[str]
    ranges: str
    versions: list[str]
    severity: str
    score: float | None
    vector: str | None
    weaknesses: list[str]
    summary: str
    fixed: list[str]


def read(record: Mapping[str, Any]) -> list[Advisory]:
    """The record's rows: none where it speaks of other ecosystems alone. Raises RefusedAdvisoryError."""
    name = _text(record, "id")
    modified = _instant(record, "modified")
    published = _instant(record, "published") if record.get("published") else modified
    withdrawn = _instant(record, "withdrawn") if record.get("withdrawn") else None
    aliases = sorted({each for each in _list(record, "aliases") if isinstance(each, str)})[:MOST_ALIASES]
    specific = record.get("database_specific")
    known = specific if isinstance(specific, dict) else {}
    weaknesses = sorted({each for each in known.get("cwe_ids") or () if isinstance(each, str)})
    words = str(record.get("summary") or record.get("details") or "")[:SUMMARY_LENGTH]
    rows = []
    for ecosystem, package, affected in _packages(record):
        rating = rated(affected.get("severity") or record.get("severity"), known.get("severity"))
        rows.append(_row(name, ecosystem, package, affected, rating)._replace(
            modified=modified, published=published, withdrawn=withdrawn, aliases=aliases, weaknesses=weaknesses,
            summary=words, revision=f"{name} {modified}",
        ))  # fmt: skip
    return rows


def _row(name: str, ecosystem: str, package: str, affected: Mapping[str, Any], rating: Rated) -> Advisory:
    ranges = [
        [event for event in each.get("events") or () if isinstance(event, dict)]
        for each in affected["ranges"]
        if isinstance(each, dict) and each.get("type") in ("ECOSYSTEM", "SEMVER")
    ]
    versions = [each for each in affected["versions"] if isinstance(each, str)]
    fixed = sorted({str(event["fixed"]) for events in ranges for event in events if "fixed" in event})
    return Advisory(
        name, "", ecosystem, package, 0, 0, None, [], json.dumps(ranges, separators=(",", ":")),
        versions[:MOST_VERSIONS], rating.severity, rating.score, rating.vector, [], "", fixed,
    )  # fmt: skip


def _packages(record: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Ecosystem, name as its registry compares names, and what is said, of each package; several parts as one."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for affected in _list(record, "affected"):
        package = affected.get("package") if isinstance(affected, dict) else None
        if not isinstance(package, dict):
            continue
        ecosystem = str(package.get("ecosystem", "")).partition(":")[0].removesuffix(".io")
        name = package.get("name")
        if ecosystem not in ECOSYSTEMS or not isinstance(name, str) or not name:
            continue
        key = ecosystem, python_name(name) if ecosystem == "PyPI" else name
        part = found.setdefault(key, {"ranges": [], "versions": [], "severity": affected.get("severity")})
        part["ranges"] += _list(affected, "ranges")
        part["versions"] += _list(affected, "versions")
    yield from ((*key, part) for key, part in found.items())


def _text(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    if not isinstance(value, str) or not value.strip():
        raise RefusedAdvisoryError(f"{name}: a text is needed")
    return value[:200]


def _list(record: Mapping[str, Any], name: str) -> Sequence[Any]:
    value = record.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise RefusedAdvisoryError(f"{name}: a list is needed")
    return value


def _instant(record: Mapping[str, Any], name: str) -> int:
    value = record.get(name)
    try:
        read_as = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        raise RefusedAdvisoryError(f"{name}: {str(value)[:50]!r} is no instant") from None
    aware = read_as if read_as.tzinfo is not None else read_as.replace(tzinfo=UTC)
    return int(aware.timestamp() * 1_000_000)
