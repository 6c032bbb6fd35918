from __future__ import annotations

import time
import tokenize
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from radon.raw import analyze

from quality_platform.analysis.facts import Lines
from quality_platform.analysis.python.lines import count_lines

LIBRARY = sorted(Path(tokenize.__file__).parent.glob("[c-j]*.py"))[::4]
PIECES = (
    *("x = 1", "x = (", ")", "[1,", "]", "{", "}", "'a'", '"b', "'''", '"""', "#c", "  # d", "if x:", "else: y = 2"),
    *(";", ":", "@f", "def f(a: int = 1):", "return", "async def g(): pass", ",", "lambda: 0", "f'{x:>{y}}'", "\\"),
    *("\n", "\n", "\n\n", "\\\n", "\r\n", "\x0c", "\x1c", "\u2028", "\t", "'a\\\n b'", "`", "$", "?", "é", "\xa0"),
    *("print 'x'", "0777"),
)


def oracle(text: str) -> Lines | None:
    try:
        raw = analyze(text)
    except (SyntaxError, tokenize.TokenError):
        return None
    return Lines(raw.loc, raw.sloc, raw.lloc, raw.comments, raw.multi, raw.blank)


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: path.name)
def test_the_standard_library_has_radons_counts(path: Path) -> None:
    text = path.read_text("utf-8")
    assert count_lines(text) == oracle(text)


@settings(max_examples=1000)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_anything_has_radons_counts(text: str) -> None:
    expected = oracle(text)
    counted = count_lines(text)
    assert expected in (None, counted)
    assert expected or counted.lines_of_code == len(text.splitlines())
    assert min(counted) >= 0


@pytest.mark.parametrize(
    "text",
    [
        "x = 1 + \\\n\ny = 2\n",
        "if x: \\\n# c\n    y = 1; z = 2\n",
        ")\nx = (\n1)\n",
        "'''doc\n\n   string'''\n",
        "x = 'a\x0cb'\n",
        "print 'python 2'\nexec 'x'\n",
        "  # only\n\n",
        "\\\n#c",
        '"b\\\n#c"b',
        "x = 1\n\\\n# c\n",
        "",
    ],
)
def test_the_cases_where_a_cut_could_differ(text: str) -> None:
    assert oracle(text) in (None, count_lines(text))


@pytest.mark.parametrize("text", ["x = {\n" + "    'key': 1,\n" * 3000 + "}\n", "x = (\n" + "1,\n" * 3000])
def test_a_long_statement_takes_no_quadratic_time(text: str) -> None:
    # radon takes a minute for each
    started = time.process_time()
    found = count_lines(text)
    assert time.process_time() - started < 2
    assert found.lines_of_code in (3001, 3002)
