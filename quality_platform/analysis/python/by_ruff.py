"""What ruff objects to in some Python files, in one run of its program.

It runs isolated, without a cache and deaf to `# noqa`: nothing that lies in a repository can hide anything or be
executed. The files are written under their keys into a folder of ours. Does not belong here: the rules
(`ruff_rules.py`).
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson

from quality_platform.analysis.facts import Finding
from quality_platform.analysis.python import ruff_rules
from quality_platform.analysis.python.text import decoded
from quality_platform.analysis.snippets import snippet_hash
from quality_platform.analysis.tools import RUFF

SECONDS_PER_FILE = 2.0
LINES = re.compile(rb"\r\n|\r|\n")


class RuffError(Exception):
    """Ruff could not be run on these files, or not within its time."""


def find(files: Mapping[str, bytes], scratch: Path, secret: bytes) -> dict[str, tuple[Finding, ...]]:
    """Findings by key of the file. Raises RuffError."""
    with TemporaryDirectory(prefix="ruff-", dir=scratch) as folder:
        for key, content in files.items():
            Path(folder, f"{key}.py").write_bytes(_utf8(content))
        rows = _run(folder, max(10.0, SECONDS_PER_FILE * len(files)))
    found: dict[str, dict[tuple[str, int, int], Finding]] = {key: {} for key in files}
    split = {key: LINES.split(content) for key, content in files.items()}
    for row in rows:
        key = Path(row["filename"]).stem
        finding = _finding(row, split[key], secret)
        found[key].setdefault((finding.rule, finding.line, finding.column_number), finding)
    return {key: tuple(findings.values()) for key, findings in found.items()}


def _run(folder: str, seconds: float) -> list[dict[str, Any]]:
    command = [
        *(_program(), "check", "--isolated", "--no-cache", "--ignore-noqa", "--exit-zero", "--quiet"),
        *("--output-format", "json", "--select", ",".join(ruff_rules.SELECTION), "--", folder),
    ]
    try:
        done = subprocess.run(
            command, cwd=folder, env={}, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=True
        )
        return list(orjson.loads(done.stdout))
    except (OSError, subprocess.SubprocessError, orjson.JSONDecodeError) as error:
        raise RuffError(f"ruff: {error}") from error


def _utf8(content: bytes) -> bytes:
    """The content as ruff can read it, which knows one encoding."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return decoded(content).encode("utf-8", "replace")
    return content


@cache
def _program() -> str:
    from ruff import find_ruff_bin

    return str(find_ruff_bin())


def _finding(row: Mapping[str, Any], lines: list[bytes], secret: bytes) -> Finding:
    rule = str(row["code"] or ruff_rules.SYNTAX)
    severity, confidence, cwe = ruff_rules.weight(rule)
    message = str(row["message"])
    if rule in ruff_rules.QUOTING:
        message = message.partition(":")[0]
    start, end = row["location"], row["end_location"]
    line = int(start["row"])
    title = str(row.get("name") or rule).replace("-", " ")
    return Finding(
        *(RUFF, rule, title[:300], ruff_rules.category(rule), severity, confidence, cwe),
        *(line, max(line, int(end["row"])), max(int(start["column"]) - 1, 0), message[:2000]),
        snippet_hash(lines, line, secret),
    )
