"""`marts.vulnerable_versions`: every version that a manifest or lock has named, looked up in the advisories.

Each package and specifier is looked up once, whatever number of commits it stands in; where and when it stood is dbt's
part. Does not belong here: what an advisory affects (`analysis/advisories/`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import pyarrow as pa
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from quality_platform.analysis.advisories.affected import Verdict, verdict
from quality_platform.analysis.advisories.aliases import canonical
from quality_platform.analysis.advisories.versions import UnorderedError
from quality_platform.model.tables_marts import VULNERABLE_VERSIONS
from quality_platform.warehouse.lake import Lake

SEVERITIES = ("unknown", "info", "low", "medium", "high", "critical")
Row = dict[str, Any]


class Said(NamedTuple):
    """A record that speaks of a package, and whether that is certain."""

    record: Row
    certain: bool
    fixed_in: str | None


NAMED = """
    SELECT DISTINCT ecosystem, name, specifier, version
    FROM raw.code_dependencies SEMI JOIN raw.advisories a
        ON a.ecosystem = code_dependencies.ecosystem AND a.package = code_dependencies.name
    ORDER BY ALL
"""
RECORDS = """
    FROM raw.advisories
    QUALIFY row_number() OVER (PARTITION BY advisory_id, ecosystem, package ORDER BY modified DESC) = 1
"""
NEEDED = f"""
    SELECT * FROM ({RECORDS}) r
    SEMI JOIN raw.code_dependencies d ON d.ecosystem = r.ecosystem AND d.name = r.package
    ORDER BY advisory_id
"""


def write_vulnerable_versions(lake: Lake) -> int:
    """Look everything up and replace the mart; returns its number of rows."""
    with lake.connect() as connection:
        named = connection.execute(NAMED).to_arrow_table().to_pylist()
        records = connection.execute(NEEDED).to_arrow_table().to_pylist()
    rows = look_up(named, records)
    lake.replace(VULNERABLE_VERSIONS.name, pa.Table.from_pylist(rows, schema=VULNERABLE_VERSIONS.schema))
    return len(rows)


def vulnerable(lake: Lake, named: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Rows of the mart for some packages, the gravest first."""
    with lake.connect() as connection:
        found = look_up(named, connection.execute(NEEDED).to_arrow_table().to_pylist())
    return sorted(found, key=lambda row: (-SEVERITIES.index(row["severity"]), -(row["score"] or 0.0), row["name"]))


def look_up(named: Iterable[Mapping[str, Any]], records: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Rows of the mart for packages (`ecosystem`, `name`, `specifier`, `version`) and records of `raw.advisories`.

    A record that was taken back says nothing; records that name each other speak of one vulnerability.
    """
    valid = [{**record, "ranges": json.loads(record["ranges"])} for record in records if record["withdrawn"] is None]
    name_of = canonical((record["advisory_id"], record["aliases"]) for record in valid)
    by_package: dict[tuple[str, str], list[Row]] = {}
    for record in valid:
        by_package.setdefault((record["ecosystem"], record["package"]), []).append(record)
    rows: list[Row] = []
    for package in named:
        found: dict[str, list[Said]] = {}
        for record in by_package.get((package["ecosystem"], package["name"]), ()):
            judged, certain = _judged(package, record)
            if judged.affected:
                found.setdefault(name_of[record["advisory_id"]], []).append(Said(record, certain, judged.fixed_in))
        rows += [_row(package, name, said) for name, said in sorted(found.items())]
    return rows


def _judged(package: Mapping[str, Any], record: Row) -> tuple[Verdict, bool]:
    """What the record says of the package, and whether that is certain: of several versions some may be affected, and
    what is no version (a branch, an address) nobody can compare."""
    if package["version"] is None:
        return Verdict(_may_be(package, record)), False
    try:
        return verdict(package["ecosystem"], package["version"], record["ranges"], record["versions"]), True
    except UnorderedError:
        return Verdict(True), False


def _may_be(package: Mapping[str, Any], record: Row) -> bool:
    """Whether what a specifier allows includes an affected release, as far as the record lists them."""
    if package["ecosystem"] != "PyPI" or not record["versions"]:
        return True
    try:
        allowed = SpecifierSet(package["specifier"], prereleases=True)
    except InvalidSpecifier:
        return True
    return any(allowed.contains(each) for each in record["versions"] if _is_version(each))


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def _row(package: Mapping[str, Any], name: str, said: Sequence[Said]) -> Row:
    records = [each.record for each in said]
    gravest = max(records, key=lambda each: (SEVERITIES.index(each["severity"]), each["score"] or 0.0))
    return {
        **{key: package[key] for key in ("ecosystem", "name", "specifier", "version")},
        "status": "affected" if any(each.certain for each in said) else "undetermined",
        "vulnerability": name,
        "advisories": sorted(record["advisory_id"] for record in records),
        "severity": gravest["severity"],
        "score": gravest["score"],
        "weaknesses": sorted({weakness for record in records for weakness in record["weaknesses"]}),
        "summary": next((record["summary"] for record in records if record["summary"]), ""),
        "published": min(record["published"] for record in records),
        "fixed_in": next((each.fixed_in for each in said if each.fixed_in), None),
        "batch_id": gravest["batch_id"],
    }
