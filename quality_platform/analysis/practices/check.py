"""What one check came to. Does not belong here: any check."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

BEST = 10.0
MOST_EVIDENCE = 5


class Practice(NamedTuple):
    """A check's points, 0 to 10, or None where there is nothing to judge; why, and the paths that say so."""

    name: str
    score: float | None
    reason: str
    evidence: list[str]


class Tree(NamedTuple):
    """Paths of a tree, and the texts of those files that a check reads."""

    paths: tuple[str, ...]
    texts: Mapping[str, str]


def present(name: str, found: Iterable[str], there: str, missing: str, score: float = BEST) -> Practice:
    """Full points where something is found, none where it is not."""
    paths = sorted(found)
    return Practice(name, score, there, paths[:MOST_EVIDENCE]) if paths else Practice(name, 0.0, missing, [])


def share(name: str, good: int, bad: Iterable[str], what: str, nothing: str) -> Practice:
    """Points by the share of what is as it should be; `bad` are the places where it is not."""
    places = list(bad)
    total = good + len(places)
    if not total:
        return Practice(name, None, nothing, [])
    return Practice(name, BEST * good / total, f"{good} of {total} {what}", sorted(set(places))[:MOST_EVIDENCE])
