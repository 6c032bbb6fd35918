"""Results of a SARIF 2.1.0 log as findings (https://docs.oasis-open.org/sarif/sarif/v2.1.0/).

Does not belong here: files (`__init__.py`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from quality_platform.model.batch import Rejected
from quality_platform.model.tables_reports import REPORTED_FINDINGS

MOST = 200_000
LEVELS = {"error": "high", "warning": "medium", "note": "low", "none": "info"}
BANDS = ((9.0, "critical"), (7.0, "high"), (4.0, "medium"), (0.1, "low"))
"""Of `security-severity`, as GitHub reads it: https://docs.github.com/en/code-security/code-scanning."""

CWE = re.compile(r"cwe[-/](?:cwe-)?0*(\d{1,5})\b", re.IGNORECASE)
DRIVE = re.compile(r"[A-Za-z]:")


class RefusedResultError(Exception):
    """The result cannot be used; the message names the field."""


class Reported(NamedTuple):
    """One result, in the order of the columns of `reported_findings`."""

    commit_sha: str | None
    tool: str
    tool_version: str | None
    rule: str
    title: str | None
    category: str
    severity: str
    cwe: int | None
    path: str
    line: int
    end_line: int
    column_number: int
    message: str


def read(content: bytes) -> tuple[list[Reported], list[Rejected]]:
    """The findings of a log, each place once, and what was refused. Raises ValueError where it is no SARIF."""
    log = json.loads(content)
    runs = log.get("runs") if isinstance(log, dict) else None
    if not isinstance(runs, list):
        raise ValueError("it has no runs: it is no SARIF")
    found: dict[tuple[object, ...], Reported] = {}
    rejected = []
    for number, run in enumerate(each for each in runs if isinstance(each, dict)):
        for place, result in enumerate(islice(_list(run, "results"), MOST)):
            try:
                for each in _findings(run, result):
                    found.setdefault((each.tool, each.rule, each.path, each.line, each.column_number), each)
            except RefusedResultError as error:
                where = f"runs[{number}].results[{place}]"
                rejected.append(Rejected(REPORTED_FINDINGS.name, where, str(error)))
    return list(found.values()), rejected


def _findings(run: Mapping[str, Any], result: Any) -> Iterator[Reported]:
    if not isinstance(result, dict):
        raise RefusedResultError("an object is needed")
    if result.get("suppressions") or result.get("baselineState") == "absent" or result.get("kind", "fail") != "fail":
        return  # somebody has looked, or it is gone, or it is no fault
    driver = _dict(_dict(run, "tool"), "driver")
    rule = _rule(driver, result)
    name = str(result.get("ruleId") or rule.get("id") or "")
    if not name:
        raise RefusedResultError("ruleId: a text is needed")
    message = _dict(result, "message").get("text") or _dict(rule, "shortDescription").get("text") or name
    weakness = _weakness(rule, result)
    severity, is_security = _severity(rule, result)
    category = "security" if is_security or weakness else "error" if severity == "high" else "style"
    version = _text(driver.get("semanticVersion") or driver.get("version"))
    title = _text(_dict(rule, "shortDescription").get("text") or rule.get("name"))
    locations = _list(result, "locations") or [{}]
    for location in locations[:10]:
        physical = _dict(location, "physicalLocation") if isinstance(location, dict) else {}
        region = _dict(physical, "region")
        line = _number(region, "startLine", 0)
        yield Reported(
            _commit(run), str(driver.get("name") or "unknown")[:100], version, name[:200], title, category, severity,
            weakness,
            _path(_dict(physical, "artifactLocation").get("uri")), line, max(line, _number(region, "endLine", line)),
            max(0, _number(region, "startColumn", 1) - 1), str(message)[:2000],
        )  # fmt: skip


def _rule(driver: Mapping[str, Any], result: Mapping[str, Any]) -> Mapping[str, Any]:
    rules, index = _list(driver, "rules"), result.get("ruleIndex")
    if isinstance(index, int) and 0 <= index < len(rules) and isinstance(rules[index], dict):
        return rules[index]  # type: ignore[no-any-return]
    return next((each for each in rules if isinstance(each, dict) and each.get("id") == result.get("ruleId")), {})


def _severity(rule: Mapping[str, Any], result: Mapping[str, Any]) -> tuple[str, bool]:
    """How bad it is, and whether the rule is one of security."""
    told = (_dict(each, "properties").get("security-severity") for each in (rule, result))
    points: Any = next(filter(None, told), None)
    try:
        return next((name for bound, name in BANDS if float(points) >= bound), "info"), True
    except (TypeError, ValueError):
        level = result.get("level") or _dict(rule, "defaultConfiguration").get("level") or "warning"
        return LEVELS.get(str(level), "medium"), False


def _weakness(rule: Mapping[str, Any], result: Mapping[str, Any]) -> int | None:
    tags = [*_list(_dict(rule, "properties"), "tags"), *_list(_dict(result, "properties"), "tags")]
    tags += [each.get("id", "") for each in _list(result, "taxa") if isinstance(each, dict)]
    numbers = [match for tag in tags[:100] if isinstance(tag, str) and (match := CWE.search(tag))]
    return int(numbers[0][1]) if numbers else None


def _path(uri: Any) -> str:
    """A path within the repository. Raises RefusedResultError for one that leads out of it."""
    if not isinstance(uri, str) or not uri:
        raise RefusedResultError("locations[].physicalLocation.artifactLocation.uri: a path is needed")
    parts = urlsplit(uri.replace("\\", "/"))
    path = unquote(parts.path)
    if parts.scheme or parts.netloc or path.startswith("/") or DRIVE.match(path):
        raise RefusedResultError("artifactLocation.uri: it must be relative to the repository")
    steps = [step for step in path.split("/") if step not in ("", ".")]
    if ".." in steps or not steps or "\0" in path:
        raise RefusedResultError("artifactLocation.uri: it leads out of the repository")
    return "/".join(steps)[:4096]


def _commit(run: Mapping[str, Any]) -> str | None:
    for each in _list(run, "versionControlProvenance"):
        revision = each.get("revisionId") if isinstance(each, dict) else None
        if isinstance(revision, str) and re.fullmatch(r"[0-9a-f]{40,64}", revision):
            return revision
    return None


def _dict(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def _list(value: Mapping[str, Any], name: str) -> list[Any]:
    found = value.get(name)
    return found if isinstance(found, list) else []


def _number(value: Mapping[str, Any], name: str, otherwise: int) -> int:
    found = value.get(name)
    return found if isinstance(found, int) and 0 <= found < 2**31 else otherwise


def _text(value: Any) -> str | None:
    return value[:300] if isinstance(value, str) else None
