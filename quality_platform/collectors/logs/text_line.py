"""A record of text into an event: plain logs of servers and libraries, syslog, bare tracebacks.

Belongs here: level, logger and message of the line that heads the record. Does not belong here: which lines
the record has (`records.py`), stack traces (`python_traceback.py`, `foreign_stack.py`).

A record is an event if it holds a traceback, or a level of warning and above, or no level but an error word
(`levels.guess`). Its message is the log line's, and the exception's only where the line has none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from quality_platform.collectors.logs import levels, timestamps
from quality_platform.collectors.logs.event import LogEvent
from quality_platform.collectors.logs.foreign_stack import parse_stack, start_of_stack
from quality_platform.collectors.logs.frames import RaisedException
from quality_platform.collectors.logs.python_traceback import HEADER, LINKS, START, parse_traceback
from quality_platform.collectors.logs.records import TextRecord

_NAME = r"[A-Za-z_][\w.$/-]{0,200}"
_BEFORE = re.compile(rf"(?:^|[\s\[(|])({_NAME})[\s\-:.\])|\[(]*$")
_AFTER_LEVEL = re.compile(r"(?:/[\w-]{1,100}+)?[\s\]:|)>,-]*+")
_NUMBERS = re.compile(r"(?:\d{1,10}(?:#\d{1,10})?:? (?:--- )?|\[[^\]\n]{1,100}\] ?)*+")
# a name in capitals counts only with a dot: "AH00052: message" keeps its code, "com.shop.Cart - message" is a name
_LOGGER = re.compile(
    rf"(?!\w{{0,200}}(?:Error|Exception|Warning)\b)(?=[a-z_]|[\w$]{{1,100}}[./$])({_NAME})"
    r"(?::[\w<>]{1,200})?(?::\d{1,7})?(?:\s?: | - | \| )"
)
_BASIC = re.compile(r"([A-Z]{4,8}):([\w.-]{1,200}):")
_MSG_FIELD = re.compile(r"\b(?:msg|message)=(?:\"((?:[^\"\\]|\\.)*+)\"|(\S++))")


@dataclass(frozen=True, slots=True)
class _Headline:
    level: levels.Level | None
    logger: str | None
    message: str


def text_event(record: TextRecord) -> LogEvent | None:
    """The event; None when the record is none."""
    lines, exceptions = _split([record.first, *record.more])
    stamped = record.stamp if record.syslog is None else None
    head = _headline(lines[0] if lines else "", stamped)
    level = _level(record, head, exceptions)
    if level is None or (level not in levels.KEPT and not exceptions):
        return None
    return LogEvent(
        level=level,
        message="\n".join((head.message, *lines[1:])).strip(),
        exceptions=exceptions,
        logger=head.logger or (record.syslog.program if record.syslog else None),
        platform=_platform(record),
    )


def is_below(record: TextRecord) -> bool:
    """Whether the record is surely no event: a level that is too low, and not a line more."""
    if record.more or record.trace is not None:
        return False
    found = levels.find(record.first)
    return found is not None and found[0] not in levels.KEPT


def _split(lines: list[str]) -> tuple[list[str], tuple[RaisedException, ...]]:
    """The lines before the stack trace, and its exceptions."""
    for index, line in enumerate(lines):
        if HEADER in line or START.match(line):
            return _split_traceback(lines, index)
    start = start_of_stack(lines)
    if start is None:
        return lines, ()
    if start == 0:  # "2026-01-02 03:04:05 ERROR Error: message" heads the record and the stack
        return lines[:1], parse_stack([_headline(lines[0], timestamps.HEAD.match(lines[0])).message, *lines[1:]])
    return lines[:start], parse_stack(lines[start:])


def _split_traceback(lines: list[str], index: int) -> tuple[list[str], tuple[RaisedException, ...]]:
    link = next((place for place in range(index) if lines[place] in LINKS), None)
    if link is not None:  # the chain begins with an exception that was never raised, so has no header
        begin = 1 if timestamps.HEAD.match(lines[0]) else 0
        return lines[:begin], parse_traceback(lines[begin:])
    if START.match(lines[index]):
        return lines[:index], parse_traceback(lines[index:])
    before = lines[index].partition(HEADER)[0].rstrip()
    return [*lines[:index], before], parse_traceback([HEADER, *lines[index + 1 :]])


def _level(record: TextRecord, head: _Headline, exceptions: tuple[RaisedException, ...]) -> levels.Level | None:
    if head.level is not None:
        return head.level
    if record.syslog is not None and record.syslog.level is not None:
        return record.syslog.level
    return "error" if exceptions else levels.guess(head.message)


def _headline(line: str, stamp: re.Match[str] | None) -> _Headline:
    """Level, logger and message of a record's first line."""
    rest = line[stamp.end() :] if stamp else line
    basic = _BASIC.match(rest)
    if basic and (level := levels.of_name(basic[1])):  # the default of Python's logging.basicConfig
        return _Headline(level, basic[2], rest[basic.end() :])
    found = levels.find(rest)
    if found is None:
        return _Headline(None, None, rest.lstrip(" ]-:|"))
    level, start, end = found
    if field := _MSG_FIELD.search(rest):
        return _Headline(level, None, field[1] if field[1] is not None else field[2])
    return _after_level(level, rest[:start], rest[end:])


def _after_level(level: levels.Level, before: str, after: str) -> _Headline:
    message = after[_end(_AFTER_LEVEL, after) :]
    message = message[_end(_NUMBERS, message) :]
    source = _BEFORE.search(before[-250:])
    # in brackets it may be a thread or a process, so a name behind the level goes before
    if source is None or before.rstrip().endswith("]"):
        named = _LOGGER.match(message)
        if named:
            return _Headline(level, named[1], message[named.end() :])
    return _Headline(level, source[1].rstrip(".") if source else None, message)


def _end(pattern: re.Pattern[str], text: str) -> int:
    match = pattern.match(text)
    return match.end() if match else 0


def _platform(record: TextRecord) -> str | None:
    if record.trace is not None:
        return "python"
    return "syslog" if record.syslog is not None else None
