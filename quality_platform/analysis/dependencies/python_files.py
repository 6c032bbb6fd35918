"""Python's manifests and lock files: requirements, pyproject.toml, setup.cfg, setup.py, Pipfile, and four locks."""

from __future__ import annotations

import ast
import configparser
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import rtoml
from packaging.requirements import InvalidRequirement, Requirement

from quality_platform.analysis.dependencies.dependency import Dependency, pinned, python_name

PYPI = "PyPI"
DEVELOPMENT = re.compile(r"dev|test|doc|lint|typing|ci|check|format|style|bench", re.IGNORECASE)
CREDENTIALS = re.compile(r"(?<=://)[^/@]*@")
CONTINUED = re.compile(r"\\\r?\n")


def requirement(text: str, scope: str = "runtime") -> Dependency | None:
    """The dependency that a line of PEP 508 names; None when it is none."""
    try:
        parsed = Requirement(text)
    except InvalidRequirement:
        return None
    specifier = (
        str(parsed.specifier) if parsed.url is None else f"@ {CREDENTIALS.sub('', parsed.url).partition('#')[0]}"
    )
    marker = str(parsed.marker) if parsed.marker is not None else None
    return Dependency(PYPI, python_name(parsed.name), specifier, pinned(specifier), scope, False, marker)


def _all(texts: Iterable[object], scope: str) -> Iterator[Dependency]:
    for text in texts:
        found = requirement(text, scope) if isinstance(text, str) else None
        if found is not None:
            yield found


def requirements(text: str, path: str = "") -> Iterator[Dependency]:
    """A requirements file; options, other files and bare addresses name no package."""
    scope = "dev" if DEVELOPMENT.search(path.rpartition("/")[2]) else "runtime"
    for line in CONTINUED.sub(" ", text).splitlines():
        bare = re.sub(r"(^|\s)#.*$", "", line).strip()
        # hashes and other options of a line stand behind it
        found = requirement(re.split(r"\s--", bare)[0].strip(), scope) if bare and not bare.startswith("-") else None
        if found is not None:
            yield found._replace(locked="--hash" in line)


def pyproject(text: str, path: str = "") -> Iterator[Dependency]:
    """PEP 621, PEP 735 and Poetry's own tables."""
    data = rtoml.loads(text)
    project = data.get("project") or {}
    yield from _all(project.get("dependencies") or (), "runtime")
    for name, texts in (project.get("optional-dependencies") or {}).items():
        yield from _all(texts, "dev" if DEVELOPMENT.fullmatch(name) else "optional")
    for texts in (data.get("dependency-groups") or {}).values():
        yield from _all(texts, "dev")
    yield from _all((data.get("build-system") or {}).get("requires") or (), "dev")
    poetry = (data.get("tool") or {}).get("poetry") or {}
    yield from _poetry(poetry.get("dependencies") or {}, "runtime")
    yield from _poetry(poetry.get("dev-dependencies") or {}, "dev")
    for group in (poetry.get("group") or {}).values():
        yield from _poetry(group.get("dependencies") or {}, "dev")


def _poetry(table: Mapping[str, Any], scope: str) -> Iterator[Dependency]:
    for name, value in table.items():
        if name.lower() != "python":
            version = value if isinstance(value, str) else value.get("version", "") if isinstance(value, dict) else ""
            exact = re.fullmatch(r"=?=?(\d[\w.!+-]*)", str(version))
            yield Dependency(PYPI, python_name(name), str(version), exact[1] if exact else None, scope, False)


def setup_cfg(text: str, path: str = "") -> Iterator[Dependency]:
    """The options of setuptools' older form."""
    parser = configparser.RawConfigParser(strict=False)
    parser.read_string(text)
    if parser.has_option("options", "install_requires"):
        yield from _all(parser.get("options", "install_requires").splitlines(), "runtime")
    if parser.has_section("options.extras_require"):
        for name, texts in parser.items("options.extras_require"):
            yield from _all(texts.splitlines(), "dev" if DEVELOPMENT.fullmatch(name) else "optional")


def setup_py(text: str, path: str = "") -> Iterator[Dependency]:
    """What a call of `setup` is given as it stands; nothing is run, so what is computed is not seen."""
    tree = ast.parse(text)
    constants = {
        target.id: node.value for node in tree.body if isinstance(node, ast.Assign)
        for target in node.targets if isinstance(target, ast.Name)
    }  # fmt: skip
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "setup":
            for keyword in node.keywords:
                value = constants.get(keyword.value.id) if isinstance(keyword.value, ast.Name) else keyword.value
                yield from (
                    _all(_texts(value), "runtime" if keyword.arg == "install_requires" else "optional")
                    if (keyword.arg in ("install_requires", "extras_require"))
                    else ()
                )


def _texts(node: ast.AST | None) -> list[str]:
    nodes = ast.walk(node) if node is not None else ()
    keys = {id(key) for part in nodes if isinstance(part, ast.Dict) for key in part.keys} if node is not None else set()
    found = (part for part in ast.walk(node) if isinstance(part, ast.Constant)) if node is not None else ()
    return [part.value for part in found if isinstance(part.value, str) and id(part) not in keys]


def pipfile(text: str, path: str = "") -> Iterator[Dependency]:
    """Pipenv's manifest."""
    data = rtoml.loads(text)
    for table, scope in (("packages", "runtime"), ("dev-packages", "dev")):
        for name, value in (data.get(table) or {}).items():
            specifier = (
                value if isinstance(value, str) else str(value.get("version", "")) if isinstance(value, dict) else ""
            )
            yield Dependency(PYPI, python_name(name), specifier, pinned(specifier), scope, False)


def pipfile_lock(text: str, path: str = "") -> Iterator[Dependency]:
    """Pipenv's lock."""
    data = json.loads(text)
    for table, scope in (("default", "runtime"), ("develop", "dev")):
        for name, value in (data.get(table) or {}).items():
            specifier = str(value.get("version", ""))
            yield Dependency(PYPI, python_name(name), specifier, pinned(specifier), scope, True, value.get("markers"))


def toml_lock(text: str, path: str = "") -> Iterator[Dependency]:
    """poetry.lock, uv.lock, pdm.lock (`package`) and pylock.toml (`packages`), without the project itself."""
    data = rtoml.loads(text)
    for entry in data.get("package") or data.get("packages") or ():
        source = entry.get("source")
        own = isinstance(source, dict) and ("editable" in source or "virtual" in source)
        version = entry.get("version")
        if not own and isinstance(version, str):
            scope = "dev" if entry.get("category") == "dev" or entry.get("groups") == ["dev"] else "runtime"
            name, uploaded = python_name(str(entry["name"])), _uploaded(entry)
            yield Dependency(PYPI, name, f"=={version}", version, scope, True, released_at=uploaded)


def _uploaded(entry: Mapping[str, Any]) -> int | None:
    """When the first file of the package was uploaded, which uv.lock and pylock.toml tell, in microseconds."""
    wheels = entry.get("wheels")
    files = [entry.get("sdist"), *(wheels if isinstance(wheels, list) else ())]
    told = [file.get("upload-time") for file in files if isinstance(file, dict)]
    instants = [_microseconds(each) for each in told if isinstance(each, str | datetime)]
    return min((instant for instant in instants if instant is not None), default=None)


@lru_cache(maxsize=100_000)  # a history of locks tells the same instants again and again
def _microseconds(value: str | datetime) -> int | None:
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        return int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() * 1_000_000)
    except (ValueError, OverflowError):
        return None
