"""Reads a manifest or lock file, told by its name. A new format is an entry of `FORMATS` and a function.

Does not belong here: a particular format.
"""

from __future__ import annotations

import configparser
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

import rtoml

from quality_platform.analysis.dependencies import javascript_files, other_files, python_files
from quality_platform.analysis.dependencies.dependency import Dependency

MOST = 20_000
LONGEST = 1_000


class Format(NamedTuple):
    """A form of file: the names it goes by, and what reads it."""

    name: str
    pattern: str
    read: Callable[[str, str], Iterator[Dependency]]


FORMATS = (
    Format("requirements.txt", r"(?:.*[-_.])?requirements?(?:[-_.].*)?\.(?:txt|in|lock)|requirements/.*\.(?:txt|in)",
           python_files.requirements),
    Format("pyproject.toml", r"pyproject\.toml", python_files.pyproject),
    Format("setup.cfg", r"setup\.cfg", python_files.setup_cfg),
    Format("setup.py", r"setup\.py", python_files.setup_py),
    Format("Pipfile", r"Pipfile", python_files.pipfile),
    Format("Pipfile.lock", r"Pipfile\.lock", python_files.pipfile_lock),
    Format("lock", r"(?:poetry|uv|pdm)\.lock|pylock(?:\..*)?\.toml", python_files.toml_lock),
    Format("package.json", r"package\.json", javascript_files.package_json),
    Format("package-lock.json", r"package-lock\.json|npm-shrinkwrap\.json", javascript_files.package_lock),
    Format("yarn.lock", r"yarn\.lock", javascript_files.yarn_lock),
    Format("pnpm-lock.yaml", r"pnpm-lock\.yaml", javascript_files.pnpm_lock),
    Format("bun.lock", r"bun\.lock", javascript_files.bun_lock),
    Format("Cargo.toml", r"Cargo\.toml", other_files.cargo_toml),
    Format("Cargo.lock", r"Cargo\.lock", other_files.cargo_lock),
    Format("go.mod", r"go\.mod", other_files.go_mod),
    Format("composer.lock", r"composer\.lock", other_files.composer_lock),
    Format("Gemfile.lock", r"Gemfile\.lock", other_files.gemfile_lock),
    Format("gradle.lockfile", r"gradle\.lockfile", other_files.gradle_lock),
    Format("pom.xml", r"pom\.xml", other_files.pom),
)  # fmt: skip
PATTERNS = tuple((form, re.compile(rf"(?:.*/)?(?:{form.pattern})")) for form in FORMATS)
BROKEN = (ValueError, TypeError, AttributeError, KeyError, SyntaxError, RecursionError, configparser.Error)
"""What a file that is not what its name says makes of its reader (JSON's and TOML's errors are ValueErrors)."""

assert issubclass(rtoml.TomlParsingError, ValueError)


def format_of(path: str) -> Format | None:
    """The form of the file at `path`; None when its name is that of no manifest."""
    return next((form for form, pattern in PATTERNS if pattern.fullmatch(path)), None)


def read(content: bytes, path: str) -> tuple[list[Dependency], str | None]:
    """The dependencies that the file names, each once, and why some could not be read."""
    form = format_of(path)
    assert form is not None
    found: dict[tuple[object, ...], Dependency] = {}
    try:
        for dependency in form.read(content.decode("utf-8-sig", "replace"), path):
            if len(found) < MOST and dependency.name and len(dependency.name) <= LONGEST:
                kept = dependency._replace(
                    specifier=dependency.specifier[:LONGEST],
                    marker=(dependency.marker or "")[:LONGEST] or None,
                    licence=(dependency.licence or "")[:LONGEST] or None,
                )
                found.setdefault((kept.ecosystem, kept.name, kept.specifier, kept.scope), kept)
    except BROKEN as error:
        return list(found.values()), f"{form.name}: {error}"[:500]
    return list(found.values()), None
