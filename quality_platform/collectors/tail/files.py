"""Opening a file that somebody else named and writes: only regular files, and never waiting.

Belongs here: what the operating system says about one file. Does not belong here: lines (`lines.py`) or the
choice of the file to read (`following.py`).
"""

from __future__ import annotations

import hashlib
import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from quality_platform.errors import SourceError

EDGE = 1024
"""Bytes at the beginning and before the place of reading that tell whether it is still the same content."""


class UnreadableFileError(SourceError):
    """A file cannot or must not be read. The message says why, the hint what would help."""


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A regular file, open for reading. `size` and `modified` (seconds since 1970) are those of the opening.

    `path` is the name that was asked for, `real_path` the one behind links.
    """

    path: str
    real_path: str
    stream: io.FileIO
    inode: int
    device: int
    size: int
    modified: float

    def read(self, offset: int, length: int) -> bytes:
        """Up to `length` bytes from `offset`; fewer only where the file ends."""
        self.stream.seek(offset)
        parts: list[bytes] = []
        while length > 0 and (part := self.stream.read(length)):
            parts.append(part)
            length -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def fingerprint(self, offset: int) -> str:
        """Digest of the first and the last KiB before `offset`: equal while the file has only grown."""
        head = self.read(0, min(EDGE, offset))
        before = self.read(max(0, offset - EDGE), min(EDGE, offset))
        return hashlib.sha256(head + b"\0" + before).hexdigest()[:32]


@contextmanager
def opened(path: str) -> Iterator[OpenFile]:
    """The file at `path`. Raises UnreadableFileError; FileNotFoundError when there is nothing at all."""
    # without O_NONBLOCK a pipe that nobody writes would hold the whole run
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UnreadableFileError(
            f"{path} cannot be read: {error.strerror}.", hint="Give the platform's user the right to read it."
        ) from error
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise UnreadableFileError(
            f"{path} is no regular file.", hint="Name a file; pipes, devices and folders are not read."
        )
    with io.FileIO(descriptor, "rb") as stream:
        real_path = os.path.realpath(path)
        yield OpenFile(path, real_path, stream, status.st_ino, status.st_dev, status.st_size, status.st_mtime)


def require_text(file: OpenFile) -> None:
    """Raises UnreadableFileError when the first KiB looks binary: zero bytes in the middle of a line.

    Around a line they pass: a writer leaves them after a truncation, a file system after a crash.
    """
    if any(b"\0" in line.strip(b"\0") for line in file.read(0, EDGE).split(b"\n")):
        raise UnreadableFileError(f"{file.path} is no text in UTF-8.", hint="Convert it, or leave it out of the paths.")
