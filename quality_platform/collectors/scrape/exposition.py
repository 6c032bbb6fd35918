"""Prometheus' text format 0.0.4 and OpenMetrics, read by prometheus_client's own parsers.

Belongs here: choosing the parser, limits, going on where a line is wrong. Does not belong here: rows (`rows.py`).

The parsers stop at the first mistake, and OpenMetrics' is strict. Then every line is read by itself, so that a mistake
costs its line and not the thousand good ones beside it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from prometheus_client import parser as plain
from prometheus_client.openmetrics import parser as strict
from prometheus_client.samples import Sample

SAMPLE_LIMIT = 50_000
LINE_LIMIT = 16 * 1024
"""Characters of a line. Labels are read in time that grows with the square of the line's length."""

_TYPE = re.compile(r"# TYPE (\S+) (\w+)$")
_EXEMPLAR = re.compile(r" # \{.*$")


class UnreadableError(Exception):
    """There is not a single sample in what a target shows."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One sample and the declared type of its family; `unknown` where none is declared."""

    name: str
    labels: dict[str, str]
    value: float
    type: str


@dataclass(slots=True)
class Exposition:
    """What a target shows. `faults` are places and reasons of what was left out."""

    samples: list[Shown] = field(default_factory=list)
    faults: list[tuple[str, str]] = field(default_factory=list)


def read(body: bytes, media_type: str, seconds: float, *, cut: bool = False) -> Exposition:
    """The samples in `body`. `cut` says that its end is missing. Raises UnreadableError."""
    text = body.decode("utf-8", "replace")
    found = Exposition()
    if cut:
        text = text[: text.rfind("\n") + 1]
        found.faults.append(("body", f"It is longer than {len(body)} bytes; the rest is left out."))
    lines = text.split("\n")  # not splitlines: a label may hold what Unicode calls a line separator
    if max(map(len, lines), default=0) > LINE_LIMIT:
        found.faults += [(f"line {n}", f"It is longer than {LINE_LIMIT} characters.") for n, line in
                         enumerate(lines, 1) if len(line) > LINE_LIMIT]  # fmt: skip
        text = "".join(f"{line}\n" for line in lines if len(line) <= LINE_LIMIT)
    is_open = "openmetrics" in media_type.lower()
    deadline = time.monotonic() + seconds
    try:
        _take(found, _families(text, is_open=is_open), deadline)
    except (ValueError, KeyError, IndexError, TypeError):  # the parsers raise these for a line that is wrong
        found.samples.clear()
        _take(found, _by_line(text, found), deadline)
    if not found.samples and (cut or text.strip().removesuffix("# EOF").strip()):
        raise UnreadableError("no metrics in Prometheus' text format or OpenMetrics")
    return found


def _families(text: str, *, is_open: bool) -> Iterator[Shown]:
    families = (strict if is_open else plain).text_string_to_metric_families(text)
    for family in families:
        for sample in family.samples:
            yield _shown(sample, family.type)


def _by_line(text: str, found: Exposition) -> Iterator[Shown]:
    """Each line by itself, with the type that was declared for its family."""
    types: dict[str, str] = {}
    for number, line in enumerate(text.split("\n"), 1):
        declared = _TYPE.match(line)
        if declared:
            types[declared[1]] = declared[2]
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            for family in plain.text_string_to_metric_families(_EXEMPLAR.sub("", line)):
                for sample in family.samples:
                    yield _shown(sample, _type_of(sample.name, types))
        except (ValueError, KeyError, IndexError, TypeError):
            found.faults.append((f"line {number}", "It is no sample."))


def _type_of(name: str, types: dict[str, str]) -> str:
    stem = re.sub(r"_(?:total|count|sum|bucket|created|gcount|gsum|info)$", "", name)
    return types.get(name) or types.get(stem) or "unknown"


def _take(found: Exposition, samples: Iterator[Shown], deadline: float) -> None:
    for sample in samples:
        if len(found.samples) >= SAMPLE_LIMIT:
            found.faults.append(("body", f"It has more than {SAMPLE_LIMIT} samples; the rest is left out."))
            return
        found.samples.append(sample)
        if len(found.samples) % 1000 == 0 and time.monotonic() > deadline:
            found.faults.append(("body", "Reading took too long; the rest is left out."))
            return


def _shown(sample: Sample, kind: str) -> Shown:
    return Shown(sample.name, sample.labels, float(sample.value), "unknown" if kind == "untyped" else kind)
