"""Stacks of .NET, Go, Ruby, PHP and Rust as text, as their runtimes print them.

Belongs here: one pair of patterns for each, and which frames are the application's. Does not belong here: Python,
JavaScript, Java (`python_traceback.py`, `foreign_stack.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from quality_platform.collectors.logs.foreign_stack import named
from quality_platform.collectors.logs.frames import MAX_LINE, Frame, RaisedException, shortened

MOST_CHARACTERS = 200_000

_LINE = r"(?P<line>\d{1,9})"
_FILE = r"(?P<file>[^\n]{1,500}?)"

_NET = re.compile(rf"^\s+at (?P<function>[^\s(][^(\n]{{0,300}})\([^)\n]{{0,500}}\)(?: in {_FILE}:line {_LINE})?")
_GO = re.compile(
    r"^(?:created by )?(?P<function>[\w./*()-]{1,300}?)(?:\([^\n]{0,500}\)| in goroutine \d+)?"
    rf"\n\t{_FILE}:{_LINE}",
    re.MULTILINE,
)
_RUBY = re.compile(
    rf"^\s*(?:\d+: )?(?:from )?(?P<file>[^:\n]{{1,500}}):{_LINE}:in [`'](?P<function>[^'\n]{{1,300}})'"
    r"(?:: (?P<message>.*))?"
)
_PHP = re.compile(
    rf"^#\d+ (?:(?P<file>[^\n(]{{1,500}})\({_LINE}\)|\[internal function\]): (?P<function>[^(\n]{{1,300}})"
)
_RUST = re.compile(
    rf"^ {{0,5}}\d{{1,4}}: (?:0x[0-9a-f]+ - )?(?P<function>[^\n]{{1,300}})(?:\n\s+at {_FILE}:{_LINE}(?::\d{{1,9}})?)?",
    re.MULTILINE,
)

_PANIC = re.compile(r"^panic: (?P<message>[^\n]{0,5000})", re.MULTILINE)
_RUBY_TYPE = re.compile(r"(?P<message>.{0,5000}) \((?P<type>[A-Z][\w:]{0,200})\)$")
_PHP_FIRST = re.compile(
    rf"(?:^|Uncaught )(?P<type>[A-Z\\][\w\\]{{0,200}}): (?P<message>[^\n]{{0,5000}}?) in {_FILE}:{_LINE}", re.MULTILINE
)
_RUST_FIRST = re.compile(
    rf"panicked at (?:'(?P<old>[^\n]{{0,5000}})', )?(?P<file>[^\n:]{{1,500}}):{_LINE}:\d{{1,9}}:?"
    r"(?:\n(?P<message>[^\n]{0,5000}))?"
)

_LIBRARIES = (
    "System.", "Microsoft.", "runtime.", "runtime/", "net/http.", "testing.", "std::", "core::", "alloc::",
    "rust_begin_unwind", "__rust", "<alloc::", "<core::", "<std::", "_start",
)  # fmt: skip
_PLACES = ("/usr/local/go/", "/go/pkg/mod/", "/rustc/", "/gems/", "/lib/ruby/", "/vendor/", "<internal:")


def parse_other(text: str) -> tuple[RaisedException, ...]:
    """The exceptions of a stack of one of these languages, root cause first; empty where it is none of them."""
    whole = text[:MOST_CHARACTERS].replace("\r\n", "\n")
    for belongs, parse in _LANGUAGES:
        if belongs in whole and (found := parse(whole)) and any(raised.frames for raised in found):
            return found
    return ()


def _net(text: str) -> tuple[RaisedException, ...]:
    """The cause stands after `--->`, its frames before those of what it caused."""
    heads: list[str] = []
    stacks: list[list[Frame]] = [[]]
    for line in text.split("\n"):
        match = _NET.match(line)
        if match:
            stacks[-1].append(_frame(match))
        elif "--- End of inner exception" in line:
            stacks.append([])
        elif line.strip() and not line.lstrip().startswith("--- End"):
            heads += [part.strip() for part in line.split("--->") if part.strip()]
    causes = heads[::-1]  # the innermost cause is named last and has the first stack
    pairs = zip(causes, (*stacks, *([] for _ in causes)), strict=False)
    return tuple(named(head, shortened(stack[::-1])) for head, stack in pairs)


def _go(text: str) -> tuple[RaisedException, ...]:
    panic = _PANIC.search(text)
    frames = [_frame(match) for match in _GO.finditer(text.partition("\n\ngoroutine ")[0] if not panic else text)]
    return (RaisedException("panic", panic["message"] if panic else "", shortened(frames[::-1])),)


def _ruby(text: str) -> tuple[RaisedException, ...]:
    matches = [match for line in text.split("\n") if (match := _RUBY.match(line))]
    said = next((match["message"] for match in matches if match["message"]), "")
    kind = _RUBY_TYPE.match(said)
    frames = shortened([_frame(match) for match in matches][::-1])
    return (RaisedException(kind["type"] if kind else None, kind["message"] if kind else said, frames),)


def _php(text: str) -> tuple[RaisedException, ...]:
    """A line names the function that was called and the file that called it: files move up by one."""
    first = _PHP_FIRST.search(text)
    matches = [match for line in text.split("\n") if (match := _PHP.match(line.strip()))]
    place = (first["file"], first["line"]) if first else (None, None)
    frames = []
    for match in matches:
        frames.append(_made(match["function"], *place))
        place = (match["file"], match["line"])
    if place[0]:
        frames.append(_made("{main}", *place))
    kind, message = (first["type"], first["message"]) if first else (None, "")
    return (RaisedException(kind, message, shortened(frames[::-1])),)


def _rust(text: str) -> tuple[RaisedException, ...]:
    first = _RUST_FIRST.search(text)
    frames = [_frame(match) for match in _RUST.finditer(text.partition("stack backtrace:")[2])]
    if not frames and first:
        frames = [_made(None, first["file"], first["line"])]
    message = (first["old"] or first["message"] or "") if first else ""
    return (RaisedException("panic", message, shortened(frames[::-1])),)


def _frame(match: re.Match[str]) -> Frame:
    return _made(match["function"], match["file"], match["line"])


def _made(function: str | None, file: str | None, line: str | None) -> Frame:
    name = function.strip() if function else None
    number = int(line) if line else None
    foreign = bool(name and name.startswith(_LIBRARIES)) or any(place in (file or "") for place in _PLACES)
    return Frame(None, name, file, number if number and number < MAX_LINE else None, not foreign)


_LANGUAGES: tuple[tuple[str, Callable[[str], tuple[RaisedException, ...]]], ...] = (
    ("panicked at", _rust), ("stack backtrace:", _rust), ("goroutine ", _go), ("panic: ", _go), (":in ", _ruby),
    ("#0 ", _php), ("   at ", _net),
)  # fmt: skip
