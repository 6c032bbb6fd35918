"""Python's tracebacks as text: plain, chained, of exception groups, of syntax errors.

Belongs here: from the lines of one traceback to its exceptions. Does not belong here: where a traceback ends
in a log (`continuation.py`), or what the frames mean (`frames.py`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from quality_platform.collectors.logs.frames import Frame, RaisedException, python_frame, shortened

HEADER = "Traceback (most recent call last):"
GROUP_HEADER = "Exception Group Traceback (most recent call last):"
LINKS = (
    "During handling of the above exception, another exception occurred:",
    "The above exception was the direct cause of the following exception:",
)
START = re.compile(rf"{re.escape(HEADER)}|  \+ {re.escape(GROUP_HEADER)}|  File \"[^\"]{{1,4096}}\", line \d")
"""The first line of a traceback; Python prints no header for the syntax error of a main program."""

MAX_DEPTH = 40
"""Groups inside groups that are followed; Python itself prints ten."""

# loguru marks the frame that caught the exception with "> "
_FRAME = re.compile(r"\s*(?:> )?File \"([^\"]{1,4096})\", line (\d{1,9})(?:, in (.{1,500}))?")
_TYPE = re.compile(r"([^\W\d](?:[\w.]|<locals>)*+)(?:(?:: ?|\n)(.*))?$", re.DOTALL)
_GROUP_START = re.compile(r"  (?:\+ Exception Group Traceback \(most recent call last\):$|\| )")
_LEFT_OUT = re.compile(r"and \d+ more exceptions?|\.\.\. \(max_group_depth is \d+\)")
_MEMBER = re.compile(r"( *)(\+-)?\+-{3,} (?:\d+|\.\.\.) -{3,}$")
_GROUP_END = re.compile(r"( *)\+-+$")
_MARGIN = re.compile(r"( *)\|(?: (.*)|$)")


@dataclass(slots=True)
class _Node:
    """The lines inside one margin of a group, with the margins inside it at their places. The text itself is a
    node at indent -1."""

    indent: int
    items: list[str | _Node] = field(default_factory=list)


def parse_traceback(lines: list[str]) -> tuple[RaisedException, ...]:
    """The exceptions, root cause first, the one that was raised last. Members of a group stand before the group.

    `lines` begin with a traceback's first line or with the exception that a link refers to.
    """
    return tuple(_chain(_tree(lines)))


def start_of_traceback(lines: list[str]) -> int | None:
    """Index of a traceback's first line; None when there is none."""
    return next((index for index, line in enumerate(lines) if START.match(line)), None)


def _tree(lines: list[str]) -> _Node:
    root = _Node(-1)
    path = [root]
    for line in lines:
        if len(path) == 1 and _GROUP_START.match(line):
            path.append(_child(root, 2))
        if len(path) == 1:
            root.items.append(line)
        else:
            _place(line, path)
    return root


def _place(line: str, path: list[_Node]) -> None:
    """Puts one line of a group where its margin says."""
    if _GROUP_START.fullmatch(line):
        return
    if member := _MEMBER.match(line):
        indent = len(member[1]) + (2 if member[2] else 0)
        _leave(path, indent)
        if len(path) < MAX_DEPTH:
            path.append(_child(path[-1], indent))
    elif end := _GROUP_END.match(line):
        _leave(path, len(end[1]))
        if len(path) == 2:  # the outermost group has ended with its last member
            path.pop()
    elif margin := _MARGIN.match(line):
        _leave(path, len(margin[1]) + 1)
        path[-1].items.append(margin[2] or "")
    else:
        del path[1:]
        path[0].items.append(line)


def _child(parent: _Node, indent: int) -> _Node:
    node = _Node(indent)
    parent.items.append(node)
    return node


def _leave(path: list[_Node], indent: int) -> None:
    """Leaves the nodes at `indent` and deeper, but never the outermost group."""
    while len(path) > 2 and path[-1].indent >= indent:
        path.pop()


def _chain(node: _Node) -> list[RaisedException]:
    """The exceptions of a node: its segments between the links, each after its members."""
    chain: list[RaisedException] = []
    for segment in _segments(node):
        text = [item for item in segment if isinstance(item, str)]
        for item in segment:
            if isinstance(item, _Node):
                chain += _chain(item)
        if any(line.strip() and not _LEFT_OUT.fullmatch(line) for line in text):
            chain.append(_exception(text))
    return chain


def _segments(node: _Node) -> list[list[str | _Node]]:
    segments: list[list[str | _Node]] = [[]]
    for item in node.items:
        if isinstance(item, str) and item.strip() in LINKS:
            segments.append([])
        else:
            segments[-1].append(item)
    return segments


def _exception(lines: list[str]) -> RaisedException:
    """One exception from the lines between two links, margins removed."""
    frames: list[Frame] = []
    for index, line in enumerate(lines):
        found = _FRAME.match(line)
        if found:
            frames.append(python_frame(found[1], int(found[2]), found[3]))
        elif line[:1] not in ("", " ", "\t") and line not in (HEADER, GROUP_HEADER):
            return _named("\n".join(lines[index:]).rstrip(), frames)
    return RaisedException(None, "", shortened(frames))  # cut off before its last line


def _named(text: str, frames: list[Frame]) -> RaisedException:
    """`text` is "Type: message", the message of several lines or absent."""
    match = _TYPE.match(text)
    if match is None:
        return RaisedException(None, text, shortened(frames))
    return RaisedException(match[1][:500], match[2] or "", shortened(frames))
