"""Counts the lines of a Python file as radon does, with one regular expression and in linear time.

Radon strips every line and tokenises statement by statement. Python's tokeniser is ten times slower than this, and
what the counts depend on is far less: where statements end, comments, strings that stand alone, semicolons, and what
follows a statement's last colon. Everything else is skipped in runs. Where radon's own way through a text is
peculiar (`a: b; c`, a backslash before an empty line, quotes that do not close), `tokenised_lines.py` counts. Does
not belong here: what a line means (`walk.py`).
"""

from __future__ import annotations

import re
import sys

from quality_platform.analysis.facts import Lines
from quality_platform.analysis.python import tokenised_lines

TOKENS = re.compile(
    r"""[^#"'()\[\]{}\n\\;:`$?!]++|!="""  # a run of anything that does not matter
    r"""|[\n()\[\]{};]|:=?|\\\n"""
    r"""|\#[^\n]*+"""
    r'''|"""(?:[^"\\]++|\\.|"(?!""))*+"""'''
    r"""|'''(?:[^'\\]++|\\.|'(?!''))*+'''"""
    r"""|"(?:[^"\\\n]++|\\.)*+"|'(?:[^'\\\n]++|\\.)*+'"""
    r"""|.""",
    re.DOTALL,
)
PREFIXES = frozenset(["r", "u", "b", "f", "br", "rb", "fr", "rf"])
# from 3.12 on radon sees the tokens inside a formatted string
FORMATTED = re.compile(r"""\b[rR]?[fF][rR]?["']""") if sys.version_info >= (3, 12) else None


class _UnsureError(Exception):
    """Radon may go another way through this text."""


def count_lines(text: str) -> Lines:
    """The counts for `text`: radon's where it has any, else by the same rules, as far as they lead."""
    stripped = [line.strip() for line in text.splitlines()]
    if FORMATTED is None or not FORMATTED.search(text):
        try:
            return _counted(stripped, _Statements())
        except _UnsureError:
            pass
    return tokenised_lines.count_lines(text) or _counted(stripped, _Anything())


def _counted(lines: list[str], state: _Statements) -> Lines:
    for token in TOKENS.findall("\n".join([*lines, ""])):
        HANDLERS.get(token[0], _Statements.run)(state, token)
    if state.depth or state.tokens or state.continued:
        state.unsure()
    filled = sum(map(bool, lines))
    source = filled - state.single - state.multi
    return Lines(len(lines), source, state.logical, state.comments, state.multi, len(lines) - filled)


class _Statements:
    """The counts so far, and what is known of the statement at hand.

    `tokens` of it were seen; `string` is the string that stands at its beginning, `prefix` whether its prefix was
    just seen; `colon` and `after` tell whether there was a colon, and anything behind the last one; `part` whether
    anything stands behind the last semicolon.
    """

    __slots__ = ("after", "colon", "comments", "continued", "depth", "logical", "multi", "part", "prefix", "single",
                 "string", "tokens")  # fmt: skip

    def __init__(self) -> None:
        self.single = self.multi = self.logical = self.comments = self.depth = 0
        self.continued = False
        self.begin()

    def begin(self) -> None:
        self.tokens = 0
        self.string: str | None = None
        self.colon = self.after = self.part = self.prefix = False

    def unsure(self) -> None:
        raise _UnsureError

    def run(self, sign: str) -> None:
        if sign.isspace():
            return
        self.continued = False
        self.prefix = not self.tokens and sign.lower() in PREFIXES
        self.tokens += 1
        self.part = self.after = True

    def text(self, sign: str) -> None:
        if len(sign) == 1:
            self.unsure()  # a quote that does not close
        if self.prefix or not self.tokens:
            self.tokens, self.string = 0, sign
        self.continued = self.prefix = False
        self.tokens += 1
        self.part = self.after = True

    def odd(self, sign: str) -> None:
        if sign != "!=":
            self.unsure()  # no character of Python
        self.run(sign)

    def opening(self, sign: str) -> None:
        self.depth += 1
        self.run(sign)

    def closing(self, sign: str) -> None:
        self.depth -= 1
        if self.depth < 0:
            self.unsure()
        self.run(sign)

    def pair(self, sign: str) -> None:
        self.run(sign)
        if sign == ":":
            self.colon, self.after = True, False

    def semicolon(self, sign: str) -> None:
        if self.colon or self.depth:
            self.unsure()
        self.logical += self.part
        self.run(sign)
        self.part = False

    def comment(self, sign: str) -> None:
        if self.continued:
            self.unsure()
        self.comments += 1
        if self.tokens:
            self.tokens += 1
        else:
            self.single += 1

    def backslash(self, sign: str) -> None:
        if len(sign) == 1 or self.continued or not self.tokens:
            self.unsure()
        self.continued = True

    def newline(self, sign: str) -> None:
        if self.continued:
            self.unsure()
        if self.depth > 0:
            return
        if self.tokens == 1 and self.string is not None:
            lines = self.string.split("\n")
            self.single += len(lines) == 1
            self.multi += sum(map(bool, lines)) if len(lines) > 1 else 0
        self.logical += self.part + (self.colon and self.after)
        self.begin()


class _Anything(_Statements):
    """For texts that are no Python of today, where radon has no counts to be equal to."""

    __slots__ = ()

    def unsure(self) -> None:
        self.continued = False
        self.depth = max(self.depth, 0)


HANDLERS = {
    "#": _Statements.comment, "\n": _Statements.newline, "\\": _Statements.backslash,
    ";": _Statements.semicolon, ":": _Statements.pair,
    **dict.fromkeys("([{", _Statements.opening), **dict.fromkeys(")]}", _Statements.closing),
    **dict.fromkeys("\"'", _Statements.text), **dict.fromkeys("`$?!", _Statements.odd),
}  # fmt: skip
