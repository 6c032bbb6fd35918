"""Copies planted in real modules are found, and what only looks alike is not."""

from __future__ import annotations

import argparse
import ast
import builtins
import csv
import inspect
import keyword
import random
import re
import shutil
import textwrap
import time
from types import ModuleType

import pytest

from quality_platform.analysis.duplication.clones import Group, clone_groups
from quality_platform.analysis.duplication.tokens import tokens_of

BLOCK = re.sub(r'"""(?s:.*?)"""|#.*', "", inspect.getsource(textwrap.TextWrapper._wrap_chunks))
MODULES = (argparse, csv, shutil, ast)


def groups(*texts: str, language: str = "python") -> list[Group]:
    return clone_groups(tokens_of(texts, language))


def places(group: Group) -> list[tuple[int, int, int]]:
    return [(copy.file, copy.start_line, copy.end_line) for copy in group.copies]


def renamed(text: str) -> str:
    """Every name but those of the language under another, the same everywhere."""
    kept = {*keyword.kwlist, *dir(builtins), "self"}
    return re.sub(r"[A-Za-z_]\w*", lambda match: match[0] if match[0] in kept else f"new_{match[0]}", text)


def test_a_copy_is_found_with_its_lines() -> None:
    lines = BLOCK.count("\n")
    [group] = groups("import a\n" + BLOCK, BLOCK + "x = 1\n")
    assert group.exact
    assert places(group) == [(0, 2, lines + 1), (1, 1, lines)]


def test_formatting_and_comments_make_no_difference() -> None:
    other = "\n\n".join(line + "  # said" for line in BLOCK.splitlines() if line.strip())
    [group] = groups(BLOCK, other)
    assert group.exact


def test_other_names_make_a_copy_of_the_second_type() -> None:
    [group] = groups(BLOCK, renamed(BLOCK))
    assert not group.exact
    assert group.copies[0].tokens > 150


def test_three_copies_are_one_group() -> None:
    [group] = groups(BLOCK, "a = 1\n" + BLOCK + "b = 2\n", BLOCK)
    assert [copy.file for copy in group.copies] == [0, 1, 2]


@pytest.mark.parametrize(
    "text",
    [
        "x = [\n" + "".join(f"    ({number}, 'a{number}', {number * 7}),\n" for number in range(200)) + "]\n",
        "X = {\n" + "".join(f"    'k{number}': 'v{number}',\n" for number in range(200)) + "}\n",
        "".join(f"from a{number} import b{number} as c{number}\n" for number in range(60)),
        "x = 1\n" * 500,
    ],
)
def test_tables_are_no_copies_of_other_tables(text: str) -> None:
    other = re.sub(r"\d+", lambda match: str(int(match[0]) + 1000), text)
    assert [group for group in groups(text, other) if len({copy.file for copy in group.copies}) > 1] == []


def test_what_is_short_is_no_copy() -> None:
    short = "def f(a):\n    if a:\n        return a + 1\n    return 2\n"
    assert groups(short, short) == []
    assert groups("", "x\n") == []


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_planted_copies_are_found_at_their_lines(module: ModuleType) -> None:
    source = inspect.getsource(module)
    own = {place for group in groups(source) for place in places(group)}
    random.seed(module.__name__)
    lines = source.splitlines(keepends=True)
    at = random.randrange(len(lines))
    planted = "".join([*lines[:at], BLOCK, *lines[at:]])
    found = [group for group in groups(planted, BLOCK) if any(copy.file == 1 for copy in group.copies)]
    length = BLOCK.count("\n")
    assert (0, at + 1, at + length) in places(found[0])
    assert len(found) == 1 or len(own) > 0


@pytest.mark.parametrize(
    ("language", "block"),
    [
        (
            "javascript",
            "function f(a, b) {\n  // one\n  let x = a * 2;\n  if (x > b) { return x - b; }\n  for (let i = 0; i < b; i++) {\n    x += i * a;\n    g(x, `t${i}`);\n  }\n  return x;\n}\n",
        ),
        (
            "go",
            'func f(a int, b int) int {\n\tx := a * 2\n\tif x > b {\n\t\treturn x - b\n\t}\n\tfor i := 0; i < b; i++ {\n\t\tx += i * a /* more */\n\t\tg(x, "t")\n\t}\n\treturn x\n}\n',
        ),
    ],
)
def test_other_languages_are_compared_too(language: str, block: str) -> None:
    [group] = groups(block, "\n\n" + block.replace("// one", ""), language=language)
    assert group.exact


@pytest.mark.parametrize("text", ["a " * 300_000, "'" * 50_000, "/*" * 100_000, "x = 1\n" * 60_000, "(" * 200_000])
def test_time_is_linear_whatever_the_text(text: str) -> None:
    for language in ("python", "javascript"):
        started = time.process_time()
        groups(text, text, language=language)
        assert time.process_time() - started < 5
