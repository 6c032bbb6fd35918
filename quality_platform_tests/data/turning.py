"""A project in which something turned at one instant, in every kind of source: for tests of what explains a change.

Belongs here: the rows. Does not belong here: what is to be found in them (the test states it).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

Row = dict[str, Any]

TURN = datetime(2026, 6, 15, tzinfo=UTC)
"""The first instant of the new state."""
HOURS, DAYS, COMMITS = 40, 12, 6
"""How long the project is looked at on each side."""
MEASURES = {
    # complexity, source lines, maintainability, analysed
    "a0": (10, 100, 60.0), "a1": (50, 180, 30.0), "b0": (20, 200, 70.0), "b1": (22, 205, 69.0), "d0": (5, 50, 80.0),
}  # fmt: skip


def hours() -> Iterator[tuple[datetime, bool]]:
    """Each hour, and whether it is after the turn."""
    yield from ((TURN + timedelta(hours=number), number >= 0) for number in range(-HOURS, HOURS))


def days() -> Iterator[tuple[datetime, bool]]:
    yield from ((TURN + timedelta(days=number), number >= 0) for number in range(-DAYS, DAYS))


def trees() -> Iterator[tuple[datetime, str, dict[str, str]]]:
    """Commits, one a day, with their files: `a.py` turns, `b.py` is touched before, two files come two commits after."""
    for number in range(-COMMITS, COMMITS):
        tree = {"a.py": "a1" if number >= 0 else "a0", "b.py": "b1" if number >= -2 else "b0", "c.md": "m0"}
        tree |= {"it's d.py": "d0", "e.md": "e0"} if number >= 2 else {}
        yield TURN + timedelta(days=number), f"c{number + COMMITS:02}", tree


def repository() -> dict[str, list[Row]]:
    commits, files, changes = [], [], []
    for place, (at, sha, tree) in enumerate(trees()):
        commits.append({"commit_sha": sha, "tree_sha": sha, "parents": [], "author_key": "k", "authored_at": at,
                        "committed_at": at, "on_main": True, "position": place})  # fmt: skip
        for path, blob in tree.items():
            language = "python" if path.endswith(".py") else None
            files.append({"commit_sha": sha, "path": path, "blob_id": blob, "language": language})
            changes.append({"commit_sha": sha, "path": path, "lines_added": 1, "lines_removed": 1})
    coverage = [
        {"commit_sha": sha, "path": path, "report": "c.xml", "format": "cobertura", "lines_executable": 100,
         "lines_covered": 40 if blob == "a1" else 90, "measured_at": at + timedelta(hours=1)}
        for at, sha, tree in trees() for path, blob in tree.items() if path.endswith(".py")
    ]  # fmt: skip
    return {"code_commits": commits, "code_files": files, "code_changes": changes, "code_coverage": coverage, **blobs()}


def blobs() -> dict[str, list[Row]]:
    metrics, functions, findings = [], [], []
    for blob, (complexity, lines, index) in MEASURES.items():
        metrics.append({
            "blob_id": blob, "language": "python", "engine": "radon", "analysed": blob != "a1", "bytes": 9,
            "unparsed_bytes": 0,
            "lines_of_code": lines + 9, "source_lines": lines, "logical_lines": lines, "comment_lines": lines // 10,
            "multi_lines": 0, "blank_lines": 9, "cyclomatic_complexity": complexity, "max_complexity": complexity,
            "functions": 1, "classes": 0, "halstead_volume": lines * 7.0, "halstead_effort": 9.0,
            "maintainability_index": index, "cognitive_complexity": complexity * 2, "suppressions": lines // 9,
        })  # fmt: skip
        functions += [
            {"blob_id": blob, "kind": "function", "qualified_name": name, "start_line": line, "end_line": line + 8,
             "cyclomatic_complexity": part, "rank": "A"}
            for name, line, part in (("pay", 1, complexity - 4), ("look", 20, 3))
        ]  # fmt: skip
        findings += [
            {"blob_id": blob, "tool": "bandit", "rule": f"B10{place % 2}", "category": "security", "severity": severity,
             "confidence": "high", "line": place + 1, "end_line": place + 1, "column_number": column, "message": "No."}
            for place in range(1 + 2 * (blob == "a1")) for column, severity in enumerate(("high", "medium", "low"))
        ]  # fmt: skip
    looks = [
        {"blob_id": blob, "tool": tool, "tool_version": "1"} for blob in MEASURES for tool in ("numbers", "bandit")
    ]
    return {
        "code_file_metrics": metrics, "code_functions": functions, "code_findings": findings, "code_analyses": looks,
    }  # fmt: skip


def errors() -> list[Row]:
    """Two faults; one comes five times as often with the new release."""
    return [
        {"event_id": f"{fault}-{at:%d%H}-{number}", "event_time": at + timedelta(minutes=number), "level": "error",
         "type": fault, "message": "no", "frames": "[]", "exceptions": "[]", "release": "2.0" if after else "1.0"}
        for at, after in hours()
        for fault, count in (("KeyError", 2), ("It's odd", 5 if after else 1), ("OSError", 1 if after else 0))
        for number in range(count)
    ]  # fmt: skip


def calls() -> list[Row]:
    """Of three routes one turns slow and fails, its statement with it; the cache is hit less."""
    rows: list[Row] = []
    for at, after in hours():
        for number in range(20):
            shared = {"event_time": at + timedelta(minutes=2 * number), "service": "web"}
            slow = after and number % 4 > 0
            rows += [
                _call(shared, "/fast", 10 + number, False, number),
                _call(shared, "/fast", 12 + number, False, number, method="POST"),
                _call(shared, "/pay", 900 + number if slow else 40 + number, slow and number % 3 == 0, number),
                *([_call(shared, "/new", 30, False, number)] if after and number < 5 else []),
                _call(shared, "select pay", 700 if slow else 20, slow and number % 5 == 0, number, "database"),
                _call(shared, "select one", 3, False, number, "database"),
                _call(shared, "user:*", 1, False, number, "cache", cache_hit=number > (12 if after else 2)),
                _call(shared, "cart:*", 1, False, number, "cache", cache_hit=True),
            ]
    return rows


def _call(
    shared: Row, route: str, ms: float, failed: bool, number: int, operation: str = "http.server", *,
    method: str = "GET", cache_hit: bool | None = None,
) -> Row:  # fmt: skip
    http = operation == "http.server"
    return {
        **shared, "event_id": f"{route}-{method}-{shared['event_time']:%d%H}-{number}", "operation": operation,
        "route": route, "method": method if http else None, "status": (500 if failed else 200) if http else None,
        "is_error": failed, "duration_ms": float(ms), "cache_hit": cache_hit,
    }  # fmt: skip


def sessions() -> list[Row]:
    return [
        {"event_id": f"{at:%m%d}-{release}-{status}", "event_time": at, "session_id": None, "status": status,
         "quantity": quantity, "release": release, "environment": "live"}
        for at, after in days()
        for release, crashed in (("1.0", 2), *([("2.0", 30)] if after else []))
        for status, quantity in (("exited", 100 - crashed), ("crashed", crashed))
    ]  # fmt: skip


def usage() -> list[Row]:
    """Twenty users look, ten of them pay as well; after the turn hardly anybody pays, and fewer look."""
    return [
        {"event_id": f"{name}-{at:%m%d}-{user}", "event_time": at + timedelta(minutes=user), "event_name": name,
         "user_key": f"u{user}", "properties": "{}", "release": "2.0" if after else "1.0", "environment": "live"}
        for at, after in days()
        for name, count in (("look", 14 if after else 20), ("pay", 2 if after else 10))
        for user in range(count)
    ]  # fmt: skip


def counts() -> list[Row]:
    return [
        {"hour": at, "door": door, "category": "error", "outcome": outcome, "reason": "", "quantity": quantity}
        for at, after in hours()
        for door, refused in (("sentry", 1), ("otlp", 60 if after else 2))
        for outcome, quantity in (("received", 100), ("stored", 100 - refused), ("rejected", refused))
    ]  # fmt: skip
