"""Whether an advisory speaks of a version, and which release mends it.

The algorithm is that of OSV's schema ("Evaluation"): a version that is listed is affected; so is one that lies in a
range, whose events are taken in the order of their versions. Ranges of commits say nothing about releases.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from quality_platform.analysis.advisories.versions import BEGINNING, UnorderedError, order

Events = Sequence[Mapping[str, str]]


class Verdict(NamedTuple):
    """`affected`, and the first release after it that is not, where one is named."""

    affected: bool
    fixed_in: str | None = None


SAFE = Verdict(False)


def verdict(ecosystem: str, version: str, ranges: Sequence[Events], listed: Collection[str]) -> Verdict:
    """What an advisory with these ranges and listed versions says of `version`. Raises UnorderedError for a text that
    is no version and is not listed as it stands."""
    try:
        at = order(ecosystem, version)
    except UnorderedError:
        if version in listed:
            return Verdict(True)
        raise
    spans = [_sorted(ecosystem, events) for events in ranges]
    named = version in listed or _is_listed(ecosystem, at, listed)
    if not named and not any(_is_inside(at, span) for span in spans):
        return SAFE
    mended = [(place, text) for span in spans for place, kind, text in span if kind == "fixed" and place > at]
    return Verdict(True, min(mended)[1] if mended else None)


def _is_listed(ecosystem: str, at: Any, listed: Collection[str]) -> bool:
    for each in listed:
        try:
            if order(ecosystem, each) == at:
                return True
        except UnorderedError:
            continue
    return False


def _sorted(ecosystem: str, events: Events) -> list[tuple[Any, str, str]]:
    """(place, kind, version) of the events that can be placed."""
    found: list[tuple[Any, str, str]] = []
    for event in events:
        for kind in ("introduced", "fixed", "last_affected"):
            text = event.get(kind)
            if not isinstance(text, str):
                continue
            try:
                begins = kind == "introduced" and text == "0"
                found.append((BEGINNING if begins else order(ecosystem, text), kind, text))
            except UnorderedError:
                continue
    return sorted(found, key=lambda event: event[0])


def _is_inside(at: Any, span: Sequence[tuple[Any, str, str]]) -> bool:
    inside = False
    for place, kind, _ in span:
        if kind == "introduced" and place <= at:
            inside = True
        elif (kind == "fixed" and place <= at) or (kind == "last_affected" and place < at):
            inside = False
    return inside
