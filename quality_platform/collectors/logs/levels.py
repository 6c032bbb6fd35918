"""Severities of the usual loggers, brought to the five that the lake knows.

Belongs here: names and numbers of levels, and finding one in a line. Does not belong here: the rest of a line.
"""

from __future__ import annotations

import re
from typing import Literal

Level = Literal["fatal", "error", "warning", "info", "debug"]

KEPT: frozenset[Level] = frozenset(("fatal", "error", "warning"))
"""Levels that make a line an event. The rest is counted."""

_WORDS: dict[Level, str] = {
    "fatal": "fatal critical crit emergency emerg alert panic",
    "error": "error err severe failure",
    "warning": "warning warn",
    "info": "information info notice success log",
    "debug": "debug trace verbose fine finer finest",
}
BY_NAME: dict[str, Level] = {word: level for level, words in _WORDS.items() for word in words.split()}

_SYSLOG: tuple[Level, ...] = ("fatal", "fatal", "fatal", "error", "warning", "info", "info", "debug")
"""RFC 5424, table 2: severities 0–7."""

_NAMES = "|".join(sorted((name for name in BY_NAME if name != "log"), key=len, reverse=True))
_IN_LINE = re.compile(
    # capitals anywhere; small letters only where nothing but a level stands: [error], level=error, <warn>
    rf"(?<!\w)(?:(?P<capitals>{_NAMES.upper()}|LOG(?=:))(?![\w=])"
    rf"|(?:(?<=[\[<|(])[ ]?(?:\w{{1,30}}+:)?|\b(?:level|lvl|severity)=\"?)(?P<framed>(?i:{_NAMES}))(?=[\]>|)\s\",]|$))"
)
_ERROR_WORDS = ("error", "exception", "fail", "fatal", "critical", "panic", "segfault", "segmentation fault")
_WORD = re.compile(
    # not in a path or a URL: "GET /javascript-error.html"
    r"(?<![\w/%+-])(?<!\b[nN]o )(?<!\b0 )(?:(?P<fatal>(?i:fatal|critical|panic|segfault|segmentation fault))"
    r"|(?P<error>(?i:error|exception|failed|failure)|[A-Z]\w{1,60}?(?:Error|Exception)))(?![-/]|\.\w|\w)"
    r"(?!\s?[=:]\s?(?i:0|none|null|false)\b)"
)
HEAD = 160
"""Characters of a line in which its level is looked for."""


def of_name(name: str) -> Level | None:
    """The level called `name`, in any case; None when unknown."""
    return BY_NAME.get(name.strip().lower())


def of_syslog(severity: int) -> Level:
    """The level of a syslog severity or priority; the facility is ignored."""
    return _SYSLOG[severity & 7]


def of_number(number: float) -> Level:
    """Up to 7 a syslog severity (GELF, journald), above a number of bunyan and pino: 60 fatal, 50 error, 40 warning."""
    if number <= 7:
        return of_syslog(int(max(0, number)))
    for least, level in ((60, "fatal"), (50, "error"), (40, "warning"), (30, "info")):
        if number >= least:
            return BY_NAME[level]
    return "debug"


def of_python_number(number: float) -> Level:
    """A number of Python's logging: 50 fatal, 40 error, 30 warning, 20 info."""
    return of_number(number + 10) if number >= 10 else "debug"


def find(line: str) -> tuple[Level, int, int] | None:
    """The first level in the head of `line`, and where its word stands."""
    match = _IN_LINE.search(line, 0, HEAD)
    if match is None:
        return None
    group = match.lastgroup or "capitals"
    return BY_NAME[match[group].lower()], match.start(group), match.end(group)


def guess(line: str) -> Level | None:
    """The level that an error word gives a line without one: error, exception, failed, fatal, panic … but not
    "no error", "0 failed" or "error: none". None when there is no such word."""
    head = line[:4096]
    lowered = head.lower()
    if not any(word in lowered for word in _ERROR_WORDS):
        return None
    match = _WORD.search(head)
    if match is None:
        return None
    return "fatal" if match["fatal"] else "error"
