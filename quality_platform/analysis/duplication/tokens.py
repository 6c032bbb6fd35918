"""The tokens of a text in any language with a C-like or Python-like surface, as numbers.

White space and comments are left out, so that a copy that was only formatted is a copy. Each token has two numbers:
one for what it is, and one for its kind, where all names are one, all numbers and all texts; words of the language
stay themselves. Does not belong here: finding copies (`clones.py`).
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]

COMMENTS = {"python": r"\#[^\n]*+"}
OTHER_COMMENTS = r"//[^\n]*+|/\*(?:[^*]++|\*(?!/))*+\*/"
TOKENS = (
    r"\s++"
    r"|{comment}"
    r"|[rRbBuUfF]{{0,3}}"
    r"(?:\"\"\"(?:[^\"\\]++|\\.|\"(?!\"\"))*+\"\"\"|'''(?:[^'\\]++|\\.|'(?!''))*+'''"
    r"|\"(?:[^\"\\\n]++|\\.)*+\"|'(?:[^'\\\n]++|\\.)*+'|`(?:[^`\\]++|\\.)*+`)"
    r"|\w++"
    r"|."
)
WORDS = {"python": frozenset(keyword.kwlist) | {"self", "cls"}}
OTHER_WORDS = frozenset((
    "if", "else", "for", "while", "do", "return", "break", "continue", "switch", "case", "default", "try", "catch",
    "finally", "throw", "new", "class", "function", "var", "let", "const", "this", "typeof", "void", "public",
    "private", "protected", "static", "final", "interface", "enum", "extends", "implements", "package", "import",
    "export", "from", "func", "type", "struct", "range", "go", "defer", "map", "chan", "fn", "mut", "impl", "pub",
    "use", "mod", "match", "loop", "self", "super", "null", "nil", "true", "false", "await", "async", "yield",
    "in", "of", "is", "not",
))  # fmt: skip
NAME, NUMBER, TEXT, IGNORED = range(4)
"""Numbers of the kinds; those of words and signs follow."""


@cache
def pattern(language: str) -> re.Pattern[str]:
    """What cuts a text of `language` into tokens, white space and comments."""
    return re.compile(TOKENS.format(comment=COMMENTS.get(language, OTHER_COMMENTS)), re.DOTALL)


@dataclass(slots=True)
class Vocabulary:
    """Numbers of the tokens of one language, the same for all files that are compared, and what is known of each."""

    language: str
    numbers: dict[str, int] = field(default_factory=dict)
    kinds: list[int] = field(default_factory=list)
    breaks: list[int] = field(default_factory=list)

    def number(self, token: str) -> int:
        """The number of a token, a new one when it has none yet."""
        number = self.numbers.setdefault(token, len(self.kinds))
        if number == len(self.kinds):
            self.kinds.append(self._kind(token, number))
            self.breaks.append(token.count("\n"))
        return number

    def _kind(self, token: str, number: int) -> int:
        if token.isspace() or token.startswith(("#", "//", "/*") if self.language != "python" else "#"):
            return IGNORED
        if token[-1] in "\"'`" and len(token) > 1:
            return TEXT
        if token[0].isdigit():
            return NUMBER
        is_name = token[0] == "_" or token[0].isalpha()
        return NAME if is_name and token not in WORDS.get(self.language, OTHER_WORDS) else number + len(range(4))


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a file: what each is, of which kind, and its first and last line, from 1."""

    exact: Numbers
    kinds: Numbers
    lines: Numbers
    last_lines: Numbers


def tokens_of(texts: Sequence[str], language: str) -> list[Tokens]:
    """The tokens of each text, numbered alike; columns of one length."""
    vocabulary = Vocabulary(language)
    known, number = vocabulary.numbers.get, vocabulary.number
    found = [
        np.array(
            [number(token) if (place := known(token)) is None else place for token in pattern(language).findall(text)],
            dtype=np.int64,
        )
        for text in texts
    ]
    # made once: the vocabulary of a thousand files has some hundred thousand words
    kinds, breaks = (np.array(column, dtype=np.int64) for column in (vocabulary.kinds, vocabulary.breaks))
    return [_placed(exact, kinds[exact], breaks[exact]) for exact in found]


def _placed(exact: Numbers, kinds: Numbers, breaks: Numbers) -> Tokens:
    last_lines = 1 + np.cumsum(breaks)
    kept = kinds != IGNORED
    return Tokens(exact[kept], kinds[kept], (last_lines - breaks)[kept], last_lines[kept])
