"""How a project is kept, by its files: every check, kept and broken, and on what is hostile."""

from __future__ import annotations

import pytest

from quality_platform.analysis.practices.check import Tree
from quality_platform.analysis.practices.checks import is_read, practices

HASH = "a" * 40
DIGEST = "b" * 64
CI = ".github/workflows/ci.yml"
STEPS = "jobs:\n  test:\n    steps:\n"


def score(name: str, *paths: str, **texts: str) -> float | None:
    files = {path.replace("CI", CI): text for path, text in texts.items()}
    found = {each.name: each for each in practices(Tree((*paths, *files), files))}
    return found[name].score


@pytest.mark.parametrize(
    ("name", "paths", "points"),
    [
        ("Binary-Artifacts", ("src/a.py",), 10), ("Binary-Artifacts", ("lib/a.JAR", "b.so", "so.py"), 8),
        ("Binary-Artifacts", tuple(f"{n}.exe" for n in range(30)), 0),
        ("License", ("LICENSE",), 10), ("License", ("LICENCE.md",), 10), ("License", ("COPYING",), 10),
        ("License", ("LICENSES/MIT.txt",), 10), ("License", ("vendor/LICENSE",), 0),
        ("License", ("license_test.py",), 0), ("License", ("license.py",), 0),
        ("Security-Policy", (".github/SECURITY.md",), 10), ("Security-Policy", ("src/security.py",), 0),
        ("Dependency-Update-Tool", (".github/dependabot.yml",), 10), ("Dependency-Update-Tool", ("renovate.json",), 10),
        ("Dependency-Update-Tool", ("docs/renovate.json",), 0),
        ("Fuzzing", (".clusterfuzzlite/build.sh",), 10), ("Fuzzing", ("tests/fuzz/x.py",), 10), ("Fuzzing", ("a.py",), 0),
        ("SBOM", ("sbom.json",), 10), ("SBOM", ("x.cdx.json",), 10), ("SBOM", ("x.json",), 0),
        ("Dangerous-Workflow", ("a.py",), None), ("Token-Permissions", (), None), ("Pinned-Dependencies", (), None),
    ],
)  # fmt: skip
def test_by_names_of_files(name: str, paths: tuple[str, ...], points: float | None) -> None:
    assert score(name, *paths) == points


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("on: push\n" + STEPS + "      - run: make test\n", 10),
        ("on: issues\n" + STEPS + "      - run: echo ${{ github.event.issue.title }}\n", 0),
        ("on: push\n" + STEPS + "      - run: echo ${{ github.head_ref }}\n", 0),
        ("on: issues\n" + STEPS + "      - run: echo $T\n        env: {T: '${{ github.event.issue.title }}'}\n", 10),
        ("on: pull_request_target\n" + STEPS + "      - uses: a/b\n        with: {ref: '${{ github.event.pull_request.head.sha }}'}\n", 0),
        ("on: pull_request\n" + STEPS + "      - uses: a/b\n        with: {ref: '${{ github.event.pull_request.head.sha }}'}\n", 10),
        ("on: [workflow_run]\n" + STEPS + "      - uses: a/b\n        with: {ref: '${{ github.event.workflow_run.head_branch }}'}\n", 0),
        ("jobs: [1, 2]", 10),
        ("no: [yaml", None),
        ("[1, 2]", None),
    ],
)  # fmt: skip
def test_workflows_that_run_what_strangers_say(text: str, points: float | None) -> None:
    assert score("Dangerous-Workflow", CI=text) == points


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("permissions: read-all\n", 10), ("permissions: {}\n", 10), ("permissions: {contents: read}\n", 10),
        ("permissions: write-all\n", 0), ("permissions: {contents: write}\n", 0), (STEPS, 0),
        ("jobs: {a: {permissions: {contents: write}}}\n", 10), ("jobs: {a: {permissions: {}}, b: {}}\n", 0),
    ],
)  # fmt: skip
def test_rights_of_workflows(text: str, points: float) -> None:
    assert score("Token-Permissions", CI=text) == points


def test_what_is_pinned_cannot_be_exchanged() -> None:
    steps = f"      - uses: a/b@{HASH}\n      - uses: ./own\n      - uses: c/d@v1\n"
    assert score("Pinned-Dependencies", CI=STEPS + steps) == pytest.approx(20 / 3)
    image = f"FROM --platform=x python:3@sha256:{DIGEST} AS build\nFROM build\nFROM scratch\nFROM debian:12\n"
    assert score("Pinned-Dependencies", Dockerfile=image) == 5


def test_an_analyser_is_known_where_it_runs() -> None:
    assert score("SAST", CI=STEPS + "      - uses: github/codeql-action/analyze@v3\n") == 10
    assert score("SAST", **{".pre-commit-config.yaml": "- repo: https://x/PyCQA/bandit\n"}) == 10
    assert score("SAST", Dockerfile="FROM bandit\n") == 0


def test_a_workflow_that_unfolds_without_end_does_not() -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(9)
    )
    assert score("Dangerous-Workflow", CI=bomb + "on: *j\njobs: *j\n") == 10


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (CI, True),
        ("docker/Dockerfile.dev", True),
        ("Jenkinsfile", True),
        (".github/workflows/a/b.yml", False),
        ("a.py", False),
    ],
)
def test_few_files_are_read(path: str, expected: bool) -> None:
    assert is_read(path) is expected
