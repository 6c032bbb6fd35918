"""Manifests and lock files of JavaScript, Rust and Go."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import rtoml

from quality_platform.analysis.dependencies.dependency import Dependency

NPM, CRATES, GO = "npm", "crates", "Go"
EXACT = re.compile(r"v?\d+\.\d+\.\d+[\w.+-]*")
TABLES = {"dependencies": "runtime", "devDependencies": "dev", "optionalDependencies": "optional",
          "peerDependencies": "optional"}  # fmt: skip
YARN = re.compile(r'^"?(?P<name>(?:@[^/@"\s]+/)?[^@"\s]+)@[^\n]*:\n\s+version:?\s+"?(?P<version>[^"\s]+)', re.MULTILINE)
REQUIRE = re.compile(r"^\s*(?:require\s+)?(?P<name>[\w.-]+\.[\w./~-]+)\s+(?P<version>v\S+)(?P<rest>.*)$", re.MULTILINE)


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


def cargo_toml(text: str, path: str = "") -> Iterator[Dependency]:
    """Cargo's manifest."""
    data = rtoml.loads(text)
    for table, scope in (("dependencies", "runtime"), ("dev-dependencies", "dev"), ("build-dependencies", "dev")):
        for name, value in (data.get(table) or {}).items():
            specifier = (
                value if isinstance(value, str) else str(value.get("version", "")) if isinstance(value, dict) else ""
            )
            exact = specifier.removeprefix("=") if specifier.startswith("=") else None
            yield Dependency(CRATES, name, specifier, exact, scope, False)


def cargo_lock(text: str, path: str = "") -> Iterator[Dependency]:
    """Cargo's lock; packages without a source are the project's own."""
    for entry in rtoml.loads(text).get("package") or ():
        if "source" in entry:
            version = str(entry["version"])
            yield Dependency(CRATES, str(entry["name"]), f"={version}", version, "runtime", True)


def go_mod(text: str, path: str = "") -> Iterator[Dependency]:
    """Go's modules: minimal versions, which are what is built with."""
    for match in REQUIRE.finditer(re.sub(r"(?ms)^(replace|exclude|retract)\s*(\(.*?^\)|[^\n]*)", "", text)):
        scope = "optional" if "indirect" in match["rest"] else "runtime"
        yield Dependency(GO, match["name"], match["version"], match["version"].removeprefix("v"), scope, True)
