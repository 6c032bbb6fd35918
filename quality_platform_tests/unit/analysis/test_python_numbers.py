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

from quality_platform.analysis.python import by_radon
from quality_platform.analysis.python.measure import measure
from quality_platform.analysis.python.text import decoded

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
    assert [block[:6] for block in sorted(blocks, key=lambda block: block.start_line)] == [
        ("class", "Outer", 7, 29, 7, "B"),
        ("class", "Outer.Inner", 13, 17, 2, "A"),
        ("method", "Outer.Inner.method", 14, 17, 1, "A"),
        ("function", "Outer.Inner.method.closure", 15, 16, 4, "A"),
        ("method", "Outer.plain", 19, 29, 5, "A"),
        ("function", "conditional", 33, 33, 2, "A"),
    ]


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES.keys())
def test_radon_as_the_engine_gives_the_same(source: str) -> None:
    numbers, blocks = measure(source, ast.parse(source))
    others, other_blocks = by_radon.measure(source, ast.parse(source))
    # classes in functions are blocks of ours alone
    ours = numbers._replace(max_complexity=0, functions=0, classes=0)
    assert ours[:13] == others._replace(max_complexity=0, functions=0, classes=0)[:13]
    assert {block[:6] for block in other_blocks} <= {block[:6] for block in blocks}


def test_classes_in_functions_have_blocks_and_change_no_total_of_radons() -> None:
    source = "def outer():\n    class Local:\n        def method(self):\n            if self: pass\n"
    numbers, blocks = measure(source, ast.parse(source))
    assert [block.qualified_name for block in sorted(blocks, key=lambda block: block.start_line)] == [
        "outer", "outer.Local", "outer.Local.method",
    ]  # fmt: skip
    assert numbers.cyclomatic_complexity == by_radon.measure(source, ast.parse(source))[0].cyclomatic_complexity


@pytest.mark.parametrize(
    ("body", "cognitive", "decisions", "nesting"),
    [
        ("pass", 0, 0, 0),
        ("if a: pass", 1, 1, 1),
        ("if a: pass\n    elif b: pass\n    else: pass", 3, 2, 1),
        ("if a:\n        if b: pass", 3, 2, 2),
        ("for x in a:\n        while b:\n            if c: pass", 6, 3, 3),
        ("try: pass\n    except A: pass\n    except B:\n        if c: pass", 4, 3, 2),
        ("try: pass\n    except* A: pass", 1, 1, 1),
        ("return a and b and c or d", 2, 3, 0),
        ("return a if b else c if d else e", 3, 2, 0),
        ("assert a and b", 1, 2, 0),
        ("match a:\n        case 1: pass\n        case [b] if b: pass\n        case _: pass", 1, 3, 1),
        ("with a:\n        if b: pass", 1, 1, 2),
        ("return [b for b in a if b]", 0, 2, 0),
        ("return lambda: 1 if a else 2", 2, 1, 0),
    ],
)
def test_the_flow_is_counted_as_its_definitions_say(body: str, cognitive: int, decisions: int, nesting: int) -> None:
    source = f"def f(self, a, *b, c=1, **d):\n    {body}\n"
    _, [block] = measure(source, ast.parse(source))
    assert (block.cognitive_complexity, block.decisions, block.max_nesting) == (cognitive, decisions, nesting)
    assert block.parameters == 5


def test_a_chain_of_thousands_is_no_problem() -> None:
    source = "if a: pass\n" + "elif a: pass\n" * 400 + "x = a" + ".b" * 2000 + "\n"
    numbers, _ = measure(source, ast.parse(source))
    assert numbers.cyclomatic_complexity == 402


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
