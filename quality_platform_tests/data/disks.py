"""A small file system of a test's own, and filling it to the last byte.

Does not belong here: what happens to the platform when it is full.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

BLOCK = 4096
MEGABYTE = 1024 * 1024


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Path]:
    """A tmpfs of `size` bytes at `folder`; the test is skipped where none may be mounted."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount here")
    if mounted.returncode:
        pytest.skip(f"a tmpfs cannot be mounted here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(ballast: Path, *, leave: int = 0) -> None:
    """Write to `ballast` until `leave` bytes are free on its disk, to within a block."""
    with ballast.open("ab", buffering=0) as file:
        while (room := _free(ballast.parent) - leave) > 0:
            try:
                file.write(b"x" * min(max(room, BLOCK), MEGABYTE))
            except OSError:
                return


def _free(folder: Path) -> int:
    free = os.statvfs(folder)
    return free.f_bavail * free.f_frsize
