"""Other languages and other Pythons by tree-sitter: counted by hand, and against Python's own parser."""

from __future__ import annotations

import ast
import inspect
import json.decoder
import subprocess
import typing

import pytest

from quality_platform.analysis.python.measure import measure as measure_python
from quality_platform.analysis.trees.grammars import GRAMMARS
from quality_platform.analysis.trees.measure import measure

JAVASCRIPT = b"""// comment
/* of two
   lines */
import x from 'y';

class A extends B {
  constructor(a, b) { this.a = a && b || 3; }
  run(n) {
    for (let i = 0; i < n; i++) { // trailing
      if (i % 2 === 0) { continue; } else if (i > 5) { break; } else { go(i); }
    }
    return n > 1 ? this.run(n - 1) : 0;
  }
}
const f = (x) => x ?? 1;
"""
GO = b"""package main
// Doc.
type T struct { a int }
func (t *T) Run(n int, m int) error {
    for i := 0; i < n; i++ {
        if i > 2 && n < 3 { go1() } else if i == 1 { return nil } else { i-- }
    }
    switch n { case 1: return nil; case 2, 3: return nil; default: return nil }
}
"""
RUST = b"""/// Doc.
fn main(a: i32) -> Option<i32> {
    let x = foo()?;
    if x > 1 && a < 2 { p(); } else if x == 0 { y(); } else { z(); }
    match x { 1 => a(), 2 => b(), _ => c() }
    for i in 0..10 { while true { loop { break; } } }
    Some(1)
}
impl P { fn get(&self, k: u8) -> i32 { self.x } }
"""
JAVA = b"""package a;
/** Doc. */
public class A {
  public A(int a) { this.x = a; }
  int run(List<String> l, int n) {
    for (String s : l) { if (s == null || s.isEmpty()) { continue; } else { n++; } }
    try { go(); } catch (Exception e) { throw e; } finally { n--; }
    switch (n) { case 1: return 1; default: return 2; }
  }
}
"""
# qualified name -> cyclomatic, cognitive, nesting, parameters
COUNTED = {
    "javascript": (JAVASCRIPT, {"A.constructor": (3, 2, 0, 2), "A.run": (5, 6, 2, 1), "f": (2, 1, 0, 1)}),
    "typescript": (JAVASCRIPT, {"A.constructor": (3, 2, 0, 2), "A.run": (5, 6, 2, 1), "f": (2, 1, 0, 1)}),
    "go": (GO, {"T.Run": (7, 6, 2, 2)}),
    "rust": (RUST, {"main": (10, 11, 3, 1), "P.get": (1, 0, 0, 1)}),
    "java": (JAVA, {"A.A": (1, 0, 0, 1), "A.run": (6, 7, 2, 2)}),
}


@pytest.mark.parametrize("language", COUNTED)
def test_functions_are_counted_as_by_hand(language: str) -> None:
    content, expected = COUNTED[language]
    _, blocks, unparsed = measure(content, language)
    found = {
        block.qualified_name: (
            block.cyclomatic_complexity,
            block.cognitive_complexity,
            block.max_nesting,
            block.parameters,
        )
        for block in blocks
        if block.kind != "class"
    }
    assert found == expected
    assert unparsed == 0


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        # all, source, comments, blank
        ("javascript", (15, 11, 4, 1)),
        ("go", (9, 8, 1, 0)),
        ("rust", (9, 8, 1, 0)),
        ("java", (10, 9, 1, 0)),
    ],
)
def test_lines_are_counted_as_by_hand(language: str, lines: tuple[int, ...]) -> None:
    numbers, _, _ = measure(COUNTED[language][0], language)
    assert (numbers.lines_of_code, numbers.source_lines, numbers.comment_lines, numbers.blank_lines) == lines


@pytest.mark.parametrize("module", [subprocess, typing, json.decoder, inspect, ast], ids=lambda module: module.__name__)
def test_python_is_counted_as_pythons_own_parser_counts_it(module: object) -> None:
    source = inspect.getsource(module)  # type: ignore[arg-type]
    expected, expected_blocks = measure_python(source, ast.parse(source))
    numbers, blocks, unparsed = measure(source.encode(), "python")
    assert unparsed == 0
    assert numbers[:7] == expected[:7]
    assert numbers.max_complexity == expected.max_complexity
    assert numbers.halstead_volume == pytest.approx(expected.halstead_volume, rel=0.02)
    ours = {(block.start_line, block.qualified_name): block.cyclomatic_complexity for block in blocks}
    assert ours == {(block.start_line, block.qualified_name): block.cyclomatic_complexity for block in expected_blocks}


@pytest.mark.parametrize("language", GRAMMARS)
@pytest.mark.parametrize("content", [b"", b"\0\xff\xfe", b"(" * 3000, b"}" * 50, b"a" * 100_000, b"'" * 999])
def test_anything_is_survived(language: str, content: bytes) -> None:
    numbers, _, unparsed = measure(content, language)
    assert 0 <= unparsed <= len(content)
    assert numbers.cyclomatic_complexity is not None


def test_two_definitions_at_one_place_have_two_names() -> None:
    _, blocks, _ = measure(b"function a(){} function a(){} x(()=>1, ()=>2)", "javascript")
    assert len({(block.qualified_name, block.start_line) for block in blocks}) == len(blocks) == 4


def test_typescript_with_elements_in_it_is_read_as_such() -> None:
    _, blocks, unparsed = measure(b"export const A = (p: P) => <div>{p.a ? <b/> : null}</div>;", "typescript")
    assert unparsed == 0
    assert blocks[0].cyclomatic_complexity == 2
