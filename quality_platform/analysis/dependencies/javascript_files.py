"""Manifests and lock files of npm, yarn, pnpm and bun. Does not belong here: which file is which (`read.py`)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from quality_platform.analysis.dependencies.dependency import Dependency

NPM = "npm"
EXACT = re.compile(r"v?\d+\.\d+\.\d+[\w.+-]*")
TABLES = {"dependencies": "runtime", "devDependencies": "dev", "optionalDependencies": "optional",
          "peerDependencies": "optional"}  # fmt: skip
# what may repeat is bounded: a line of a million characters would be looked at as many times
PNPM = re.compile(
    r"^  '?/?(?P<name>(?:@[^/@\s]{1,200}/)?[^/@\s:']{1,200})[@/](?P<version>\d[^\s:'(_]{0,100})[^\s:]{0,500}:"
    r"[ \t]{0,20}$(?P<rest>(?:\n    [^\n]*)*)",
    re.MULTILINE,
)
BUN = re.compile(
    r'^[ \t]{1,20}"[^"\n]{1,500}": \["(?P<name>(?:@[^/"\n]{1,200}/)?[^"@\n]{1,200})@(?P<version>\d[^"\n]{0,100})"',
    re.MULTILINE,
)
YARN = re.compile(r'^"?(?P<name>(?:@[^/@"\s]+/)?[^@"\s]+)@[^\n]*:\n\s+version:?\s+"?(?P<version>[^"\s]+)', re.MULTILINE)


def package_json(text: str, path: str = "") -> Iterator[Dependency]:
    """npm's manifest."""
    data = json.loads(text)
    for table, scope in TABLES.items():
        for name, specifier in (data.get(table) or {}).items():
            exact = str(specifier) if EXACT.fullmatch(str(specifier)) else None
            yield Dependency(NPM, name, str(specifier), exact, scope, False)


def package_lock(text: str, path: str = "") -> Iterator[Dependency]:
    """npm's lock, of all three versions."""
    data = json.loads(text)
    for place, entry in (data.get("packages") or {}).items():
        if "node_modules/" in place and isinstance(entry, dict) and "version" in entry and not entry.get("link"):
            yield _npm(str(entry.get("name") or place.rpartition("node_modules/")[2]), entry)
    if "packages" not in data:
        yield from _older(data.get("dependencies") or {})


def _older(table: dict[str, Any]) -> Iterator[Dependency]:
    waiting = [table]
    while waiting:
        for name, entry in waiting.pop().items():
            if isinstance(entry, dict) and "version" in entry:
                yield _npm(name, entry)
                waiting.append(entry.get("dependencies") or {})


def _npm(name: str, entry: dict[str, Any]) -> Dependency:
    version = str(entry["version"])
    scope = "dev" if entry.get("dev") else "optional" if entry.get("optional") else "runtime"
    exact = version if EXACT.fullmatch(version) else None
    return Dependency(NPM, name, version, exact, scope, True, licence=_licence(entry.get("license")))


def _licence(given: object) -> str | None:
    """A text, or the older forms: `{"type": "MIT"}`, and a list of them, any of which may be chosen."""
    if isinstance(given, dict):
        return _licence(given.get("type"))
    if isinstance(given, list):
        return " OR ".join(filter(None, map(_licence, given))) or None
    return given if isinstance(given, str) and given else None


def yarn_lock(text: str, path: str = "") -> Iterator[Dependency]:
    """yarn's lock, of the first form and the later one; it does not say what is for development."""
    for match in YARN.finditer(text):
        yield Dependency(NPM, match["name"], match["version"], match["version"], "runtime", True)


def pnpm_lock(text: str, path: str = "") -> Iterator[Dependency]:
    """pnpm's lock: the keys of `packages`, in the forms `/react/18.2.0`, `/react@18.2.0` and `react@18.2.0`."""
    for match in PNPM.finditer(text.partition("\npackages:\n")[2].partition("\nsnapshots:\n")[0]):
        scope = "dev" if "\n    dev: true" in match["rest"] else "runtime"
        yield Dependency(NPM, match["name"], match["version"], match["version"], scope, True)


def bun_lock(text: str, path: str = "") -> Iterator[Dependency]:
    """bun's lock, which is JSON with commas too many; it does not say what is for development."""
    for match in BUN.finditer(text.partition('"packages": {')[2]):
        yield Dependency(NPM, match["name"], match["version"], match["version"], "runtime", True)
