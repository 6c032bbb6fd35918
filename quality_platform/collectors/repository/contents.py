"""Facts about content: each distinct Python file of the new commits, analysed once, as rows.

Belongs here: from hashes to rows. Does not belong here: the analysis itself (`analysis.py`), or batches (`collect.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.metadata import version
from operator import itemgetter

import pyarrow as pa

from quality_platform.collectors.contract import Progress
from quality_platform.collectors.repository import analysis
from quality_platform.collectors.repository.analysis import Analysis, problem
from quality_platform.collectors.repository.git import Clone
from quality_platform.collectors.repository.languages import PYTHON
from quality_platform.collectors.repository.limits import Limits
from quality_platform.collectors.repository.measurements import Numbers
from quality_platform.collectors.repository.objects import contents, sizes
from quality_platform.collectors.repository.pool import Pool
from quality_platform.collectors.repository.rows import table
from quality_platform.collectors.repository.worker import Answer, Call

FAILURES = {
    "timeout": ("timeout", "analysing it takes too long"),
    "memory": ("out_of_memory", "analysing it takes too much memory"),
    "crash": ("crashed", "the analyser crashed on it"),
    "error": ("failed", "the analyser failed on it"),
}


@cache
def engine() -> str:
    """The analysers and their versions, as stored with every row that they gave."""
    return f"radon {version('radon')}, bandit {version('bandit')}"


@dataclass(slots=True)
class Contents:
    """Rows about some blobs."""

    blobs: list[str] = field(default_factory=list)
    metrics: list[tuple[object, ...]] = field(default_factory=list)
    functions: list[tuple[object, ...]] = field(default_factory=list)
    findings: list[tuple[object, ...]] = field(default_factory=list)

    def add(self, blob: str, size: int, result: Analysis) -> None:
        """Take what the analysis of one blob gave."""
        self.blobs.append(blob)
        analysed = result.reason is None
        self.metrics.append((blob, PYTHON, engine(), analysed, result.reason, size, *result.numbers))
        self.functions.extend((blob, *block) for block in result.blocks)
        self.findings.extend((blob, *finding) for finding in result.findings)

    def tables(self) -> dict[str, pa.Table]:
        """The rows by table."""
        rows = {
            "code_file_metrics": self.metrics,
            "code_functions": self.functions,
            "code_findings": self.findings,
        }
        return {name: table(name, sorted(values, key=itemgetter(0))) for name, values in rows.items() if values}


def analysed(
    clone: Clone, blobs: Sequence[str], *, secret: bytes, workers: int, limits: Limits, progress: Progress
) -> Iterator[Contents]:
    """Everything about `blobs`, some hundred at a time, in the order that they get ready. Raises GitError."""
    found = sizes(clone, blobs)
    part = Contents()
    for done, (blob, result) in enumerate(_results(clone, found, secret, workers, limits), start=1):
        part.add(blob, found[blob], result)
        progress("analysing files", done, len(blobs))
        if len(part.blobs) == limits.batch_files:
            yield part
            part = Contents()
    if part.blobs:
        yield part


def _results(
    clone: Clone, found: dict[str, int], secret: bytes, workers: int, limits: Limits
) -> Iterator[tuple[str, Analysis]]:
    small = [(blob, size) for blob, size in found.items() if size <= limits.file_bytes]
    for blob, size in found.items():
        if size > limits.file_bytes:
            yield blob, refused("too_large", f"{size:,} bytes; at most {limits.file_bytes:,} are analysed")
    with Pool(workers, analysis.prepare, limits.file_seconds, limits.file_memory) as pool:
        failed: dict[str, Answer] = {}
        for answer in pool.map(_calls(clone, small, secret)):
            if isinstance(answer.value, Analysis):
                yield answer.key, answer.value
            else:
                failed[answer.key] = answer
        # bandit takes the square of a statement's lines and radon does not: the numbers may still be had
        for answer in pool.map(_calls(clone, [(blob, found[blob]) for blob in failed], None)):
            yield answer.key, _second(failed[answer.key], answer)


def _calls(clone: Clone, sized: list[tuple[str, int]], secret: bytes | None) -> Iterator[Call]:
    return (Call(blob, analysis.analyse, (content, secret)) for blob, content in contents(clone, sized))


def _second(first: Answer, second: Answer) -> Analysis:
    """What is left of a content whose analysis failed, when it was then only measured."""
    rule, sentence = FAILURES[first.failure or "error"]
    message = f"{sentence} ({first.detail})" if first.detail else sentence
    if not isinstance(second.value, Analysis):
        return refused(rule, message)
    return replace(second.value, findings=(problem(rule, f"not checked for security: {message}"),))


def refused(rule: str, reason: str) -> Analysis:
    """The analysis of a content that could not be analysed."""
    return Analysis(reason[:500], Numbers(), findings=(problem(rule, reason),))
