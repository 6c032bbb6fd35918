"""What every module of the package promises: size, docstring, name, and that it leaves the environment alone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from statistics import median

import pytest

from quality_platform_tests.architecture.tree import PACKAGE, lines, modules, parsed, short

LONGEST_FILE = 250
LARGEST_MEDIAN = 120
FEWEST_WORDS = 4
VAGUE = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "managers", "base_utils", "shared", "stuff"}

Functions = ast.FunctionDef | ast.AsyncFunctionDef


def test_files_are_short() -> None:
    too_long = {short(path): lines(path) for path in modules() if lines(path) > LONGEST_FILE}

    assert not too_long, f"above {LONGEST_FILE} lines, more than one idea: {too_long}"
    assert median(lines(path) for path in modules()) < LARGEST_MEDIAN


def test_functions_are_short() -> None:
    sizes = [node.end_lineno - node.lineno + 1 for node in _functions() if node.end_lineno is not None]

    assert median(sizes) <= 10


def _functions() -> Iterator[Functions]:
    for path in modules():
        yield from (node for node in ast.walk(parsed(path)) if isinstance(node, Functions))


def test_every_module_says_what_belongs_in_it() -> None:
    silent = [short(path) for path in modules() if len((ast.get_docstring(parsed(path)) or "").split()) < FEWEST_WORDS]

    assert not silent, f"without a docstring of substance: {silent}"


def test_no_docstring_is_a_copy_of_another() -> None:
    first = sorted((ast.get_docstring(parsed(path)) or "", short(path)) for path in modules())
    copies = [(one, other) for (text, one), (again, other) in pairwise(first) if text == again]

    assert not copies, f"the same docstring: {copies}"


def test_no_name_fits_everything() -> None:
    vague = [short(path) for path in modules() if VAGUE & set(_words(path))]

    assert not vague, f"names that say nothing: {vague}"


def _words(path: Path) -> Iterator[str]:
    for part in path.relative_to(PACKAGE).with_suffix("").parts:
        yield part
        yield from part.split("_")


def test_only_settings_reads_the_environment() -> None:
    others = [path for path in modules() if path != PACKAGE / "settings.py"]
    readers = [f"{short(path)}:{line}" for path in others for line in reads(parsed(path))]

    assert not readers, f"the environment is read outside settings.py: {readers}"


def reads(tree: ast.AST) -> Iterator[int]:
    """Lines that read a variable: anything done with `os.environ` but writing it or handing it on whole."""
    allowed = {id(node) for outer in ast.walk(tree) for node in _without_reading(outer)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "os":
            yield from (node.lineno for name in node.names if name.name in ("environ", "environb", "getenv", "getenvb"))
        if isinstance(node, ast.Attribute):
            read = _is_environ(node) and id(node) not in allowed
            if read or node.attr in ("getenv", "getenvb", "environb"):
                yield node.lineno


def _is_environ(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "environ" and ast.unparse(node.value) == "os"


def _without_reading(node: ast.AST) -> Iterator[ast.AST]:
    """The `os.environ` inside `node`, where `node` only writes to it, or passes all of it to a child process."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "update":
        yield node.func.value
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
        yield node.value
    if isinstance(node, ast.Dict):
        yield from (value for key, value in zip(node.keys, node.values, strict=True) if key is None)
    if isinstance(node, ast.keyword) and node.arg == "env":
        yield node.value


@pytest.mark.parametrize(
    "code",
    [
        "import os\nos.environ['X']",
        "import os\nos.environ.get('X')",
        "import os\nos.getenv('X')",
        "from os import environ",
        "from os import getenv as get",
        "import os\n'X' in os.environ",
        "import os\nfor name in os.environ: pass",
        "import os\nos.environ.pop('X')",
        "import os\ndict(os.environ)",
    ],
)
def test_a_read_is_seen(code: str) -> None:
    assert list(reads(ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    [
        "import os\nos.environ['X'] = '1'",
        "import os\ndel os.environ['X']",
        "import os\nos.environ.update(a)",
        "import os\nrun(env={**os.environ, 'X': '1'})",
        "import os\nrun(env=os.environ)",
        "settings.environment()",
    ],
)
def test_a_write_is_no_read(code: str) -> None:
    assert not list(reads(ast.parse(code)))


def test_no_relative_path_leads_out_of_the_package_but_to_what_a_wheel_brings() -> None:
    """Files beside a checkout's package are missing in a wheel; pyproject.toml puts exactly these two inside."""
    beside = re.compile(r"parents\[[2-9]\]")
    found = {short(path) for path in modules() if beside.search(path.read_text(encoding="utf-8"))}

    assert found <= {
        "quality_platform/cli/home.py",  # dagster.yaml
        "quality_platform/configuration/effective.py",  # whether a repository is the platform's own checkout
        "quality_platform/defs/dbt/project.py",  # dbt_models
    }
