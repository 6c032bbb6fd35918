"""Syslog lines: RFC 5424, RFC 3164, and both as they stand in files, without priority.

Belongs here: what a syslog header says. Does not belong here: the message behind it (`text_line.py`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from quality_platform.collectors.logs import levels, timestamps

_PRIORITY = re.compile(r"<(\d{1,3})>(?:1 )?")
_OWNER = re.compile(r" (?P<host>[^\s:\[\]]{1,255}+) (?P<program>[^\s:\[\]]{1,128}+)(?:\[(?P<pid>[^\]\s]{1,64})\])?: ?")
_HOST = re.compile(r" (?P<host>[^\s:\[\]]{1,255}+) ")
_STRUCTURED = re.compile(
    r" (?P<host>\S{1,255}) (?P<program>\S{1,128}) (?P<pid>\S{1,128}) \S{1,32}"
    r" (?:-|(?:\[(?:[^\]\\]|\\.)*+\])++) ?(?:\ufeff)?"
)


@dataclass(frozen=True, slots=True)
class SyslogLine:
    """`tag` is the same for lines of the same program and process; `stamp` is None where the time is "-"."""

    stamp: re.Match[str] | None
    level: levels.Level | None
    program: str | None
    tag: str
    text: str


def parse_syslog(line: str, *, certain: bool) -> SyslogLine | None:
    """The header's parts and the message; None when the line is no syslog.

    `certain`: the file is known to be syslog, so a header without a program is accepted too.
    """
    priority = _PRIORITY.match(line)
    start = priority.end() if priority else 0
    structured = bool(priority) and line[start - 2 : start] == "1 "
    stamp = timestamps.HEAD.match(line, start)
    if stamp is not None and stamp.start(str(stamp.lastgroup)) != start:
        return None
    if stamp is None and not (structured and line[start : start + 2] == "- "):
        return None
    owner = _owner(line, stamp.end() if stamp else start + 1, structured=structured, certain=certain)
    if owner is None:
        return None
    level = levels.of_syslog(int(priority[1])) if priority else None
    program = owner.groupdict().get("program")
    return SyslogLine(stamp, level, None if program == "-" else program, owner[0], line[owner.end() :])


def _owner(line: str, start: int, *, structured: bool, certain: bool) -> re.Match[str] | None:
    if structured:
        return _STRUCTURED.match(line, start)
    owner = _OWNER.match(line, start)
    if owner is None:
        return _HOST.match(line, start) if certain else None
    # "2026-01-02 03:04:05 ERROR shop.cart: message" only looks like host and program
    return None if not certain and levels.of_name(owner["host"].strip("[]()-|")) else owner
