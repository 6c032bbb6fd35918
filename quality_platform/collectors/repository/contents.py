"""Facts about content: each distinct file of the new commits, looked at once by each version of each tool, as rows.

Belongs here: from hashes to rows. Does not belong here: the analysis itself (`analysis/`), or batches (`collect.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from operator import itemgetter
from pathlib import Path

import pyarrow as pa

from quality_platform.analysis import content
from quality_platform.analysis.content import PYTHON, Analysis, problem
from quality_platform.analysis.facts import Finding, Numbers
from quality_platform.analysis.python import by_ruff
from quality_platform.analysis.tools import BANDIT, NUMBERS, RUFF, TEXT, Wanted
from quality_platform.collectors.contract import Progress
from quality_platform.collectors.repository.git import Clone
from quality_platform.collectors.repository.limits import Limits
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


CHUNK_BYTES = 16 * 1024 * 1024
"""Content that is held in memory at once."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a content is to be looked at."""

    language: str
    wanted: Wanted


@dataclass(slots=True)
class Contents:
    """Rows about some blobs."""

    blobs: list[str] = field(default_factory=list)
    metrics: list[tuple[object, ...]] = field(default_factory=list)
    functions: list[tuple[object, ...]] = field(default_factory=list)
    findings: list[tuple[object, ...]] = field(default_factory=list)
    analyses: list[tuple[object, ...]] = field(default_factory=list)

    def add(self, blob: str, size: int, look: Look, result: Analysis) -> None:
        """Take what the analysis of one blob gave."""
        self.blobs.append(blob)
        versions = look.wanted.versions
        if NUMBERS in versions:
            unparsed = result.unparsed_bytes if result.parser else size
            known = (blob, look.language, versions[NUMBERS], result.parser, result.reason is None, result.reason)
            self.metrics.append((*known, size, unparsed, *result.numbers))
            self.functions.extend((blob, *block) for block in result.blocks)
        self.findings.extend((blob, *finding) for finding in result.findings)
        self.analyses.extend((blob, tool, version) for tool, version in versions.items())

    def tables(self) -> dict[str, pa.Table]:
        """The rows by table."""
        rows = {
            "code_file_metrics": self.metrics,
            "code_functions": self.functions,
            "code_findings": self.findings,
            "code_analyses": self.analyses,
        }
        return {name: table(name, sorted(values, key=itemgetter(0))) for name, values in rows.items() if values}


@dataclass(frozen=True, slots=True)
class Analysts:
    """Who looks: the worker processes, and ruff beside them. `scratch` is a folder for what ruff is to read."""

    clone: Clone
    looks: Mapping[str, Look]
    scratch: Path
    secret: bytes
    limits: Limits

    def parts(self, workers: int, progress: Progress) -> Iterator[Contents]:
        """Everything about the blobs in `looks`, some hundred at a time. Raises GitError."""
        found = sizes(self.clone, list(self.looks))
        done = 0
        with (
            Pool(workers, content.prepare, self.limits.file_memory) as pool,
            ThreadPoolExecutor(1) as beside,
        ):
            for texts in self._chunks(found):
                part = Contents()
                objections = beside.submit(self._ruff, texts)
                results = {}
                for blob, result in self._results(pool, texts, found):
                    results[blob] = result
                    done += 1
                    progress("analysing files", done, len(found))
                ruff = objections.result()
                for blob, result in results.items():
                    whole = replace(result, findings=(*result.findings, *ruff.get(blob, ())))
                    part.add(blob, found[blob], self.looks[blob], whole)
                yield part

    def _chunks(self, found: Mapping[str, int]) -> Iterator[dict[str, bytes | None]]:
        """Contents for one batch, none for those that are too large: a bounded number of files and bytes."""
        large = [blob for blob, size in found.items() if size > self.limits.file_bytes]
        chunk: dict[str, bytes | None] = dict.fromkeys(large)
        total = code = 0
        for blob, text in contents(self.clone, ((key, size) for key, size in found.items() if key not in chunk)):
            if code >= self.limits.batch_files or total + len(text) > CHUNK_BYTES:
                yield chunk
                chunk, total, code = {}, 0, 0
            chunk[blob] = text
            total += len(text)
            code += self.looks[blob].language != TEXT
        if chunk:
            yield chunk

    def _results(
        self, pool: Pool, texts: Mapping[str, bytes | None], found: Mapping[str, int]
    ) -> Iterator[tuple[str, Analysis]]:
        small = {blob: text for blob, text in texts.items() if text is not None}
        for blob in texts.keys() - small.keys():
            reason = f"{found[blob]:,} bytes; at most {self.limits.file_bytes:,} are analysed"
            yield blob, refused("too_large", reason)
        for blob in [blob for blob in small if self.looks[blob].language == TEXT]:
            # patterns in linear time, which need no process that can be killed
            yield blob, content.analyse(small.pop(blob), TEXT, self.looks[blob].wanted, self.secret)
        failed: dict[str, Answer] = {}
        for answer in pool.map(self._call(blob, text, self.looks[blob].wanted) for blob, text in small.items()):
            if isinstance(answer.value, Analysis):
                yield answer.key, answer.value
            else:
                failed[answer.key] = answer
        # bandit takes the square of a statement's lines and the numbers do not: they may still be had
        for answer in pool.map(
            self._call(blob, small[blob], _without_bandit(self.looks[blob].wanted)) for blob in failed
        ):
            yield answer.key, _second(failed[answer.key], answer)

    def _call(self, blob: str, text: bytes, wanted: Wanted) -> Call:
        seconds = self.limits.bandit_seconds if BANDIT in wanted.tools else self.limits.file_seconds
        return Call(blob, content.analyse, (text, self.looks[blob].language, wanted, self.secret), seconds)

    def _ruff(self, texts: Mapping[str, bytes | None]) -> dict[str, tuple[Finding, ...]]:
        wanted = {
            blob: text
            for blob, text in texts.items()
            if text is not None and RUFF in self.looks[blob].wanted.tools and self.looks[blob].language == PYTHON
        }
        return _ruff(wanted, self.scratch, self.secret) if wanted else {}


def _ruff(texts: Mapping[str, bytes], scratch: Path, secret: bytes) -> dict[str, tuple[Finding, ...]]:
    """Ruff's findings; where it fails on many files, on which of them."""
    try:
        return by_ruff.find(texts, scratch, secret)
    except by_ruff.RuffError as error:
        if len(texts) == 1:
            return {blob: (problem("unchecked", str(error)),) for blob in texts}
    halves = list(texts.items())
    middle = len(halves) // 2
    return _ruff(dict(halves[:middle]), scratch, secret) | _ruff(dict(halves[middle:]), scratch, secret)


def _without_bandit(wanted: Wanted) -> Wanted:
    return replace(wanted, tools=tuple(tool for tool in wanted.tools if tool != BANDIT))


def _second(first: Answer, second: Answer) -> Analysis:
    """What is left of a content whose analysis failed, when it was then looked at without bandit."""
    rule, sentence = FAILURES[first.failure or "error"]
    message = f"{sentence} ({first.detail})" if first.detail else sentence
    if not isinstance(second.value, Analysis):
        return refused(rule, message)
    finding = problem(rule, f"not checked by bandit: {message}")
    return replace(second.value, findings=(*second.value.findings, finding))


def refused(rule: str, reason: str) -> Analysis:
    """The analysis of a content that could not be analysed."""
    return Analysis(reason[:500], None, 0, Numbers(), findings=(problem(rule, reason),))
