"""A dependency as a row of `code_dependencies`, and names as their registries compare them."""

from __future__ import annotations

import re
from typing import NamedTuple


class Dependency(NamedTuple):
    """A package that a file names. `version` where it is pinned to one; `scope` runtime, dev or optional.

    `licence` and `released_at` (microseconds since 1970) where the file says so.
    """

    ecosystem: str
    name: str
    specifier: str
    version: str | None
    scope: str
    locked: bool
    marker: str | None = None
    licence: str | None = None
    released_at: int | None = None


def python_name(name: str) -> str:
    """The name as PyPI compares it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned(specifier: str) -> str | None:
    """The one version that a specifier allows, None when it allows several."""
    match = re.fullmatch(r"\s*={2,3}\s*([^\s,;*]+)\s*", specifier)
    return match[1] if match else None
