"""Reads git objects by their hash, many to a call and never more than a bounded number of bytes at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from quality_platform.collectors.repository.git import Clone, GitError

CALL_OBJECTS = 20_000
CALL_BYTES = 32 * 1024 * 1024
"""Content of one call, which is held in memory as a whole."""


def sizes(clone: Clone, oids: Sequence[str]) -> dict[str, int]:
    """Bytes of each object. Raises GitError when one is missing, which a whole clone rules out."""
    found: dict[str, int] = {}
    for start in range(0, len(oids), CALL_OBJECTS):
        part = oids[start : start + CALL_OBJECTS]
        output = clone.run("cat-file", "--batch-check=%(objectname) %(objectsize)", feed=_lines(part))
        for line in output.decode("ascii").splitlines():
            oid, size = line.split(" ", 1)
            if not size.isdigit():
                raise GitError("cat-file", f"object {oid} is {size}")
            found[oid] = int(size)
    return found


def contents(clone: Clone, sized: Iterable[tuple[str, int]]) -> Iterator[tuple[str, bytes]]:
    """Content of objects whose sizes are known, in their order. Raises GitError."""
    part: list[str] = []
    total = 0
    for oid, size in sized:
        if part and (total + size > CALL_BYTES or len(part) == CALL_OBJECTS):
            yield from _batch(clone, part)
            part, total = [], 0
        part.append(oid)
        total += size
    if part:
        yield from _batch(clone, part)


def _batch(clone: Clone, oids: list[str]) -> Iterator[tuple[str, bytes]]:
    output = memoryview(clone.run("cat-file", "--batch", feed=_lines(oids)))
    position = 0
    for oid in oids:
        end = position + bytes(output[position : position + 200]).index(b"\n")
        header = bytes(output[position:end]).split(b" ")
        if len(header) != 3:
            raise GitError("cat-file", f"object {oid} is missing")
        size = int(header[2])
        yield oid, bytes(output[end + 1 : end + 1 + size])
        position = end + size + 2


def _lines(oids: Sequence[str]) -> bytes:
    return "".join(f"{oid}\n" for oid in oids).encode("ascii")
