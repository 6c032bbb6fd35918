"""Versions as their ecosystem orders them.

PyPI's by PEP 440, the others' by Semantic Versioning, whose forms of Go and npm differ by a `v` and missing parts.
Does not belong here: ranges (`affected.py`).
"""

from __future__ import annotations

from functools import cache, total_ordering
from typing import Any

from packaging.version import InvalidVersion, Version
from semver import Version as Semantic

LONGEST = 200


class UnorderedError(ValueError):
    """The text is no version of that ecosystem."""


@total_ordering
class _Beginning:
    """Before all versions: what OSV writes as `0`."""

    def __lt__(self, other: object) -> bool:
        return not isinstance(other, _Beginning)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Beginning)

    def __hash__(self) -> int:
        return 0


BEGINNING = _Beginning()


@cache
def order(ecosystem: str, version: str) -> Any:
    """Something that compares as the versions of `ecosystem` do. Raises UnorderedError.

    What a packager added (`2.1.0+cpu`) is left out: the fault is that of the release.
    """
    if len(version) > LONGEST:
        raise UnorderedError(version[:20])
    try:
        if ecosystem == "PyPI":
            return Version(Version(version).public)
        bare = version.strip().lstrip("v=").strip()
        return Semantic.parse(bare, optional_minor_and_patch=True).replace(build=None)
    except (InvalidVersion, ValueError, TypeError):
        raise UnorderedError(version[:20]) from None
