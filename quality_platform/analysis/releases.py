"""Which tags are releases, and which release was the first to hold a commit.

Belongs here: names as versions, the walk over the graph. Does not belong here: what follows for delivery (dbt).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

VERSION = re.compile(
    r"(?P<prefix>(?:[A-Za-z][\w./-]{0,100}?[-/@_])?)[vV]?(?P<major>\d{1,6})(?:\.(?P<minor>\d{1,6}))?(?:\.(?P<patch>\d{1,6}))?"
    r"(?P<rest>(?:\.\d{1,6})*)(?P<pre>(?:[-._+]?[A-Za-z][\w.+-]{0,60})?)"
)
PRERELEASE = re.compile(
    r"[-._]?(?:a|alpha|b|beta|c|rc|pre|preview|dev|snapshot|nightly|canary|next)[-._]?\d*.*", re.IGNORECASE
)
Kind = Literal["major", "minor", "patch", "prerelease"]


class Release(NamedTuple):
    """A tag that is named like a version; `series` is what its patches share."""

    name: str
    prefix: str
    major: int
    minor: int
    patch: int
    kind: Kind

    @property
    def series(self) -> str:
        """Such as `2.3`, or `server-2.3`."""
        return f"{self.prefix}{self.major}.{self.minor}"


def release(name: str) -> Release | None:
    """The tag `name` as a release; None when it is not named like a version. `20240101` is a version too."""
    found = VERSION.fullmatch(name)
    if found is None:
        return None
    major, minor, patch = (int(found[part] or 0) for part in ("major", "minor", "patch"))
    if PRERELEASE.fullmatch(found["pre"]):
        kind: Kind = "prerelease"
    elif patch or found["rest"].strip(".0"):
        kind = "patch"
    else:
        kind = "minor" if minor else "major"
    return Release(name, found["prefix"], major, minor, patch, kind)


def first_release(parents: Mapping[str, Sequence[str]], releases: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Commit to the name of the first of `releases` (name and commit, oldest first) that holds it.

    Each commit is visited once, whatever number of releases hold it.
    """
    found: dict[str, str] = {}
    for name, commit in releases:
        waiting = [commit]
        while waiting:
            each = waiting.pop()
            if each in parents and each not in found:
                found[each] = name
                waiting.extend(parents[each])
    return found
