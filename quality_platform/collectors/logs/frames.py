"""Stack frames and exceptions: their shape, and what a file's path says about a frame.

Belongs here: types and the rule for "in the application". Does not belong here: any syntax of a traceback
(`python_traceback.py`, `foreign_stack.py`, `json_exceptions.py`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_FRAMES = 200
MAX_EXCEPTIONS = 50
MAX_LINE = 10**9

_PACKAGE = re.compile(r".*/(?:site|dist)-packages/(.*)")
_LIBRARY = re.compile(r".*/(?:lib(?:64)?/(?:python|pypy)\d[\d.]*|python\d[\d.]*/lib)/(.*)", re.IGNORECASE)
_FROZEN = re.compile(r"<frozen (?P<module>[\w.]+)>")
_SOURCE_ROOT = "/src/"


@dataclass(frozen=True, slots=True)
class Frame:
    """One call. `in_app` is False for installed packages, the standard library and frozen modules."""

    module: str | None
    function: str | None
    file: str | None
    line: int | None
    in_app: bool

    def as_dict(self) -> dict[str, object]:
        """The frame as it is stored."""
        return {
            "module": self.module,
            "function": self.function,
            "file": self.file,
            "line": self.line,
            "in_app": self.in_app,
        }

    @property
    def name(self) -> str:
        """module.function, as far as they are known."""
        return ".".join(part for part in (self.module, self.function) if part)


@dataclass(frozen=True, slots=True)
class RaisedException:
    """One exception of a chain, frames from the outermost call to where it was raised."""

    type: str | None
    message: str
    frames: tuple[Frame, ...]


def python_frame(file: str, line: int | None, function: str | None) -> Frame:
    """A frame of Python, its module derived from its path."""
    module, in_app = _module(file.replace("\\", "/"))
    known = line if line is not None and 0 < line < MAX_LINE else None
    return Frame(module, function[:500] if function else None, file[:1000], known, in_app)


def _module(path: str) -> tuple[str, bool]:
    frozen = _FROZEN.fullmatch(path)
    if frozen:
        return frozen["module"], False
    if path.startswith("<"):  # <string>, <stdin>, <ipython-input-1>
        return path[:200], True
    installed = _PACKAGE.match(path) or _LIBRARY.match(path)
    if installed:
        return _dotted(installed[1]), False
    if _SOURCE_ROOT in path:
        return _dotted(path.rpartition(_SOURCE_ROOT)[2]), True
    # where a project begins cannot be seen from a path and differs between machines; the last two parts do not
    return _dotted("/".join(path.split("/")[-2:])), True


def _dotted(path: str) -> str:
    parts = [part for part in path.split("/") if part not in ("", ".", "..")]
    if parts:
        parts[-1] = re.sub(r"\.\w{1,5}$", "", parts[-1])
    if len(parts) > 1 and parts[-1] == "__init__":
        parts.pop()
    return ".".join(parts)[:500]


def shortened(frames: list[Frame]) -> tuple[Frame, ...]:
    """At most 200 frames: the outermost 50 and the innermost 150 of a longer stack."""
    if len(frames) <= MAX_FRAMES:
        return tuple(frames)
    return (*frames[:50], *frames[-(MAX_FRAMES - 50) :])


def shortened_chain(chain: tuple[RaisedException, ...]) -> tuple[RaisedException, ...]:
    """At most 50 exceptions: the 25 nearest the root and the 25 nearest the one raised last."""
    half = MAX_EXCEPTIONS // 2
    return chain if len(chain) <= MAX_EXCEPTIONS else (*chain[:half], *chain[-half:])
