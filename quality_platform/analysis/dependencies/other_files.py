"""Manifests and lock files of Rust, Go, PHP, Ruby and Java. Does not belong here: which file is which (`read.py`)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import rtoml
from defusedxml import ElementTree

from quality_platform.analysis.dependencies.dependency import Dependency

CRATES, GO, PACKAGIST, RUBYGEMS, MAVEN = "crates", "Go", "Packagist", "RubyGems", "Maven"
REQUIRE = re.compile(r"^\s*(?:require\s+)?(?P<name>[\w.-]+\.[\w./~-]+)\s+(?P<version>v\S+)(?P<rest>.*)$", re.MULTILINE)
GEM = re.compile(r"^    (?P<name>[\w.-]+) \((?P<version>\d[^\s)]*)\)$", re.MULTILINE)
GRADLE = re.compile(r"^(?P<name>[\w.-]+:[\w.-]+):(?P<version>[^\s:=]+)=(?P<configurations>.*)$", re.MULTILINE)
XML_LIMIT = 2_000_000
"""A tree of XML takes a hundred times its text."""

SCOPES = {"test": "dev", "provided": "optional"}


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


def composer_lock(text: str, path: str = "") -> Iterator[Dependency]:
    """Composer's lock, with licences, any of which may be chosen."""
    data = json.loads(text)
    for table, scope in (("packages", "runtime"), ("packages-dev", "dev")):
        for entry in data.get(table) or ():
            version = str(entry["version"]).removeprefix("v")
            licences = [each for each in entry.get("license") or () if isinstance(each, str)]
            licence = " OR ".join(licences) or None
            yield Dependency(PACKAGIST, str(entry["name"]).lower(), version, version, scope, True, licence=licence)


def gemfile_lock(text: str, path: str = "") -> Iterator[Dependency]:
    """Bundler's lock; it does not say what is for development."""
    for match in GEM.finditer(text):
        yield Dependency(RUBYGEMS, match["name"], match["version"], match["version"], "runtime", True)


def gradle_lock(text: str, path: str = "") -> Iterator[Dependency]:
    """Gradle's lock of all configurations."""
    for match in GRADLE.finditer(text):
        names = match["configurations"].split(",")
        scope = "runtime" if any("test" not in name.lower() for name in names) else "dev"
        yield Dependency(MAVEN, match["name"], match["version"], match["version"], scope, True)


def pom(text: str, path: str = "") -> Iterator[Dependency]:
    """Maven's manifest; a version that a property or a parent gives is not known from the file."""
    if len(text) > XML_LIMIT:
        raise ValueError(f"more than {XML_LIMIT:,} characters")
    root = ElementTree.fromstring(text)
    for node in root.iterfind(".//{*}dependency"):
        group, artifact, version, scope = (
            (node.findtext(f"{{*}}{tag}") or "").strip() for tag in ("groupId", "artifactId", "version", "scope")
        )
        exact = version if version and version[0].isdigit() else None
        yield Dependency(MAVEN, f"{group}:{artifact}", version, exact, SCOPES.get(scope, "runtime"), False)
