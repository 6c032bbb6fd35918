"""What becomes of one content, whatever it is: parsers, tools, and what is said when a part is missing."""

from __future__ import annotations

import ast
import logging
import warnings
from collections.abc import Iterator

import pytest

from quality_platform.analysis.content import Analysis, analyse
from quality_platform.analysis.tools import BANDIT, NUMBERS, RUFF, Wanted, tools_for

KEY = b"key"
BOTH = Wanted((NUMBERS, BANDIT))


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Bandit logs what it cannot do, and its import warns; in a worker nobody listens."""
    logging.disable(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
    logging.disable(logging.NOTSET)


def analysed(content: bytes, language: str = "python", wanted: Wanted = BOTH) -> Analysis:
    return analyse(content, language, wanted, KEY)


def test_a_file_that_parses_is_looked_at_by_everybody_who_is_wanted() -> None:
    content = b"def run(a):  # noqa: S101\n    assert a  # type: ignore[x]\n    return eval(a)\n"
    result = analysed(content)
    assert (result.reason, result.parser, result.unparsed_bytes) == (None, "ast", 0)
    assert (result.numbers.lines_of_code, result.numbers.suppressions) == (3, 2)
    assert [block.qualified_name for block in result.blocks] == ["run"]
    assert [finding.rule for finding in result.findings] == ["B101", "B307"]
    assert analysed(content, wanted=Wanted()).findings == ()
    assert analysed(content, wanted=Wanted((BANDIT,))).numbers.lines_of_code is None


def test_radon_can_be_who_computes_the_numbers() -> None:
    content = b"def f(a):\n    return a and 1\n"
    ours, radons = (analysed(content, wanted=Wanted((NUMBERS,), engine)) for engine in ("quality_platform", "radon"))
    assert ours.numbers[:13] == radons.numbers[:13]
    assert (ours.numbers.cognitive_complexity, radons.numbers.cognitive_complexity) == (1, None)


@pytest.mark.parametrize(
    ("content", "lines", "complexity"),
    [
        (b"print 'python 2'\nif x:\n    exec 'y' in z\n", 3, 2),
        (b"try:\n    pass\nexcept A, e:\n    raise B, e\n", 4, 2),
        (b"x = `y`\n", 1, 1),
        (b"x = 0777L\n", 1, 1),
    ],
)
def test_python_of_another_time_is_no_hole(content: bytes, lines: int, complexity: int) -> None:
    result = analysed(content)
    assert (result.reason, result.parser, result.unparsed_bytes) == (None, "tree-sitter", 0)
    assert (result.numbers.lines_of_code, result.numbers.cyclomatic_complexity) == (lines, complexity)
    [finding] = result.findings
    assert (finding.tool, finding.rule, finding.category) == ("quality_platform", "unparseable", "error")
    assert "Python 3." in finding.message


@pytest.mark.parametrize(
    ("content", "what", "line"),
    [
        (b"x = 1\ndef (:\n", "invalid syntax", 2),
        (b"(" * 300, "too many nested parentheses", 1),
    ],
)
def test_what_no_parser_reads_is_counted_in_bytes(content: bytes, what: str, line: int) -> None:
    result = analysed(content)
    assert result.reason is not None
    assert what in result.reason
    assert 0 < result.unparsed_bytes <= len(content)
    assert result.findings[-1].line == result.findings[-1].end_line == line


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\n", b"\xef\xbb\xbf", b"\xef\xbb\xbfx = 1\r\n", b"# coding: latin-1\n'\xe9'\n", b"x = '\\d'\n",
    ],
)  # fmt: skip
def test_odd_but_good_files_are_analysed(content: bytes) -> None:
    result = analysed(content)
    assert result.reason is None
    assert result.numbers.maintainability_index == 100.0


@pytest.mark.parametrize("content", [b"x = 1\0", b"# coding: no-such-thing\n", b"x = '\xff'\n", b"\xff\xfe\x00"])
def test_odd_and_bad_files_are_told(content: bytes) -> None:
    result = analysed(content)
    assert result.findings[-1].rule == "unparseable"
    assert result.numbers.lines_of_code == 1


def test_a_line_feed_of_another_kind_is_no_hole() -> None:
    # one line for Python, two for radon, which cannot tell the lines of the statement apart
    result = analysed(b"def f():\n    assert 'a\x0cb'\n")
    assert (result.reason, result.numbers.lines_of_code, result.numbers.cyclomatic_complexity) == (None, 3, 2)
    radons = analysed(b"def f():\n    assert 'a\x0cb'\n", wanted=Wanted((NUMBERS,), "radon"))
    assert radons.reason == "radon cannot tell its lines apart"


def test_what_radon_cannot_walk_is_told_of_radon_alone() -> None:
    content = b"x = " + b"a" + b".b" * 1200 + b"\n"
    assert ast.parse(content)
    assert analysed(content).reason is None


def test_python_alone_has_tools_of_its_own() -> None:
    assert tools_for("python", (NUMBERS, RUFF, BANDIT)) == (NUMBERS, RUFF, BANDIT)
    assert tools_for("go", (NUMBERS, RUFF, BANDIT)) == (NUMBERS,)
    assert len(set(Wanted((NUMBERS, RUFF, BANDIT)).versions.values())) == 3
