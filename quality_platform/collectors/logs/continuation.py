"""Which lines belong together: the state machine that follows a traceback through a log.

Belongs here: whether a line continues the traceback before it. Does not belong here: heads of log lines
(`records.py`) or what the traceback says (`python_traceback.py`).
"""

from __future__ import annotations

from quality_platform.collectors.logs.python_traceback import GROUP_HEADER, LINKS, START


class TracebackState:
    """Follows one traceback from its first line on. Feed every line; ask `accepts` before."""

    def __init__(self, first: str) -> None:
        self._in_frames = True
        self._in_group = GROUP_HEADER in first
        self._linked = False
        self._after_blank = False

    def wants_exception_line(self, line: str) -> bool:
        """Whether `line` is where the exception's type must stand, whatever it looks like otherwise."""
        return self._in_frames and not self._in_group and not self._after_blank and _at_margin(line)

    def accepts(self, line: str, *, alone: bool = False) -> bool:
        """Whether `line`, which is not blank and has no log line's head, continues the traceback.

        `alone`: every line of the log comes with a header of its own, so what follows the exception's line is
        the next entry and not more of its message.
        """
        if line in LINKS or not _at_margin(line) or self._linked:
            return True
        if START.match(line) or alone:
            return False
        return not self._after_blank and not self._in_group

    def feed(self, line: str) -> None:
        """Takes a line that belongs to the traceback, blank lines included."""
        if not line or line.isspace():
            self._after_blank = True
            return
        if line in LINKS:
            self._linked = True
        elif START.match(line) and (self._linked or _at_margin(line)):
            self._in_frames, self._linked = True, False
            self._in_group = GROUP_HEADER in line
        elif _at_margin(line):
            self._in_frames = self._linked = self._in_group = False
        self._after_blank = False


def _at_margin(line: str) -> bool:
    return line[:1] not in (" ", "\t")
