"""The import graph: every form of import, what it means, and the circles, against networkless brute force."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.analysis.python.imports import Import, graph

FILES = {
    "src/app/__init__.py": "", "src/app/a.py": "", "src/app/sub/__init__.py": "", "src/app/sub/b.py": "",
    "src/app/sub/c.py": "", "tool.py": "",
}  # fmt: skip


def of(path: str, text: str) -> dict[str, str | None]:
    return {each.module: each.target for each in graph({**FILES, path: text}) if each.path == path}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import os, app.a as x", {"os": None, "app.a": "src/app/a.py"}),
        ("import app.sub.b.missing", {"app.sub.b.missing": "src/app/sub/b.py"}),
        ("from app import a, nothing", {"app.a": "src/app/a.py", "app": "src/app/__init__.py"}),
        ("from . import c", {"app.sub.c": "src/app/sub/c.py"}),
        ("from .c import name", {"app.sub.c": "src/app/sub/c.py"}),
        ("from ..a import (\n    one,  # why\n    two,\n)", {"app.a": "src/app/a.py"}),
        ("from .. import a as b", {"app.a": "src/app/a.py"}),
        ("from .... import a", {}),
        ("from a import *", {"a": None}),
        ("x = 1; y = 'import os'", {}),
        ("importing = 1\nfrom_x = 2", {}),
        ("import tool # import os", {"tool": "tool.py"}),
        ("from app import \\\n    a, \\\n   nothing", {"app.a": "src/app/a.py", "app": "src/app/__init__.py"}),
    ],
)
def test_what_an_import_means(text: str, expected: dict[str, str | None]) -> None:
    assert of("src/app/sub/b.py", text) == expected


def test_in_a_package_dots_count_from_the_package() -> None:
    assert of("src/app/sub/__init__.py", "from .b import x\nfrom ..a import y") == {
        "app.sub.b": "src/app/sub/b.py", "app.a": "src/app/a.py",
    }  # fmt: skip


def test_what_is_deferred_makes_no_circle() -> None:
    files = {"a.py": "import b\n", "b.py": "import c\n", "c.py": "def f():\n    import a\n", "d.py": "import a\n"}
    assert {each.cycle for each in graph(files)} == {None}
    files["c.py"] += "\nimport a\n"
    found = graph(files)
    assert {(each.path, each.module) for each in found if each.cycle == 1} == {
        ("a.py", "b"),
        ("b.py", "c"),
        ("c.py", "a"),
    }
    assert Import("c.py", 4, "a", "a.py", False, 1) in found


@given(st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=20))
def test_two_files_share_a_circle_when_each_reaches_the_other(edges: set[tuple[int, int]]) -> None:
    files = {
        f"m{node}.py": "".join(f"import m{to}\n" for start, to in sorted(edges) if start == node) for node in range(7)
    }
    reach = {(start, to) for start, to in edges if start != to}
    for middle, start, to in itertools.product(range(7), repeat=3):  # Warshall: the middle is the outermost loop
        if (start, middle) in reach and (middle, to) in reach:
            reach.add((start, to))
    for each in graph(files):
        start, to = int(each.path[1]), int(each.module[1])
        assert (each.cycle is not None) is (start != to and (to, start) in reach)


def test_ten_thousand_files_in_a_row_are_no_trouble() -> None:
    files = {f"m{number}.py": f"import m{(number + 1) % 10_000}\n" for number in range(10_000)}
    assert {each.cycle for each in graph(files)} == {1}
