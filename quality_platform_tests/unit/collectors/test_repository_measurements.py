from __future__ import annotations

import ast
import inspect
import json.encoder
import subprocess
import tokenize
import typing

import pytest
from radon.complexity import cc_rank, cc_visit
from radon.metrics import h_visit, mi_visit
from radon.raw import analyze

from quality_platform.collectors.repository.measurements import Block, decoded, measure

SMALL = '''"""Doc."""
import os  # a comment

# alone


class Outer(Base):
    """Two
    lines."""

    x = 1 if os.name else 2

    class Inner:
        async def method(self, a):
            def closure():
                return [b for b in a if b and a]
            return closure()

    def plain(self):
        try:
            assert self
        except (ValueError, TypeError): pass
        else:
            for _ in ():
                x = 1; y = 2
        return (
            1
            + 2
        )

if __name__ == "__main__":
    @decorated
    def conditional(): return lambda: 1 or 2
'''
SOURCES = {
    "small": SMALL,
    "empty": "",
    "blank": "\n\n",
    "comment": "# only\n",
    "no newline": "x = 1",
    "form feed": "x = 1\n\x0c\ny = 2\n",
    "match": "match x:\n    case 1: pass\n    case _: pass\n",
    "tokenize": inspect.getsource(tokenize),
    "typing": inspect.getsource(typing),
    "subprocess": inspect.getsource(subprocess),
    "json": inspect.getsource(json.encoder),
}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES.keys())
def test_the_numbers_are_radons(source: str) -> None:
    numbers, _ = measure(source, ast.parse(source))
    raw, halstead = analyze(source), h_visit(source).total
    assert numbers[:6] == (raw.loc, raw.sloc, raw.lloc, raw.comments, raw.multi, raw.blank)
    assert numbers.maintainability_index == mi_visit(source, multi=True)
    assert (numbers.halstead_volume, numbers.halstead_effort) == (halstead.volume, halstead.effort)


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES.keys())
def test_the_blocks_are_radons_and_inner_ones(source: str) -> None:
    numbers, blocks = measure(source, ast.parse(source))
    ours = {(block.start_line, block.qualified_name.split(".")[-1], block.cyclomatic_complexity) for block in blocks}
    theirs = {(block.lineno, block.name, block.complexity) for block in cc_visit(source)}
    assert theirs <= ours
    assert all(block.rank == cc_rank(block.cyclomatic_complexity) for block in blocks)
    assert numbers.max_complexity == max((block.cyclomatic_complexity for block in blocks), default=0)
    assert numbers.functions == sum(block.kind in {"function", "method"} for block in blocks)
    assert len({(block.qualified_name, block.start_line) for block in blocks}) == len(blocks)


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES.keys())
def test_the_last_lines_are_pythons(source: str) -> None:
    _, blocks = measure(source, ast.parse(source))
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    ends = {
        (node.lineno, node.name, node.end_lineno) for node in ast.walk(ast.parse(source)) if isinstance(node, kinds)
    }
    assert {(block.start_line, block.qualified_name.split(".")[-1], block.end_line) for block in blocks} <= ends


def test_names_hold_everything_around_them() -> None:
    _, blocks = measure(SMALL, ast.parse(SMALL))
    assert sorted(blocks, key=lambda block: block.start_line) == [
        Block("class", "Outer", 7, 29, 7, "B"),
        Block("class", "Outer.Inner", 13, 17, 2, "A"),
        Block("method", "Outer.Inner.method", 14, 17, 1, "A"),
        Block("function", "Outer.Inner.method.closure", 15, 16, 4, "A"),
        Block("method", "Outer.plain", 19, 29, 5, "A"),
        Block("function", "conditional", 33, 33, 2, "A"),
    ]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"x = 1\r\ny = 2\r", "x = 1\ny = 2\n"),
        (b"\xef\xbb\xbfx = '\xc3\xa9'", "x = 'é'"),
        (b"# coding: latin-1\nx = '\xe9'", "# coding: latin-1\nx = 'é'"),
        (b"#!/usr/bin/python\n# -*- coding: cp1252 -*-\n'\x80'", "#!/usr/bin/python\n# -*- coding: cp1252 -*-\n'€'"),
        (b"# \xe9", "# é"),
        (b"# coding: no-such-thing\n\xe9", "# coding: no-such-thing\né"),
        (b"\xef\xbb\xbf# coding: latin-1\n", "ï»¿# coding: latin-1\n"),
    ],
)
def test_text_is_decoded_as_python_does_or_as_latin_1(content: bytes, text: str) -> None:
    assert decoded(content) == text
