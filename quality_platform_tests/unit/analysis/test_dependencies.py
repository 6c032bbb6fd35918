"""Manifests and locks of every format, as they are found in repositories, and what only goes by their name."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import pytest

from quality_platform.analysis.dependencies.dependency import pinned, python_name
from quality_platform.analysis.dependencies.read import FORMATS, format_of, read

PYPROJECT = """
[build-system]
requires = ["hatchling>=1.27"]
[project]
name = "shop"
dependencies = ["Flask>=3", "jinja2==3.1.4; python_version > '3.8'", "local @ git+https://me:token@host/x.git#egg=x"]
[project.optional-dependencies]
pdf = ["reportlab"]
dev = ["pytest==8.0"]
[dependency-groups]
docs = ["sphinx", {include-group = "x"}]
[tool.poetry.dependencies]
python = "^3.11"
django = "5.0.1"
celery = {version = "^5", extras = ["redis"]}
[tool.poetry.group.test.dependencies]
mypy = "*"
"""
LOCK = """
[[package]]
name = "shop"
version = "1"
source = { editable = "." }
[[package]]
name = "Jinja2"
version = "3.1.4"
source = { registry = "x" }
"""
SETUP = """
from setuptools import setup
REQUIRES = ["requests>=2", "six==1.16"]
print(open("/etc/passwd"))
setup(name="x", install_requires=REQUIRES, extras_require={"socks": ["pysocks"]}, python_requires=">=3")
"""
NPM = {"dependencies": {"react": "^18.0.0", "left-pad": "1.3.0"}, "devDependencies": {"jest": "29.0.0"}}
NPM_LOCK = {
    "lockfileVersion": 3,
    "packages": {
        "": {"name": "shop"}, "node_modules/react": {"version": "18.2.0"},
        "node_modules/a/node_modules/@b/c": {"version": "1.0.0", "dev": True},
        "node_modules/own": {"version": "1.0.0", "link": True},
    },
}  # fmt: skip
NPM_LOCK_1 = {"dependencies": {"a": {"version": "1.0.0", "dependencies": {"b": {"version": "2.0.0", "dev": True}}}}}
YARN = 'lodash@^4.0.0, lodash@^4.17.0:\n  version "4.17.21"\n  resolved "x"\n\n"@b/c@^1":\n  version "1.2.3"\n'
PNPM = """lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      react: {specifier: ^18, version: 18.2.0}
packages:
  react@18.2.0:
    resolution: {integrity: x}
  '@b/c@1.0.0-rc.1(react@18.2.0)':
    resolution: {integrity: x}
    dev: true
  /left-pad/1.3.0:
    resolution: {integrity: x}
  /@d/e@2.0.0:
    resolution: {integrity: x}
snapshots:
  other@9.9.9: {}
"""
BUN = """{
  "workspaces": {"": {"dependencies": {"react": "^18"}}},
  "packages": {
    "@b/c": ["@b/c@7.29.7", "", { "dependencies": { "react": "^18.0.0" } }, "sha512-x=="],

    "a/react": ["react@18.2.0", "", {}, "sha512-x=="],
    "own": ["own@workspace:packages/own"],
  }
}
"""
POM = """<?xml version="1.0"?>
<project xmlns="http://maven.apache.org/POM/4.0.0"><dependencies>
  <dependency><groupId>com.a</groupId><artifactId>b</artifactId><version>1.2</version></dependency>
  <dependency><groupId>org.junit</groupId><artifactId>junit</artifactId><version>${junit}</version><scope>test</scope></dependency>
  <dependency><groupId>c</groupId><artifactId>d</artifactId></dependency>
</dependencies></project>
"""
CARGO = '[dependencies]\nserde = "1.0"\nrand = { version = "=0.8.5" }\n[dev-dependencies]\ncriterion = "0.5"\n'
CARGO_LOCK = '[[package]]\nname = "own"\nversion = "1.0.0"\n[[package]]\nname = "serde"\nversion = "1.0.1"\nsource = "registry"\n'
GO = "module x\ngo 1.22\nrequire (\n\tgithub.com/a/b v1.2.3\n\tgolang.org/x/net v0.1.0 // indirect\n)\nrequire k8s.io/api v0.29.0\nreplace github.com/a/b => ../b\n"

# path and content, and (name, specifier, version, scope, locked) of what is named
CASES = {
    "requirements": ("requirements/base.txt", "# c\n-r other.txt\nFlask_Login == 0.6.3  # why\nuvicorn[standard]>=0.2 ; sys_platform == 'linux'\n--index-url https://x\nhttps://x/y.whl\n", [("flask-login", "==0.6.3", "0.6.3", "runtime", False), ("uvicorn", ">=0.2", None, "runtime", False)]),
    "hashes": ("requirements-dev.txt", "six==1.16.0 \\\n    --hash=sha256:abc \\\n    --hash=sha256:def\n", [("six", "==1.16.0", "1.16.0", "dev", True)]),
    "pyproject": ("pyproject.toml", PYPROJECT, [
        ("flask", ">=3", None, "runtime", False), ("jinja2", "==3.1.4", "3.1.4", "runtime", False),
        ("local", "@ git+https://host/x.git", None, "runtime", False), ("reportlab", "", None, "optional", False),
        ("pytest", "==8.0", "8.0", "dev", False), ("sphinx", "", None, "dev", False), ("hatchling", ">=1.27", None, "dev", False),
        ("django", "5.0.1", "5.0.1", "runtime", False), ("celery", "^5", None, "runtime", False), ("mypy", "*", None, "dev", False),
    ]),
    "setup.cfg": ("setup.cfg", "[options]\ninstall_requires =\n    requests>=2\n    six==1.16\n[options.extras_require]\ntest = pytest\n", [("requests", ">=2", None, "runtime", False), ("six", "==1.16", "1.16", "runtime", False), ("pytest", "", None, "dev", False)]),
    "setup.py": ("setup.py", SETUP, [("requests", ">=2", None, "runtime", False), ("six", "==1.16", "1.16", "runtime", False), ("pysocks", "", None, "optional", False)]),
    "pipfile": ("Pipfile", '[packages]\nflask = "*"\nsix = {version = "==1.16"}\n[dev-packages]\npytest = ">=8"\n', [("flask", "*", None, "runtime", False), ("six", "==1.16", "1.16", "runtime", False), ("pytest", ">=8", None, "dev", False)]),
    "pipfile.lock": ("Pipfile.lock", json.dumps({"_meta": {}, "default": {"six": {"version": "==1.16.0"}}, "develop": {"pytest": {"version": "==8.0"}}}), [("six", "==1.16.0", "1.16.0", "runtime", True), ("pytest", "==8.0", "8.0", "dev", True)]),
    "uv.lock": ("uv.lock", LOCK, [("jinja2", "==3.1.4", "3.1.4", "runtime", True)]),
    "poetry.lock": ("a/poetry.lock", LOCK.replace("editable", "virtual"), [("jinja2", "==3.1.4", "3.1.4", "runtime", True)]),
    "pylock": ("pylock.dev.toml", '[[packages]]\nname = "six"\nversion = "1.16"\n', [("six", "==1.16", "1.16", "runtime", True)]),
    "package.json": ("web/package.json", json.dumps(NPM), [("react", "^18.0.0", None, "runtime", False), ("left-pad", "1.3.0", "1.3.0", "runtime", False), ("jest", "29.0.0", "29.0.0", "dev", False)]),
    "package-lock": ("package-lock.json", json.dumps(NPM_LOCK), [("react", "18.2.0", "18.2.0", "runtime", True), ("@b/c", "1.0.0", "1.0.0", "dev", True)]),
    "package-lock 1": ("package-lock.json", json.dumps(NPM_LOCK_1), [("a", "1.0.0", "1.0.0", "runtime", True), ("b", "2.0.0", "2.0.0", "dev", True)]),
    "yarn": ("yarn.lock", YARN, [("lodash", "4.17.21", "4.17.21", "runtime", True), ("@b/c", "1.2.3", "1.2.3", "runtime", True)]),
    "pnpm": ("pnpm-lock.yaml", PNPM, [("react", "18.2.0", "18.2.0", "runtime", True), ("@b/c", "1.0.0-rc.1", "1.0.0-rc.1", "dev", True), ("left-pad", "1.3.0", "1.3.0", "runtime", True), ("@d/e", "2.0.0", "2.0.0", "runtime", True)]),
    "bun": ("bun.lock", BUN, [("@b/c", "7.29.7", "7.29.7", "runtime", True), ("react", "18.2.0", "18.2.0", "runtime", True)]),
    "composer": ("composer.lock", json.dumps({"packages": [{"name": "Symfony/Yaml", "version": "v7.0.1", "license": ["MIT"]}], "packages-dev": [{"name": "phpunit/phpunit", "version": "11.0.0"}]}), [("symfony/yaml", "7.0.1", "7.0.1", "runtime", True), ("phpunit/phpunit", "11.0.0", "11.0.0", "dev", True)]),
    "bundler": ("Gemfile.lock", "GEM\n  specs:\n    rails (7.1.2)\n      actionpack (= 7.1.2)\n    rake (13.1.0)\n\nDEPENDENCIES\n  rails (~> 7.1)\n", [("rails", "7.1.2", "7.1.2", "runtime", True), ("rake", "13.1.0", "13.1.0", "runtime", True)]),
    "gradle": ("gradle.lockfile", "# made by Gradle\ncom.a:b:1.2=compileClasspath,runtimeClasspath\norg.junit:junit:5.0=testCompileClasspath\nempty=annotationProcessor\n", [("com.a:b", "1.2", "1.2", "runtime", True), ("org.junit:junit", "5.0", "5.0", "dev", True)]),
    "maven": ("pom.xml", POM, [("com.a:b", "1.2", "1.2", "runtime", False), ("org.junit:junit", "${junit}", None, "dev", False), ("c:d", "", None, "runtime", False)]),
    "cargo": ("Cargo.toml", CARGO, [("serde", "1.0", None, "runtime", False), ("rand", "=0.8.5", "0.8.5", "runtime", False), ("criterion", "0.5", None, "dev", False)]),
    "cargo.lock": ("Cargo.lock", CARGO_LOCK, [("serde", "=1.0.1", "1.0.1", "runtime", True)]),
    "go": ("go.mod", GO, [("github.com/a/b", "v1.2.3", "1.2.3", "runtime", True), ("golang.org/x/net", "v0.1.0", "0.1.0", "optional", True), ("k8s.io/api", "v0.29.0", "0.29.0", "runtime", True)]),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_a_file_names_is_read(case: str) -> None:
    path, content, expected = CASES[case]
    found, reason = read(content.encode(), path)
    assert reason is None
    assert sorted((item.name, item.specifier, item.version, item.scope, item.locked) for item in found) == sorted(
        expected
    )


@pytest.mark.parametrize(
    ("given", "licence"),
    [
        ("MIT", "MIT"),
        ({"type": "ISC", "url": "x"}, "ISC"),
        ([{"type": "MIT"}, "Apache-2.0"], "MIT OR Apache-2.0"),
        (None, None),
        (3, None),
        ([], None),
        ("x" * 2000, "x" * 1000),
    ],
)
def test_npm_locks_name_licences(given: object, licence: str | None) -> None:
    lock = {"packages": {"node_modules/react": {"version": "18.2.0", "license": given}}}
    found, _ = read(json.dumps(lock).encode(), "package-lock.json")
    assert [item.licence for item in found] == [licence]


@pytest.mark.parametrize(
    ("files", "day"),
    [
        ('sdist = { upload-time = "2026-01-03T00:00:00Z" }\nwheels = [{ upload-time = "2026-01-02T00:00:00Z" }]', 2),
        ("wheels = [{ upload-time = 2026-01-05T00:00:00Z }, {}]", 5),  # pylock.toml has TOML's own instants
        ('sdist = { upload-time = "yesterday" }', None),
        ('sdist = 3\nwheels = "x"', None),
        ("", None),
    ],
)
def test_locks_tell_when_a_version_was_uploaded(files: str, day: int | None) -> None:
    found, reason = read(f'[[package]]\nname = "a"\nversion = "1"\n{files}\n'.encode(), "uv.lock")
    expected = None if day is None else int(datetime(2026, 1, day, tzinfo=UTC).timestamp() * 1_000_000)
    assert reason is None
    assert [item.released_at for item in found] == [expected]


def test_every_format_has_a_case() -> None:
    assert {form.name for form in FORMATS} == {format_of(path).name for path, *_ in CASES.values()}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "path", ["requirements.md", "my_pyproject.toml", "package.json.bak", "docs/setup.cfg.rst", "go.mod.txt"]
)
def test_other_files_are_no_manifests(path: str) -> None:
    assert format_of(path) is None


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0\xff\xfe",
        b"[" * 5000,
        b"{" * 5000,
        b"[]",
        b'"x"',
        b"null",
        b"[1, 2]",
        b"a" * 100_000,
        b'{"packages": [1], "default": 3, "dependencies": "x"}',
        b"[package]\nx = 1\n[project]\ndependencies = 3\n",
    ],
)
def test_anything_is_survived(form: object, content: bytes) -> None:
    path = {"lock": "uv.lock"}.get(form.name, form.name)  # type: ignore[attr-defined]
    found, _ = read(content, path)
    assert len(found) <= 2


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pnpm-lock.yaml", "\npackages:\n" + "  a" * 300_000),
        ("pnpm-lock.yaml", "\npackages:\n  /a/" + "1" * 1_000_000),
        ("pnpm-lock.yaml", "\npackages:\n  a@1" + "(" * 1_000_000),
        ("bun.lock", '"packages": {' + "\n" * 1_000_000),
        ("bun.lock", '"packages": {' + ' "a": ["' * 200_000),
        ("yarn.lock", "a@:\n" + "\n " * 300_000),
        ("gradle.lockfile", "a:" * 500_000),
        ("go.mod", "require " * 100_000),
        ("pom.xml", "<a>" * 300_000),
    ],
)  # fmt: skip
def test_what_is_made_to_take_long_does_not(path: str, text: str) -> None:
    started = time.process_time()
    read(text.encode(), path)
    assert time.process_time() - started < 2


def test_nothing_of_a_setup_is_run_and_a_token_is_kept_out() -> None:
    found, _ = read(b"import os\nos.abort()\nsetup(install_requires=['a==1'])\n", "setup.py")
    assert [item.name for item in found] == ["a"]


@pytest.mark.parametrize(
    ("specifier", "version"),
    [
        ("==1.0", "1.0"),
        ("===1.0", "1.0"),
        ("== 1.0.post1", "1.0.post1"),
        ("==1.*", None),
        (">=1", None),
        ("==1,==1", None),
        ("", None),
    ],
)
def test_pinned_is_what_allows_one_version(specifier: str, version: str | None) -> None:
    assert pinned(specifier) == version


def test_names_are_compared_as_their_registry_does() -> None:
    assert python_name("Flask_SQL.Alchemy--x") == "flask-sql-alchemy-x"
